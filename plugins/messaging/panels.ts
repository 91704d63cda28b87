import type { PanelRegistrar } from 'musclemap';

/** What waits for a moderator, with what it shows, and how much of it there is. */
export function registerPanels(panels: PanelRegistrar): void {
  panels.add({
    id: 'attachments',
    kind: 'table',
    title: 'Attachments',
    description: 'Pictures and files of messages that nothing could decide on, and those that were rejected by themselves. Nobody sees them before they are approved.',
    page: 'moderation',
    route: 'GET /admin/moderation',
    filters: ['status'],
    columns: [
      { field: 'picture', label: 'Picture', type: 'image' },
      { field: 'createdAt', label: 'When', type: 'datetime' },
      { field: 'sender', label: 'By', type: 'user' },
      { field: 'fileName', label: 'Name' },
      { field: 'fileType', label: 'What', words: { 'image/webp': 'Picture', 'image/png': 'Picture', 'image/jpeg': 'Picture', 'image/gif': 'Moving picture', 'application/pdf': 'PDF', 'text/plain': 'Text' } },
      { field: 'result', label: 'Found' },
      { field: 'status', label: 'Status', type: 'state', tones: { pending: 'attention', rejected: 'bad' }, words: { pending: 'Waits for you' } },
    ],
    rowActions: [
      { id: 'approve', label: 'Let through', route: 'POST /admin/moderation/:id', body: { decision: 'approved' }, inputs: [], when: { field: 'isGone', is: [false] } },
      {
        id: 'reject',
        label: 'Reject',
        route: 'POST /admin/moderation/:id',
        body: { decision: 'rejected' },
        inputs: [{ name: 'note', label: 'Why', multiline: true }],
        confirm: 'The file is deleted for good.',
        tone: 'danger',
        when: { field: 'isGone', is: [false] },
      },
    ],
  });
  panels.add({
    id: 'waiting',
    kind: 'figure',
    title: 'Pictures and files',
    page: 'home',
    group: 'Community',
    opens: 'moderation',
    route: 'GET /admin/moderation/summary',
    figures: [
      { field: 'waiting', label: 'Wait for a moderator', type: 'number' },
      { field: 'oldestAt', label: 'The first came', type: 'datetime' },
    ],
  });
}
