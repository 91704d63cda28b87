import { Type, invalid, type Static } from 'musclemap';

export const COMPETITION_TYPES = ['total_tu', 'streak', 'workouts', 'custom'] as const;
export type CompetitionType = (typeof COMPETITION_TYPES)[number];

const Ids = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 50, uniqueItems: true });

export const CustomRule = Type.Object({
  metric: Type.Enum(['total_tu', 'workouts', 'days', 'effective_sets', 'sets', 'reps', 'minutes'], {
    description: 'What is counted',
  }),
  exerciseIds: Type.Optional(Ids),
  muscleIds: Type.Optional(Ids),
  mostPerDay: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000, description: 'What one day counts at most' })),
});
export type CustomRule = Static<typeof CustomRule>;

export const Rules = Type.Object({
  custom: Type.Optional(CustomRule),
  split: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), {
      minItems: 1,
      maxItems: 10,
      description: 'Percent of the pool for the first, the second …; together 100. The first takes all unless said.',
    }),
  ),
  minParticipants: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'With fewer it is canceled at its start' })),
  lateJoin: Type.Optional(Type.Boolean({ description: 'Whether people may join after the start; yes unless said' })),
});
export type Rules = Static<typeof Rules>;

/** @throws ApiError VALIDATION_ERROR for rules that do not fit together. */
export function checkRules(type: CompetitionType, rules: Rules): void {
  if (type === 'custom' && rules.custom === undefined) throw invalid('/body/rules/custom', 'is required for the type custom');
  if (type !== 'custom' && rules.custom !== undefined) throw invalid('/body/rules/custom', `is not for the type ${type}`);
  if (rules.split !== undefined && rules.split.reduce((sum, share) => sum + share, 0) !== 100) {
    throw invalid('/body/rules/split', 'must add up to 100');
  }
}
