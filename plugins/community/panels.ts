import type { PanelInput, PanelRegistrar } from 'musclemap';

const COMPETITION: readonly PanelInput[] = [
  { name: 'name', label: 'Name' },
  { name: 'description', label: 'Description', multiline: true },
  { name: 'type', label: 'Who wins', help: 'Who has the most Training Units, the longest streak, the most workouts, or of what the rules name' },
  { name: 'startDate', label: 'Begins' },
  { name: 'endDate', label: 'Ends' },
  { name: 'entryFee', label: 'Entry fee in credits', help: 'Goes into the prize pool' },
  { name: 'maxParticipants', label: 'Places' },
  { name: 'isPublic', label: 'Open to everybody' },
  { name: 'rules', label: 'Rules' },
];

const STAGES = { draft: 'Not begun', active: 'Running', completed: 'Over', canceled: 'Called off' };
const WINS = { total_tu: 'Most Training Units', streak: 'Longest streak', workouts: 'Most workouts', custom: 'What the rules count' };
const REPORTED = { user: 'A member', activity: 'An activity', group: 'A group', competition: 'A competition' };

/** The community for who runs it, and for each member who sees what of them. */
export function registerPanels(panels: PanelRegistrar): void {
  registerOverview(panels);
  registerCompetitions(panels);
  registerReports(panels);
  panels.add({
    id: 'privacy',
    kind: 'form',
    title: 'Who sees me',
    page: 'me',
    route: 'PATCH /community/settings',
    reads: 'GET /community/settings',
    label: 'Save',
    inputs: [
      { name: 'feedScope', label: 'My activities', choices: { route: 'GET /community/settings/scopes', value: 'scope', label: 'summary' } },
      { name: 'showPresence', label: 'Count me among those who are here' },
    ],
  });
}

function registerOverview(panels: PanelRegistrar): void {
  panels.add({
    id: 'now',
    kind: 'figure',
    title: 'Now',
    page: 'home',
    group: 'Community',
    opens: 'plugin',
    route: 'GET /community/stats',
    figures: [
      { field: 'present', label: 'Here now', type: 'number' },
      { field: 'activitiesToday', label: 'Activities today', type: 'number' },
      { field: 'groups', label: 'Groups', type: 'number' },
      { field: 'activeCompetitions', label: 'Running competitions', type: 'number' },
    ],
  });
  panels.add({
    id: 'open-reports',
    kind: 'figure',
    title: 'Reports',
    page: 'home',
    group: 'Community',
    opens: 'moderation',
    route: 'GET /admin/reports/summary',
    figures: [
      { field: 'open', label: 'Open reports', type: 'number' },
      { field: 'oldestAt', label: 'The first came', type: 'datetime' },
    ],
  });
  panels.add({
    id: 'running',
    kind: 'table',
    title: 'Running competitions',
    page: 'home',
    group: 'Community',
    opens: 'plugin',
    route: 'GET /competitions',
    query: { status: 'active' },
    columns: [
      { field: 'name', label: 'Competition' },
      { field: 'endDate', label: 'Ends', type: 'datetime' },
      { field: 'participantCount', label: 'Entries', type: 'number' },
      { field: 'prizePool', label: 'Prizes held', type: 'credits' },
    ],
  });
}

function registerReports(panels: PanelRegistrar): void {
  panels.add({
    id: 'reports',
    kind: 'table',
    title: 'Reports',
    page: 'moderation',
    route: 'GET /admin/reports',
    filters: ['status'],
    columns: [
      { field: 'createdAt', label: 'When', type: 'datetime' },
      { field: 'objectType', label: 'What', words: REPORTED },
      { field: 'subject', label: 'About', type: 'user' },
      { field: 'objectName', label: 'Which' },
      { field: 'reason', label: 'Reason', type: 'state', tones: { spam: 'attention', harassment: 'bad', hate: 'bad', nudity: 'bad' }, words: { impersonation: 'Pretends to be somebody else', other: 'Something else' } },
      { field: 'details', label: 'Details' },
      { field: 'reporter', label: 'By', type: 'user' },
      { field: 'status', label: 'Status', type: 'state', tones: { open: 'attention', acted: 'good' }, words: { acted: 'Dealt with' } },
    ],
    rowActions: [
      {
        id: 'act',
        label: 'Dealt with',
        route: 'POST /admin/reports/:id',
        body: { decision: 'acted' },
        inputs: [{ name: 'note', label: 'What was done', multiline: true }],
        when: { field: 'status', is: ['open'] },
      },
      {
        id: 'dismiss',
        label: 'Dismiss',
        route: 'POST /admin/reports/:id',
        body: { decision: 'dismissed' },
        inputs: [{ name: 'note', label: 'Why', multiline: true }],
        when: { field: 'status', is: ['open'] },
      },
    ],
  });
}

function registerCompetitions(panels: PanelRegistrar): void {
  panels.add({
    id: 'competitions',
    kind: 'table',
    title: 'Competitions',
    route: 'GET /competitions',
    filters: ['status'],
    columns: [
      { field: 'name', label: 'Competition' },
      { field: 'status', label: 'Status', type: 'state', tones: { active: 'good', draft: 'attention', canceled: 'bad' }, words: STAGES },
      { field: 'type', label: 'Who wins', words: WINS },
      { field: 'startDate', label: 'Begins', type: 'datetime' },
      { field: 'endDate', label: 'Ends', type: 'datetime' },
      { field: 'participantCount', label: 'Entries', type: 'number' },
      { field: 'entryFee', label: 'Fee', type: 'credits' },
      { field: 'prizePool', label: 'Pool', type: 'credits' },
    ],
    actions: [{ id: 'add', label: 'New competition', route: 'POST /competitions', inputs: COMPETITION }],
    rowActions: [
      {
        id: 'start',
        label: 'Start now',
        route: 'POST /competitions/:id/start',
        confirm: 'Start it now instead of at its date?',
        when: { field: 'status', is: ['draft'] },
      },
      {
        id: 'edit',
        label: 'Edit',
        route: 'PATCH /competitions/:id',
        inputs: COMPETITION.filter(({ name }) => name !== 'rules'),
        when: { field: 'status', is: ['draft'] },
      },
      {
        id: 'cancel',
        label: 'Cancel',
        route: 'POST /competitions/:id/cancel',
        tone: 'danger',
        confirm: 'Call it off and give every fee back?',
        when: { field: 'status', is: ['draft', 'active'] },
      },
    ],
  });
}
