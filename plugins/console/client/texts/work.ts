import { formatNumber } from '../ui/format.ts';

export const moderation = {
  title: 'Moderation',
  intro: 'What members reported, and what a person has to look at.',
  noPanels: 'No plugin that is on has anything to moderate.',
};

export const jobs = {
  title: 'Background work',
  intro: 'Events and jobs run behind the scenes and are tried again when they fail. What keeps failing waits here.',
  refresh: 'Look again',
  states: 'By plugin',
  quiet: 'Nothing waits and nothing failed.',
  plugin: 'Plugin',
  waiting: 'Waiting',
  running: 'Running',
  failed: 'Failed',
  since: 'Overdue since',
  letters: 'What kept failing',
  noLetters: 'Nothing has failed for good.',
  when: 'When',
  what: 'What',
  kinds: { event: 'event', job: 'job' },
  error: 'Error',
  attempts: (count: number) => (count === 1 ? 'Tried once' : `Tried ${formatNumber(count)} times`),
  replay: 'Try again',
  replayAll: 'Try all again',
  replayed: 'Queued again.',
  remove: 'Delete',
  removeText: (kind: string, plugin: string) => `This ${kind} of ${plugin} will never be done.`,
  removed: 'Deleted.',
};
