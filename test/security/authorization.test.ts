import assert from 'node:assert/strict';
import { startFakeStripe, type FakeStripe, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';
import { readOperations, type Operation } from './api-document.ts';
import { sendValid, type SecurityAnswer } from './requests.ts';
import { makeThings, signUpPeople, type People, type Things } from './world.ts';

type Who = 'anonymous' | 'owner' | 'stranger' | 'moderator' | 'admin';

/** What a caller may not do follows from what a route declares; these are the deliberate exceptions. */
const EXCEPTIONS = {
  /** Sign-ins: no caller is needed, and wrong credentials are a 401. */
  unauthorizedForAnybody: ['POST /api/auth/login', 'POST /api/auth/refresh', 'POST /api/auth/second-step', 'POST /api/auth/passkey'],
  /** The caller's session is over after these. */
  endsSessions: ['POST /api/auth/logout-all', 'DELETE /api/users/me/sessions', 'POST /api/auth/logout'],
  /** A member's own history of any exercise: empty for somebody else's. */
  openToStrangers: ['GET /api/exercises/{id}/history'],
  /** The catalogue does not know who reads: what is somebody's own is not in it for them either. */
  closedToOwner: [
    'GET /api/exercises/{id}',
    'GET /api/exercises/{id}/activations',
    // Nobody but the owner is in the group, and the owner takes part in no competition.
    'POST /api/groups/{id}/join',
    'PATCH /api/groups/{id}/members/{userId}',
    'DELETE /api/groups/{id}/members/{userId}',
    'POST /api/competitions/{id}/leave',
    // A conversation of two has no owner.
    'POST /api/conversations/{id}/participants',
    'DELETE /api/conversations/{id}/participants/{userId}',
    // Nobody sees a private activity to high-five it.
    'POST /api/community/feed/{id}/high-five',
  ],
  /** Taking back what one never gave is no secret. */
  harmless: ['DELETE /api/community/feed/{id}/high-five'],
  /** Moderators keep the community in order, private corners included; conversations and training are not theirs. */
  moderated: [/^(GET|DELETE) \/api\/groups\//, /^(GET|POST|DELETE) \/api\/competitions\//, /^DELETE \/api\/community\/feed\//],
};

/** Whose object an address names; a route that names one and is in neither list fails the test. */
const OWNED: readonly [RegExp, (things: Things) => Record<string, string | undefined>][] = [
  [/^\/api\/workouts\/imports\/\{id\}/, (things) => ({ id: things.import })],
  [/^\/api\/workouts\/\{id\}/, (things) => ({ id: things.workout })],
  [/^\/api\/prescriptions\/\{id\}/, (things) => ({ id: things.prescription })],
  [/^\/api\/exercises\/(mine\/)?\{id\}/, (things) => ({ id: things.exercise })],
  [/^\/api\/conversations\/\{id\}/, (things) => ({ id: things.conversation, userId: things.friend })],
  [/^\/api\/attachments\/\{id\}/, (things) => ({ id: things.attachment })],
  [/^\/api\/messages\/\{id\}/, (things) => ({ id: things.message })],
  [/^\/api\/groups\/\{id\}/, (things) => ({ id: things.group, userId: things.friend })],
  [/^\/api\/competitions\/\{id\}/, (things) => ({ id: things.competition })],
  [/^\/api\/community\/feed\/\{id\}/, (things) => ({ id: things.activity })],
  [/^\/api\/users\/me\/sessions\/\{id\}/, (things) => ({ id: things.session })],
  [/^\/api\/users\/me\/passkeys\/\{id\}/, (things) => ({ id: things.passkey })],
  [/^\/api\/users\/me\/invitations\/\{id\}/, (things) => ({ id: things.invitation })],
];
const EVERYBODYS = /^\/api\/(admin|archetypes|muscles|tips|milestones|users\/\{id\})/;

/** Bodies that say more than the least that the schema asks for. */
const BODIES: Record<string, (things: Things) => unknown> = {
  'POST /api/groups/{id}/invitations': ({ friend }) => ({ userId: friend }),
  'POST /api/competitions/{id}/invitations': ({ friend }) => ({ userId: friend }),
  'POST /api/conversations/{id}/participants': ({ friend }) => ({ userIds: [friend] }),
  'POST /api/conversations/{id}/messages': () => ({ content: 'hello' }),
  'PATCH /api/workouts/{id}': () => ({ notes: 'changed' }),
  'POST /api/users/me/passkeys/{id}/remove': ({ password }) => ({ password }),
};

describe('who may use which route', function () {
  this.timeout(120_000);
  let stripe: FakeStripe;
  let kernel: TestKernel;
  let people: People;
  let operations: Operation[];
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
    people = await signUpPeople(kernel);
    operations = await readOperations(kernel);
  });
  after(async () => {
    await kernel.stop();
    await stripe.stop();
  });

  const callerOf = (who: Who): TestUser | undefined => (who === 'anonymous' ? undefined : people[who]);
  const told = ({ name }: Operation, who: Who, { status, text }: SecurityAnswer): string => `${name} as ${who}: ${String(status)} ${text.slice(0, 200)}`;
  const refusalOf = ({ auth }: Operation, who: Who): number | undefined => {
    if (auth === 'none' || auth === 'optional') return undefined;
    if (who === 'anonymous') return 401;
    if (auth === 'moderator') return who === 'owner' || who === 'stranger' ? 403 : undefined;
    return auth === 'user' || who === 'admin' ? undefined : 403;
  };

  for (const who of ['anonymous', 'stranger', 'moderator', 'admin'] as const) {
    it(`lets ${who} in where the document says so, and nowhere else`, async () => {
      const wrong: string[] = [];
      for (const operation of operations) {
        const { name, auth, statuses } = operation;
        const isLast = EXCEPTIONS.endsSessions.includes(name);
        const as = isLast && who !== 'anonymous' ? await kernel.signUp({ roles: who === 'stranger' ? ['user'] : ['user', who] }) : callerOf(who);
        const answer = await sendValid(kernel, operation, as);
        const refusal = auth.startsWith('permission ') && who === 'moderator' ? undefined : refusalOf(operation, who);
        const isRight =
          refusal === undefined
            ? (answer.status !== 401 || EXCEPTIONS.unauthorizedForAnybody.includes(name)) && answer.status < 500 && statuses.includes(answer.status)
            : answer.status === refusal;
        if (!isRight) wrong.push(told(operation, who, answer));
      }
      assert.deepEqual(wrong, []);
    });
  }

  it('takes no token that is forged, unsigned, of another kind or cut', async () => {
    const { accessToken, refreshToken } = people.admin;
    const [head = '', claims = '', signature = ''] = accessToken.split('.');
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const promoted = encode({ ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), roles: ['user', 'admin'], exp: 9_999_999_999 });
    const tokens = [
      `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.${signature}`,
      `${head}.${promoted}.${signature}`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      refreshToken,
      signature,
    ];
    for (const operation of operations.filter(({ auth }) => auth !== 'none')) {
      for (const token of tokens) {
        const answer = await sendValid(kernel, operation, { ...people.admin, accessToken: token });
        assert.equal(answer.status, 401, `${told(operation, 'anonymous', answer)} with ${token.slice(0, 40)}`);
      }
    }
  });

  describe('somebody else’s objects', () => {
    let owned: { operation: Operation; paramsOf: (things: Things) => Record<string, string> }[];
    before(() => {
      owned = operations.flatMap((operation) => {
        const find = OWNED.find(([pattern]) => pattern.test(operation.path))?.[1];
        if (find === undefined) return [];
        const paramsOf = (things: Things): Record<string, string> => {
          const params = Object.entries(find(things)).map(([name, id]): [string, string] => [name, id ?? assert.fail(`There is no ${name} for ${operation.name}.`)]);
          return Object.fromEntries(params);
        };
        return [{ operation, paramsOf }];
      });
    });
    const bodyOf = ({ name }: Operation, things: Things): { body?: unknown } => {
      const make = BODIES[name];
      return make === undefined ? {} : { body: make(things) };
    };
    const is = (names: readonly string[], { name }: Operation): boolean => names.includes(name);

    it('are known for every route whose address names one', () => {
      const unknown = operations.filter(({ path }) => path.includes('{') && !EVERYBODYS.test(path) && !OWNED.some(([pattern]) => pattern.test(path)));
      assert.deepEqual(unknown.map(({ name }) => name), []);
    });

    it('are not there for another member, nor for moderators and administrators beyond their duty, and stay as they are', async () => {
      const things = await makeThings(kernel, people);
      const read = async (): Promise<string[]> =>
        Promise.all(
          owned
            .filter(({ operation }) => operation.method === 'GET' && !is(EXCEPTIONS.closedToOwner, operation))
            .map(async ({ operation, paramsOf }) => told(operation, 'owner', await sendValid(kernel, operation, people.owner, { params: paramsOf(things) }))),
        );
      const before = await read();
      const wrong: string[] = [];
      for (const { operation, paramsOf } of owned) {
        if (is(EXCEPTIONS.openToStrangers, operation) || is(EXCEPTIONS.harmless, operation)) continue;
        for (const who of ['anonymous', 'stranger', 'moderator', 'admin'] as const) {
          if ((who === 'moderator' || who === 'admin') && EXCEPTIONS.moderated.some((pattern) => pattern.test(operation.name))) continue;
          const answer = await sendValid(kernel, operation, callerOf(who), { params: paramsOf(things), ...bodyOf(operation, things) });
          const allowed = who === 'anonymous' ? [401, 404] : [403, 404];
          if (!allowed.includes(answer.status)) wrong.push(told(operation, who, answer));
        }
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(await read(), before);
    });

    it('are there for their owner', async () => {
      const wrong: string[] = [];
      const make = async (): Promise<{ owner: TestUser; things: Things }> => {
        const owner = await kernel.signUp();
        return { owner, things: await makeThings(kernel, { owner, admin: people.admin }) };
      };
      const toRead = await make();
      for (const { operation, paramsOf } of owned) {
        if (is(EXCEPTIONS.closedToOwner, operation)) continue;
        const { owner, things } = operation.method === 'GET' ? toRead : await make();
        const answer = await sendValid(kernel, operation, owner, { params: paramsOf(things), ...bodyOf(operation, things) });
        if ([400, 401, 403, 404].includes(answer.status) || answer.status >= 500) wrong.push(told(operation, 'owner', answer));
      }
      assert.deepEqual(wrong, []);
    });
  });
});
