import { ApiError, Reply, Type, created, cursorPosition, page, type Caller, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { COMPETITION_TYPES, Rules } from '../competitions/rules.ts';
import { checkTerms, moderates, notFound, type Competitions } from '../competitions/competitions.ts';
import type { Scoring } from '../competitions/scoring.ts';
import type { CommunityConfig } from '../feed.ts';
import { findCompetition, findCompetitions, findStanding, findStandings, insertCompetition, type CompetitionView } from '../models/competitions.ts';
import { invite } from '../models/invitations.ts';
import { Nullable, PublicUser, publicUser } from './schemas.ts';

const MOST_CREDITS = 100_000;
const Status = Type.Enum(['draft', 'active', 'completed', 'canceled']);
const Moment = Type.String({ format: 'date-time' });

const fields = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  description: Nullable(Type.String({ maxLength: 5000 })),
  type: Type.Enum([...COMPETITION_TYPES]),
  startDate: Moment,
  endDate: Moment,
  maxParticipants: Nullable(Type.Integer({ minimum: 2, maximum: 100_000 })),
  entryFee: Type.Integer({ minimum: 0, maximum: MOST_CREDITS, description: 'Credits, which go into the pool' }),
  rules: Rules,
  isPublic: Type.Boolean(),
};
const Body = Type.Object({
  ...{ name: fields.name, type: fields.type, startDate: Moment, endDate: Moment },
  description: Type.Optional(fields.description),
  maxParticipants: Type.Optional(fields.maxParticipants),
  entryFee: Type.Optional(fields.entryFee),
  rules: Type.Optional(Rules),
  isPublic: Type.Optional(Type.Boolean()),
});
const Competition = Type.Object({
  ...{ id: Type.String(), creatorId: Type.String(), status: Status, ...fields },
  prizePool: Type.Integer(),
  participantCount: Type.Integer(),
  isJoined: Type.Boolean(),
  createdAt: Moment,
});
const Standing = Type.Object({ rank: Type.Integer(), user: Nullable(PublicUser), score: Type.Number() });

export interface CompetitionContext {
  kernel: PluginKernel<CommunityConfig>;
  competitions: Competitions;
  scoring: Scoring;
}

/** /competitions… */
export function registerCompetitionRoutes(routes: RouteRegistrar, context: CompetitionContext): void {
  registerReading(routes, context);
  registerKeeping(routes, context);
  registerTakingPart(routes, context);
}

function readerOf(user: Caller): { me: string; seesAll: boolean } {
  return { me: user.id, seesAll: moderates(user) };
}

async function getCompetition({ kernel }: CompetitionContext, id: string | undefined, user: Caller, knex = kernel.database.knex): Promise<CompetitionView> {
  const competition = await findCompetition(knex, id ?? '', readerOf(user));
  if (competition === undefined) throw notFound();
  return competition;
}

function registerReading(routes: RouteRegistrar, context: CompetitionContext): void {
  const { kernel } = context;
  const Query = Type.Object({ status: Type.Optional(Status), mine: Type.Optional(Type.Boolean()) });
  routes.get(
    '/competitions',
    { summary: 'Competitions, the newest first', list: true, replica: true, query: Query, response: Type.Array(Competition) },
    async ({ user, query, reader }) => {
      const filter = { status: query.status ?? null, mine: query.mine ?? false };
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const answer = page(await findCompetitions(reader, readerOf(user), filter, after, query.limit + 1), query, ({ position, id }) => [position, id]);
      return new Reply(answer.data.map(({ position: _position, ...competition }) => competition), answer.options);
    },
  );
  routes.get('/competitions/:id', { summary: 'A competition', response: Competition, errors: ['NOT_FOUND'] }, ({ user, params }) =>
    getCompetition(context, params.id, user),
  );
  routes.get(
    '/competitions/:id/leaderboard',
    { summary: 'The standings; `meta.me` is the caller', list: true, replica: true, response: Type.Array(Standing), errors: ['NOT_FOUND'] },
    async ({ user, params, query, reader }) => {
      const { id } = await getCompetition(context, params.id, user);
      const after = cursorPosition(query.cursor, ['number', 'string']);
      const [rows, mine] = await Promise.all([findStandings(reader, id, after, query.limit + 1), findStanding(reader, id, user.id)]);
      const answer = page(rows, query, ({ score, userId }) => [score, userId]);
      const profiles = await kernel.users.profiles(answer.data.map(({ userId }) => userId), { reader });
      const standings = answer.data.map(({ userId, rank, score }) => ({ rank, score, user: publicUser(profiles.get(userId)) }));
      return new Reply(standings, { ...answer.options, meta: { ...answer.options.meta, me: mine ?? null } });
    },
  );
}

function registerKeeping(routes: RouteRegistrar, context: CompetitionContext): void {
  const { kernel, competitions, scoring } = context;
  routes.post(
    '/competitions',
    { summary: 'Makes a competition', status: 201, transaction: true, body: Body, response: Competition, errors: ['CONFLICT'] },
    async ({ user, body, trx }) => {
      if (!scoring.isPossible) throw new ApiError('CONFLICT', 'Workouts are not kept here: enable the plugin fitness.');
      const { description = null, maxParticipants = null, entryFee = 0, rules = {}, isPublic = true, name, type } = body;
      const terms = { type, rules, startDate: new Date(body.startDate), endDate: new Date(body.endDate) };
      checkTerms(terms, kernel.clock.now(), true);
      const id = await insertCompetition(trx, { ...terms, name, description, maxParticipants, entryFee, isPublic, creatorId: user.id });
      return created(`/api/competitions/${id}`, await getCompetition(context, id, user, trx));
    },
  );
  routes.patch(
    '/competitions/:id',
    {
      summary: 'Changes a competition; its terms until somebody has joined',
      transaction: true,
      body: Type.Partial(Body),
      response: Competition,
      errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
    },
    async ({ user, params, body, trx }) => {
      const { startDate, endDate, ...rest } = body;
      await competitions.change(trx, params.id ?? '', user, {
        ...rest,
        ...(startDate !== undefined && { startDate: new Date(startDate) }),
        ...(endDate !== undefined && { endDate: new Date(endDate) }),
      });
      return getCompetition(context, params.id, user, trx);
    },
  );
}

function registerTakingPart(routes: RouteRegistrar, context: CompetitionContext): void {
  const { kernel, competitions } = context;
  const common = { idempotent: true, errors: ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'] } as const;
  routes.post(
    '/competitions/:id/join',
    { ...common, summary: 'Takes part and pays the fee', response: Competition, errors: [...common.errors, 'INSUFFICIENT_CREDITS'] },
    async ({ user, params, trx }) => {
      await competitions.join(trx, params.id ?? '', user);
      return getCompetition(context, params.id, user, trx);
    },
  );
  routes.post(
    '/competitions/:id/leave',
    { ...common, summary: 'Leaves; before the start the fee goes back', response: Type.Object({ refunded: Type.Integer() }) },
    ({ user, params, trx }) => competitions.leave(trx, params.id ?? '', user),
  );
  routes.post(
    '/competitions/:id/start',
    { ...common, summary: 'Starts it now instead of at its date', response: Competition },
    async ({ user, params, trx }) => {
      await competitions.start(trx, params.id ?? '', user);
      return getCompetition(context, params.id, user, trx);
    },
  );
  routes.post(
    '/competitions/:id/cancel',
    { ...common, summary: 'Calls it off and gives every fee back', response: Competition },
    async ({ user, params, trx }) => {
      await competitions.cancel(trx, params.id ?? '', user);
      return getCompetition(context, params.id, user, trx);
    },
  );
  routes.post(
    '/competitions/:id/invitations',
    {
      summary: 'Asks somebody to take part',
      status: 201,
      transaction: true,
      body: Type.Object({ userId: Type.String({ maxLength: 100 }) }),
      response: Type.Object({ invitationId: Type.String() }),
      errors: ['NOT_FOUND', 'FORBIDDEN', 'BLOCKED'],
    },
    async ({ user, params, body, trx }) => {
      const { id, name, creatorId, isJoined, isPublic } = await getCompetition(context, params.id, user, trx);
      if (creatorId !== user.id && !(isPublic && isJoined)) throw new ApiError('FORBIDDEN', 'Only who made a private competition may invite.');
      if (!(await kernel.users.mayContact({ fromId: user.id, toIds: [body.userId], kind: 'invitation', trx }))) throw new ApiError('BLOCKED');
      const invitationId = await invite(trx, { competitionId: id }, body.userId, user.id);
      if (invitationId === undefined) throw new ApiError('NOT_FOUND', 'No user has this id.');
      await kernel.realtime.publish(`user:${body.userId}`, 'competition.invited', { invitationId, competitionId: id, name }, { trx });
      return { invitationId };
    },
  );
}
