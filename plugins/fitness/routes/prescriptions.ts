import { randomInt } from 'node:crypto';
import { ApiError, Type, created, cursorPosition, page, type PluginKernel, type Problem, type RouteRegistrar, type Static } from 'musclemap';
import { EQUIPMENT, LOCATIONS } from '../catalogue/types.ts';
import type { Focus } from '../hooks.ts';
import { findPlanHistory, findPrescription, findPrescriptions, insertPrescription, readPlanCatalogue } from '../models/prescriptions.ts';
import type { FitnessHooks } from '../moments.ts';
import { generatePlan, InfeasiblePlanError } from '../prescriptions/generate.ts';
import { GOALS, LEVELS, type Plan, type PlanCatalogue, type PlanRequest } from '../prescriptions/plan.ts';
import { Nullable } from './schemas.ts';

/** Stands for everything that a gym may have. */
const FULL_GYM = 'full_gym';
const MOST_SEEDS = 2 ** 31;
const CATALOGUE_MS = 60_000;
/** Of members' own exercises, which no plan holds. */
const OWN_PREFIX = 'own_';

const Ids = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 200, uniqueItems: true, default: [], description }));

const PrescriptionBody = Type.Object({
  duration: Type.Integer({ minimum: 10, maximum: 180, description: 'Minutes, warm-up and cool-down included' }),
  location: Type.Enum([...LOCATIONS]),
  equipment: Ids('All that there is, in a gym as well; full_gym stands for everything'),
  goals: Type.Optional(
    Type.Array(Type.Enum([...GOALS]), { maxItems: 5, uniqueItems: true, default: [], description: 'The first one decides; hypertrophy unless said' }),
  ),
  fitnessLevel: Type.Optional(Type.Enum([...LEVELS], { default: 'beginner' })),
  targetMuscles: Ids('Muscles or groups of muscles; the whole body unless said'),
  excludeMuscles: Ids('Muscles or groups of muscles'),
  excludeExercises: Ids('Exercises'),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST_SEEDS, description: 'The same seed makes the same plan; any unless said' })),
});

const Move = Type.Object({ exerciseId: Type.String(), name: Type.String(), seconds: Type.Integer() });

const Prescription = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  constraints: Type.Record(Type.String(), Type.Unknown(), { description: 'The request, with what was filled in' }),
  exercises: Type.Array(
    Type.Object({
      exerciseId: Type.String(),
      name: Type.String(),
      sets: Type.Integer(),
      reps: Nullable(Type.Integer({ description: 'Calm breaths where holdSeconds is given; null for mobility' })),
      holdSeconds: Nullable(Type.Integer()),
      restSeconds: Type.Integer(),
      seconds: Type.Integer(),
      movementPattern: Nullable(Type.String()),
      primaryMuscles: Type.Array(Type.String()),
    }),
  ),
  warmup: Type.Array(Move),
  cooldown: Type.Array(Move),
  substitutions: Type.Record(Type.String(), Type.Array(Type.Object({ exerciseId: Type.String(), name: Type.String() }))),
  muscleCoverage: Type.Record(Type.String(), Type.Number(), { description: 'Effective sets by muscle' }),
  totalTU: Type.Number({ description: 'What logging exactly this plan counts' }),
  estimatedDuration: Type.Integer({ description: 'Seconds' }),
  actualDuration: Type.Integer({ description: 'Seconds' }),
  creditCost: Type.Integer(),
  focus: Nullable(Type.String({ description: 'What the member trains for, when a plugin knows' })),
  uncovered: Type.Array(Type.Object({ muscleId: Type.String(), reason: Type.String() })),
  shortfalls: Type.Array(Type.Object({ about: Type.String(), id: Nullable(Type.String()), reason: Type.String() })),
  createdAt: Type.String({ format: 'date-time' }),
});

export interface PrescriptionContext {
  kernel: PluginKernel;
  hooks: FitnessHooks;
}

/** POST /prescriptions, GET /prescriptions[/:id] */
export function registerPrescriptionRoutes(routes: RouteRegistrar, { kernel, hooks }: PrescriptionContext): void {
  const { knex } = kernel.database;
  const catalogueOf = cachedCatalogue(knex);
  routes.post(
    '/prescriptions',
    {
      summary: 'Makes a plan for a session; nothing is charged when nothing fits (422)',
      status: 201,
      body: PrescriptionBody,
      response: Prescription,
      priced: 'prescription.generate',
      errors: ['UNPROCESSABLE'],
    },
    async ({ user, body, trx, charge }) => {
      const [catalogue, history, focus] = await Promise.all([
        catalogueOf(kernel.clock.now()),
        findPlanHistory(trx, user.id, kernel.clock.now()),
        askFocus(hooks, user.id),
      ]);
      const request = toRequest(body, catalogue);
      const plan = makePlan(request, { catalogue, history, ...(focus && { focus: focus.muscles }) });
      const { minutes: duration, goal, level: fitnessLevel, ...rest } = request;
      const constraints = { duration, goals: body.goals?.length ? body.goals : [goal], fitnessLevel, ...rest };
      const given = { userId: user.id, constraints, plan, creditCost: charge.amount, focus: focus?.source ?? null };
      const stored = await insertPrescription(trx, given);
      return created(`/api/prescriptions/${stored.id}`, describe(stored));
    },
  );
  routes.get(
    '/prescriptions',
    { summary: "The caller's plans, newest first", list: true, response: Type.Array(Prescription) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['string']);
      const rows = await findPrescriptions(knex, user.id, after?.[0], query.limit + 1);
      return page(rows.map(describe), query, ({ id }) => [id]);
    },
  );
  routes.get(
    '/prescriptions/:id',
    { summary: "One of the caller's plans", response: Prescription, errors: ['NOT_FOUND'] },
    async ({ user, params }) => {
      const stored = await findPrescription(knex, params.id ?? '', user.id);
      if (stored === undefined) throw new ApiError('NOT_FOUND', 'No plan of yours has this id.');
      return describe(stored);
    },
  );
}

/** The catalogue, read again when it is older than a minute. */
function cachedCatalogue(knex: PluginKernel['database']['knex']): (now: Date) => Promise<PlanCatalogue> {
  let known: { until: number; catalogue: Promise<PlanCatalogue> } | undefined;
  return (now) => {
    if (known === undefined || known.until <= now.getTime()) {
      const catalogue = readPlanCatalogue(knex).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      known = { until: now.getTime() + CATALOGUE_MS, catalogue };
    }
    return known.catalogue;
  };
}

function describe<Row extends { id: string; shortfalls: Plan['shortfalls'] }>(row: Row): Row & { uncovered: object[] } {
  const uncovered = row.shortfalls.filter(({ about }) => about === 'muscle').map(({ id, reason }) => ({ muscleId: id, reason }));
  return { ...row, uncovered };
}

async function askFocus(hooks: FitnessHooks, userId: string): Promise<Focus | undefined> {
  return hooks.focus.isUsed() ? hooks.focus.promise({ userId }) : undefined;
}

/** @throws ApiError UNPROCESSABLE with the reasons, which gives back what was charged. */
function makePlan(request: PlanRequest, context: Parameters<typeof generatePlan>[1]): Plan {
  try {
    return generatePlan(request, context);
  } catch (error) {
    if (!(error instanceof InfeasiblePlanError)) throw error;
    const details = { infeasible: true, reasons: error.reasons };
    throw new ApiError('UNPROCESSABLE', 'Nothing fits this request. Nothing was charged.', { details, cause: error });
  }
}

/** @throws ApiError naming every muscle and exercise that does not exist. */
function toRequest(body: Static<typeof PrescriptionBody>, catalogue: PlanCatalogue): PlanRequest {
  const { equipment = [], excludeExercises = [], goals = [] } = body;
  const problems: Problem[] = [];
  const targetMuscles = expandMuscles('targetMuscles', body.targetMuscles ?? [], catalogue, problems);
  const excludeMuscles = expandMuscles('excludeMuscles', body.excludeMuscles ?? [], catalogue, problems);
  const known = new Set(catalogue.exercises.map(({ id }) => id));
  for (const [index, id] of excludeExercises.entries()) {
    if (!known.has(id) && !id.startsWith(OWN_PREFIX)) problems.push({ path: `/body/excludeExercises/${String(index)}`, message: 'is not an exercise of the catalogue' });
  }
  if (problems.length > 0) throw new ApiError('VALIDATION_ERROR', undefined, { details: problems });
  return {
    minutes: body.duration,
    location: body.location,
    equipment: equipment.includes(FULL_GYM) ? [...EQUIPMENT] : equipment,
    goal: goals[0] ?? 'hypertrophy',
    level: body.fitnessLevel ?? 'beginner',
    targetMuscles,
    excludeMuscles,
    excludeExercises,
    seed: body.seed ?? randomInt(MOST_SEEDS),
  };
}

/** The muscles that are named, by their own ids or by the group's. */
function expandMuscles(field: string, names: readonly string[], { muscles }: PlanCatalogue, problems: Problem[]): string[] {
  const found = names.flatMap((name, index) => {
    const matching = [...muscles.values()].filter(({ id, muscleGroup }) => id === name || muscleGroup === name);
    if (matching.length === 0) problems.push({ path: `/body/${field}/${String(index)}`, message: 'is neither a muscle nor a group of muscles' });
    return matching.map(({ id }) => id);
  });
  return [...new Set(found)];
}
