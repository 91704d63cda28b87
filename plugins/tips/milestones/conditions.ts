import type { PluginContracts, PluginKernel, Transaction } from 'musclemap';
import type { AddedType, ConditionQuestion } from '../hooks.ts';
import { fitnessOf } from '../training.ts';

/** How far members have come, by user id. */
export type Measured = ReadonlyMap<string, number>;

/** Reads what conditions are measured by, each once however many conditions ask for it. */
class Training {
  readonly #kernel: PluginKernel;
  readonly #trx: Transaction;
  readonly userIds: readonly string[];
  readonly #answers = new Map<string, Promise<ReadonlyMap<string, unknown>>>();

  constructor(kernel: PluginKernel, trx: Transaction, userIds: readonly string[]) {
    this.#kernel = kernel;
    this.#trx = trx;
    this.userIds = userIds;
  }

  totals(): ReturnType<History['totals']> {
    return this.#once('totals', () => this.#history.totals(this.userIds, { trx: this.#trx }));
  }

  streaks(): ReturnType<History['streaks']> {
    return this.#once('streaks', () => this.#history.streaks(this.userIds, { trx: this.#trx }));
  }

  muscles(): ReturnType<History['musclesTrained']> {
    return this.#once('muscles', () => this.#history.musclesTrained(this.userIds, { trx: this.#trx }));
  }

  profiles(): ReturnType<PluginKernel['users']['profiles']> {
    return this.#once('profiles', () => this.#kernel.users.profiles(this.userIds, { trx: this.#trx }));
  }

  joined(): ReturnType<PluginKernel['users']['joined']> {
    return this.#once('joined', () => this.#kernel.users.joined(this.userIds, { trx: this.#trx }));
  }

  get now(): Date {
    return this.#kernel.clock.now();
  }

  get #history(): History {
    return fitnessOf(this.#kernel).history;
  }

  #once<Answer extends ReadonlyMap<string, unknown>>(name: string, read: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(name) as Promise<Answer> | undefined;
    if (known !== undefined) return known;
    const answer = read();
    this.#answers.set(name, answer);
    return answer;
  }
}

type History = PluginContracts['fitness']['services']['history'];
type Totals = 'workouts' | 'totalTU' | 'sets' | 'reps' | 'minutes' | 'volumeKg' | 'exercises' | 'daysTrained';

interface Condition {
  summary: string;
  measure(training: Training): Promise<Measured>;
}

const ofTotals = (summary: string, field: Totals): Condition => ({
  summary,
  measure: async (training) => mapValues(await training.totals(), (totals) => totals[field]),
});

/** The conditions of our own, by type. */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  workouts: ofTotals('Workouts logged', 'workouts'),
  days_trained: ofTotals('Different days with a workout', 'daysTrained'),
  total_tu: ofTotals('Training Units', 'totalTU'),
  exercises: ofTotals('Different exercises', 'exercises'),
  sets: ofTotals('Working sets', 'sets'),
  reps: ofTotals('Repetitions', 'reps'),
  minutes: ofTotals('Minutes of timed exercise', 'minutes'),
  volume_kg: ofTotals('Kilograms lifted: weight × repetitions', 'volumeKg'),
  streak: {
    summary: 'Days in a row with a workout, at the best time',
    measure: async (training) => mapValues(await training.streaks(), ({ longest }) => longest),
  },
  muscles_covered: {
    summary: 'Different muscles that were the main ones of an exercise',
    measure: async (training) => mapValues(await training.muscles(), (muscles) => muscles.length),
  },
  level: {
    summary: 'Level of the archetype',
    measure: async (training) => mapValues(await training.profiles(), ({ currentLevel }) => currentLevel),
  },
  months_member: {
    summary: 'Whole months as a member',
    measure: async (training) => mapValues(await training.joined(), (since) => wholeMonths(since, training.now)),
  },
};

/** Types whose measure moves by the calendar, without anybody doing anything. */
export const CALENDAR_CONDITIONS: readonly string[] = ['months_member'];

/** Our own condition types, with what they mean. */
export const OWN_CONDITIONS: readonly AddedType[] = Object.entries(CONDITIONS).map(([type, { summary }]) => ({ type, summary }));

export interface ConditionContext {
  kernel: PluginKernel;
  hooks: PluginContracts['tips']['hooks'];
}

/** Measures conditions of our own for members, in a transaction. */
export function createMeasure(
  kernel: PluginKernel,
  trx: Transaction,
  userIds: readonly string[],
): (type: string) => Promise<Measured | undefined> {
  const training = new Training(kernel, trx, userIds);
  return async (type) => (Object.hasOwn(CONDITIONS, type) ? CONDITIONS[type]?.measure(training) : undefined);
}

/** Asks other plugins about a condition of theirs; undefined when none of them knows the type. */
export async function askMeasure(
  { hooks }: Pick<ConditionContext, 'hooks'>,
  question: ConditionQuestion,
): Promise<Measured | undefined> {
  if (Object.hasOwn(CONDITIONS, question.type)) return undefined;
  const answer: unknown = await hooks.conditionMeasured.promise(question);
  if (!(answer instanceof Map)) return undefined;
  const numbers = [...(answer as ReadonlyMap<unknown, unknown>)].flatMap(([userId, value]): [string, number][] =>
    typeof userId === 'string' && typeof value === 'number' && Number.isFinite(value) ? [[userId, value]] : [],
  );
  return new Map(numbers);
}

/** Every condition type there is now, our own and those of other plugins. */
export function allConditions({ hooks }: Pick<ConditionContext, 'hooks'>): Promise<readonly AddedType[]> {
  return collectTypes(hooks.conditions, OWN_CONDITIONS);
}

/** What the taps of a hook add to a list of types; what is none is left out. */
export async function collectTypes(
  hook: PluginContracts['tips']['hooks']['conditions'],
  own: readonly AddedType[],
): Promise<readonly AddedType[]> {
  const all: unknown = hook.isUsed() ? await hook.promise(own, undefined) : own;
  return Array.isArray(all) ? all.filter((added: Partial<AddedType> | null) => typeof added?.type === 'string') : own;
}

/** From one day to the same day of a later month: a month is over on that day. */
export function wholeMonths(since: Date, now: Date): number {
  const months = (now.getUTCFullYear() - since.getUTCFullYear()) * 12 + now.getUTCMonth() - since.getUTCMonth();
  const lastOfMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
  const anniversary = Math.min(since.getUTCDate(), lastOfMonth);
  return Math.max(0, now.getUTCDate() >= anniversary ? months : months - 1);
}

function mapValues<Value>(map: ReadonlyMap<string, Value>, to: (value: Value) => number): Map<string, number> {
  return new Map([...map].map(([key, value]) => [key, to(value)]));
}
