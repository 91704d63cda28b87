import { createHash } from 'node:crypto';
import type { Answer, RestClient } from './client.ts';
import type { Gym } from './gym.ts';

export type PersonName = keyof Gym['people'];

/** What a server is asked before and after an upgrade, and what it said before. */
export interface Question {
  as: PersonName;
  path: string;
  /** `data` of the answer; of a file its length and SHA-256. */
  data: Answer['body'];
}

const OF_EVERYBODY = [
  '/api/users/me',
  '/api/credits/balance',
  '/api/credits/history?limit=100',
  '/api/billing/purchases',
  '/api/workouts?limit=100',
  '/api/exercises/mine',
  '/api/workouts/records',
  '/api/milestones',
  '/api/users/me/privacy',
];

/** What is a member's own of an answer: the words of a catalogue may change. */
function condense(path: string, data: Answer['body']): Answer['body'] {
  if (Buffer.isBuffer(data)) return { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
  if (path !== '/api/milestones') return data;
  interface Milestone { id: string; progress: number; completedAt: string | null; rewardClaimed: boolean }
  return (data as Milestone[])
    .filter(({ progress }) => progress > 0)
    .map(({ id, progress, completedAt, rewardClaimed }) => ({ id, progress, completedAt, rewardClaimed }))
    .sort((a, b) => a.id.localeCompare(b.id));
}

/** Whatever no passing of time changes. */
export async function askAll(client: RestClient, { people, ids }: Pick<Gym, 'people' | 'ids'>): Promise<Question[]> {
  const { conversation, group, competition, attachment, workout, exercise, prescription } = ids;
  const wanted: [PersonName, string][] = [
    ...(['owner', 'moderator', 'lifter', 'runner', 'guarded'] as const).flatMap((as) => OF_EVERYBODY.map((path): [PersonName, string] => [as, path])),
    ...[`/api/conversations/${conversation}/messages`, `/api/attachments/${attachment}`, `/api/attachments/${attachment}/thumbnail`].map((path): [PersonName, string] => ['runner', path]),
    ...[`/api/groups/${group}`, `/api/groups/${group}/members`, `/api/competitions/${competition}`].map((path): [PersonName, string] => ['runner', path]),
    ...[`/api/workouts/${workout}`, `/api/exercises/mine/${exercise}`, '/api/leaderboard?period=all'].map((path): [PersonName, string] => ['lifter', path]),
    ...[`/api/prescriptions/${prescription}`, '/api/users/me/blocks'].map((path): [PersonName, string] => ['guarded', path]),
    ...['/api/hydration/glasses', '/api/badge-wall'].map((path): [PersonName, string] => ['runner', path]),
    ...['/api/admin/reports', '/api/admin/credits/ledger?limit=100', '/api/admin/credits/verify'].map((path): [PersonName, string] => ['owner', path]),
  ];
  const asked: Question[] = [];
  for (const [as, path] of wanted) {
    asked.push({ as, path, data: condense(path, await client.ask('GET', path, people[as])) });
  }
  return asked;
}
