import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import type { TestAnswer, TestKernel, TestUser } from '../../kernel/testing.ts';

/** Whose the objects of the world are, and who else comes by. */
export interface People {
  owner: TestUser;
  /** Another member, who has nothing to do with the owner's things. */
  stranger: TestUser;
  moderator: TestUser;
  admin: TestUser;
}

/** Ids of what the owner has, each by what it is. */
export type Things = Record<string, string>;

export async function signUpPeople(kernel: TestKernel): Promise<People> {
  const [owner, stranger, moderator, admin] = await Promise.all([
    kernel.signUp(),
    kernel.signUp(),
    kernel.signUp({ roles: ['user', 'moderator'] }),
    kernel.signUp({ roles: ['user', 'admin'] }),
  ]);
  return { owner, stranger, moderator, admin };
}

const WHEN = { startDate: '2099-01-01T00:00:00Z', endDate: '2099-01-08T00:00:00Z' };

/** Gives the owner one of everything, none of it meant for strangers. */
export async function makeThings(kernel: TestKernel, { owner, admin }: Pick<People, 'owner' | 'admin'>): Promise<Things> {
  const friend = await kernel.signUp();
  const send = async (path: string, body: unknown, as = owner): Promise<TestAnswer['body']> => {
    const answer = await kernel.post(path, { as, key: randomUUID(), body });
    assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.data;
  };
  const [exercise, workout, prescription, direct, group, competition, friends] = await Promise.all([
    send('/api/exercises/mine', { name: `Mine ${randomUUID()}`, type: 'strength' }),
    send('/api/workouts', { exercises: [{ exerciseId: 'bench_press', sets: 1, reps: 5, weight: 60 }], isPublic: false }),
    send('/api/prescriptions', { duration: 30, location: 'gym' }),
    send('/api/conversations', { type: 'direct', participantIds: [friend.id] }),
    send('/api/groups', { name: 'Ours', settings: { isPublic: false, joinPolicy: 'invitation' } }),
    send('/api/competitions', { name: 'Ours', type: 'workouts', isPublic: false, ...WHEN }),
    send('/api/groups', { name: 'Theirs' }, friend),
  ]);
  const message = await send(`/api/conversations/${String(direct.id)}/messages`, { content: 'between us' });
  const attachment = await attach(kernel, owner, String(direct.id));
  const invitation = await send(`/api/groups/${String(friends.id)}/invitations`, { userId: owner.id }, friend);
  await send('/api/reports', { objectType: 'user', objectId: friend.id, reason: 'spam' });
  const csv = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n2024-01-02 10:00:00,Day,1h,Bench Press (Barbell),1,60,5,0,0,,,\n';
  const imported = await kernel.post('/api/workouts/import', { as: owner, body: csv });
  assert.equal(imported.status, 200, JSON.stringify(imported.body));
  const activity = `evt_${randomUUID()}`;
  await kernel.knex('activity_events').insert({ id: activity, user_id: owner.id, event_type: 'workout.logged', visibility_scope: 'private' });
  // Two, since the last one takes more than the password; without a device, nobody uses them.
  const passkeys = [1, 2].map(() => ({ id: `passkey_${randomUUID()}`, user_id: owner.id, credential_id: randomUUID(), ...UNUSED_KEY }));
  await kernel.knex('passkeys').insert(passkeys);
  const first = async (path: string, as = owner): Promise<string> => String((await kernel.get(path, { as })).body.data[0]?.id);
  return {
    ...{ owner: owner.id, friend: friend.id, exercise: exercise.id, workout: workout.id, prescription: prescription.id },
    ...{ conversation: direct.id, message: message.id, attachment, group: group.id, competition: competition.id, invitation: invitation.invitationId, activity },
    ...{ passkey: passkeys[0]?.id ?? '', password: owner.password },
    session: await first('/api/users/me/sessions'),
    import: await first('/api/workouts/imports'),
    report: await first('/api/admin/reports', admin),
    tip: await first('/api/admin/tips', admin),
    milestone: await first('/api/admin/milestones', admin),
    entry: await first('/api/credits/history'),
  };
}

const UNUSED_KEY = { public_key: Buffer.alloc(77), counter: 0, transports: ['internal'], name: 'A telephone', backed_up: true };

/** A picture in a conversation, which a moderator has let through. */
async function attach(kernel: TestKernel, as: TestUser, conversation: string): Promise<string> {
  const form = new FormData();
  form.append('files', new Blob([await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } }).png().toBuffer()]), 'red.png');
  const headers = { Authorization: `Bearer ${as.accessToken}`, 'Idempotency-Key': randomUUID() };
  const answer = await fetch(`${kernel.kernel.url}/api/conversations/${conversation}/messages`, { method: 'POST', body: form, headers });
  const { data } = (await answer.json()) as { data: { attachments: { id: string }[] } };
  const id = data.attachments[0]?.id ?? assert.fail('there is no attachment');
  await kernel.knex('message_attachments').where({ id }).update({ moderation_status: 'approved' });
  return id;
}
