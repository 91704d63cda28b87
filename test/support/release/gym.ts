import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import sharp from 'sharp';
import type { FakeStripe } from '../../../kernel/testing.ts';
import type { Person, RestClient } from './client.ts';

/** What can only be done beside the server: accounts with roles, and trials that are over. */
export interface Hands {
  createUser(username: string, password: string, role: string): Promise<void>;
  endTrials(): Promise<void>;
}

export interface Gym {
  people: Record<'owner' | 'moderator' | 'lifter' | 'runner' | 'guarded' | 'banned', Person>;
  /** Of the member with a second factor, in base 32. */
  factorSecret: string;
  ids: Record<'conversation' | 'group' | 'competition' | 'attachment' | 'workout' | 'exercise' | 'prescription', string>;
}

/** Of examples/, switched on by the owner. */
const PLUGINS = ['badges', 'badge-wall', 'hydration', 'training-plans'] as const;

const CSV = `Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE
2024-03-04 18:00:00,Legs,1h,Squat (Barbell),1,100,5,0,0,,,
2024-03-04 18:00:00,Legs,1h,Squat (Barbell),2,105,5,0,0,,,
2024-03-06 18:00:00,Push,1h,Bench Press (Barbell),1,70,5,0,0,,,
`;

/** Makes a gym out of an empty server, as people do: over REST, with everything of which an upgrade could lose something. */
export async function fillGym(client: RestClient, stripe: FakeStripe, hands: Hands): Promise<Gym> {
  const people = await admitPeople(client, hands);
  const { owner, lifter, runner, guarded, banned, moderator } = people;
  for (const id of PLUGINS) await client.ask('POST', `/api/admin/plugins/${id}/enable`, owner);
  const trained = await train(client, people);
  await hands.endTrials();
  await moveCredits(client, stripe, people);
  const met = await meet(client, people);
  const talked = await talk(client, people);
  await client.ask('POST', '/api/badges', moderator, { userId: lifter.id, badge: 'iron-will' });
  for (const member of [lifter, lifter, runner]) await client.ask('POST', '/api/hydration/glasses', member);
  const factorSecret = await guard(client, guarded);
  await client.ask('PATCH', `/api/admin/users/${banned.id}`, owner, { flags: { banned: true }, reason: 'Asked for it' });
  return { people, factorSecret, ids: { ...trained, ...met, ...talked } };
}

async function admitPeople(client: RestClient, hands: Hands): Promise<Gym['people']> {
  const account = (username: string): { username: string; password: string } => ({ username, password: `${username} lifts ${randomUUID()}` });
  const staff = async (username: string, role: string): Promise<Person> => {
    const { password } = account(username);
    await hands.createUser(username, password, role);
    return client.signIn({ username, password });
  };
  const member = async (username: string): Promise<Person> => {
    const { password } = account(username);
    await client.ask('POST', '/api/auth/register', undefined, { email: `${username}@example.org`, username, password, displayName: `The ${username}` });
    return client.signIn({ username, password });
  };
  const owner = await staff('owner', 'admin');
  const moderator = await staff('moderator', 'moderator');
  return { owner, moderator, lifter: await member('lifter'), runner: await member('runner'), guarded: await member('guarded'), banned: await member('banned') };
}

/** Logged, changed, taken away, imported, with an exercise of one's own. */
async function train(client: RestClient, { lifter, runner, guarded }: Gym['people']): Promise<Pick<Gym['ids'], 'workout' | 'exercise' | 'prescription'>> {
  const { id: exercise } = await client.ask('POST', '/api/exercises/mine', lifter, { name: 'Farmer walk with kettles', type: 'strength' });
  await client.ask('POST', '/api/archetypes/select', lifter, { archetypeId: 'powerlifter' });
  const log = async (as: Person, day: number, exercises: object[], more: object = {}): Promise<string> => {
    const date = `2025-05-${String(day).padStart(2, '0')}`;
    return (await client.ask('POST', '/api/workouts', as, { date, exercises, ...more })).id as string;
  };
  const workouts: string[] = [];
  for (let day = 1; day <= 12; day++) {
    workouts.push(await log(lifter, day, [
      { exerciseId: 'bench_press', sets: 3, reps: 5, weight: 60 + day },
      { exerciseId: day % 2 === 0 ? exercise : 'back_squat', sets: 4, reps: 6, weight: 90 + day },
    ]));
  }
  await log(runner, 3, [{ exerciseId: 'bench_press', sets: 1, reps: 10, weight: 20 }], { isPublic: false, notes: 'Between us' });
  await log(guarded, 4, [{ exerciseId: 'back_squat', sets: 2, reps: 8, weight: 40 }]);
  const [workout = '', second = '', third = ''] = workouts;
  await client.ask('PATCH', `/api/workouts/${second}`, lifter, { exercises: [{ exerciseId: 'bench_press', sets: 5, reps: 5, weight: 80 }] });
  await client.ask('DELETE', `/api/workouts/${third}`, lifter);
  await client.ask('POST', '/api/workouts/import', runner, CSV);
  const { id: prescription } = await client.ask('POST', '/api/prescriptions', guarded, { duration: 30, location: 'gym', seed: 7 });
  const [milestone] = await untilReached(client, lifter);
  await client.ask('POST', `/api/milestones/${String(milestone)}/claim`, lifter);
  return { workout, exercise, prescription };
}

async function untilReached(client: RestClient, as: Person): Promise<string[]> {
  interface Milestone { id: string; completedAt: string | null }
  await client.until('/api/milestones', as, (all: Milestone[]) => all.some(({ completedAt }) => completedAt !== null));
  const all: Milestone[] = await client.ask('GET', '/api/milestones', as);
  return all.filter(({ completedAt }) => completedAt !== null).map(({ id }) => id);
}

/** Bought, paid back in part, granted, charged, transferred, reversed. */
async function moveCredits(client: RestClient, stripe: FakeStripe, { owner, lifter, runner, guarded }: Gym['people']): Promise<void> {
  const buy = async (as: Person): Promise<string> => {
    const { url } = await client.ask('POST', '/api/billing/checkout', as, { tierId: 'starter' });
    return stripe.pay(stripe.sessionOf(String(url)));
  };
  const deliver = async (): Promise<void> => {
    for (const event of stripe.takeEvents()) await stripe.deliver(event, client.url);
  };
  await buy(lifter);
  const payment = await buy(runner);
  await deliver();
  stripe.refund(payment, 250);
  await deliver();
  await client.ask('POST', '/api/admin/credits/grant', owner, { userId: guarded.id, amount: 40, reason: 'Helped to move the racks' });
  await client.ask('POST', '/api/credits/transfer', lifter, { recipientId: runner.id, amount: 30, note: 'For the coffee' });
  await client.ask('POST', '/api/workouts', lifter, { date: '2025-06-01', exercises: [{ exerciseId: 'bench_press', sets: 2, reps: 3, weight: 85 }] });
  const [{ id: charge }] = await client.ask('GET', '/api/credits/history?action=workout.log', lifter);
  await client.ask('POST', '/api/admin/credits/reverse', owner, { entryId: charge, reason: 'The scale was broken' });
  await client.ask('POST', '/api/workouts', runner, { date: '2025-06-02', exercises: [{ exerciseId: 'back_squat', sets: 2, reps: 3, weight: 60 }] });
}

async function meet(client: RestClient, { lifter, runner, guarded, banned }: Gym['people']): Promise<Pick<Gym['ids'], 'group' | 'competition'>> {
  const { id: group } = await client.ask('POST', '/api/groups', lifter, { name: 'Early risers', settings: { isPublic: true } });
  await client.ask('POST', `/api/groups/${String(group)}/join`, runner);
  const { id: competition } = await client.ask('POST', '/api/competitions', lifter, {
    ...{ name: 'For a lifetime', type: 'workouts', entryFee: 10, startDate: '2090-01-01T00:00:00Z', endDate: '2099-01-01T00:00:00Z' },
  });
  for (const member of [lifter, runner]) await client.ask('POST', `/api/competitions/${String(competition)}/join`, member);
  await client.ask('POST', `/api/users/${banned.id}/block`, guarded);
  await client.ask('POST', '/api/reports', runner, { objectType: 'user', objectId: banned.id, reason: 'spam' });
  return { group, competition };
}

/** Words, and a picture that a moderator has let through. */
async function talk(client: RestClient, { lifter, runner, moderator }: Gym['people']): Promise<Pick<Gym['ids'], 'conversation' | 'attachment'>> {
  const { id: conversation } = await client.ask('POST', '/api/conversations', lifter, { type: 'direct', participantIds: [runner.id] });
  const path = `/api/conversations/${String(conversation)}/messages`;
  const { id: first } = await client.ask('POST', path, lifter, { content: 'Tomorrow at six? 🦾' });
  await client.ask('POST', path, runner, { content: 'At seven.', replyToId: first });
  const form = new FormData();
  form.append('content', 'The new rack');
  form.append('files', new Blob([await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } }).png().toBuffer()]), 'rack.png');
  const { attachments } = await client.ask('POST', path, lifter, form);
  const { id: attachment } = (attachments as { id: string }[])[0] ?? { id: '' };
  // The model that looks first may be there or not, and may have let it through.
  interface Waiting { id: string }
  const isWaiting = async (): Promise<boolean> => ((await client.ask('GET', '/api/admin/moderation', moderator)) as Waiting[]).some(({ id }) => id === attachment);
  const isShown = async (): Promise<boolean> => (await client.request('GET', `/api/attachments/${attachment}`, { as: runner })).status === 200;
  for (let tries = 0; tries < 300 && !(await isShown()); tries++) {
    if (await isWaiting()) await client.request('POST', `/api/admin/moderation/${attachment}`, { as: moderator, body: { decision: 'approved' } });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { conversation, attachment };
}

/** A second factor; tokens from before it have to be renewed. */
async function guard(client: RestClient, guarded: Person): Promise<string> {
  const { username, password } = guarded;
  const { refreshToken, accessToken } = await client.ask('POST', '/api/auth/login', undefined, { username, password });
  guarded.token = String(accessToken);
  const { secret } = await client.ask('POST', '/api/users/me/second-factor', guarded, { password });
  const code = new TOTP({ secret: Secret.fromBase32(String(secret)) }).generate();
  await client.ask('POST', '/api/users/me/second-factor/confirm', guarded, { code });
  guarded.token = String((await client.ask('POST', '/api/auth/refresh', undefined, { refreshToken })).accessToken);
  return String(secret);
}
