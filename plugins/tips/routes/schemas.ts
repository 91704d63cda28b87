import { Type, type TSchema } from 'musclemap';
import { CONTEXTS, MILESTONE_CATEGORIES, TIP_CATEGORIES } from '../catalogue/types.ts';
import { GOALS } from '../choice/goals.ts';

const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Instant = Type.String({ format: 'date-time' });
const MOST = 2_000_000_000;

export const ContextualQuery = Type.Object({
  context: Type.Optional(Type.Enum([...CONTEXTS], { default: 'dashboard' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, default: 3 })),
  timeZone: Type.Optional(
    Type.String({ maxLength: 60, default: 'UTC', description: 'Of the caller, as Europe/Berlin: for tips about the time of day' }),
  ),
  goal: Type.Optional(Type.Enum([...GOALS], { description: 'Otherwise what the last four weeks show' })),
  exerciseId: Type.Optional(Type.String({ maxLength: 100, description: 'The one that is looked at' })),
});

export const ShownTip = Type.Object({
  id: Type.String(),
  category: Type.String(),
  title: Type.String(),
  content: Type.String(),
  triggerType: Type.String(),
  triggerValue: Nullable(Type.String()),
});

const tipFields = {
  triggerType: Type.String({ minLength: 1, maxLength: 60 }),
  triggerValue: Nullable(Type.String({ minLength: 1, maxLength: 100 })),
  category: Type.Enum([...TIP_CATEGORIES]),
  title: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  content: Type.String({ minLength: 1, maxLength: 1000, pattern: '\\S' }),
  priority: Type.Integer({ minimum: -100, maximum: 100 }),
  displayContext: Type.Array(Type.Enum([...CONTEXTS]), { uniqueItems: true, description: 'Empty for everywhere' }),
  minLevel: Type.Integer({ minimum: 1, maximum: 1000 }),
  maxLevel: Nullable(Type.Integer({ minimum: 1, maximum: 1000 })),
};

/** A type of trigger or condition, of this plugin or another. */
export const AddedType = Type.Object({ type: Type.String(), summary: Type.String() });

/** A value that a trigger of a type may compare with. */
export const TriggerValue = Type.Object({ type: Type.String(), value: Type.String(), label: Type.String() });

export const Tip = Type.Object({ id: Type.String(), ...tipFields, createdAt: Instant });
export const TipPatch = Type.Partial(Type.Object(tipFields), { minProperties: 1 });
export const TipBody = Type.Object({
  ...Type.Partial(Type.Object(tipFields)).properties,
  triggerType: tipFields.triggerType,
  category: tipFields.category,
  title: tipFields.title,
  content: tipFields.content,
});

export const ConditionValue = Type.Object(
  { target: Type.Number({ exclusiveMinimum: 0, maximum: MOST }) },
  { additionalProperties: true, maxProperties: 20, description: 'The target, and what else is needed to measure it' },
);

const milestoneFields = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  description: Nullable(Type.String({ maxLength: 500 })),
  category: Type.Enum([...MILESTONE_CATEGORIES]),
  conditionType: Type.String({ minLength: 1, maxLength: 60 }),
  conditionValue: ConditionValue,
  rewardCredits: Type.Integer({ minimum: 0, maximum: 100_000 }),
  badgeIcon: Nullable(Type.String({ maxLength: 500, format: 'uri' })),
};

export const Milestone = Type.Object({ id: Type.String(), ...milestoneFields, createdAt: Instant });
export const MilestonePatch = Type.Partial(Type.Object(milestoneFields), { minProperties: 1 });
export const MilestoneBody = Type.Object({
  ...Type.Partial(Type.Object(milestoneFields)).properties,
  name: milestoneFields.name,
  category: milestoneFields.category,
  conditionType: milestoneFields.conditionType,
  conditionValue: milestoneFields.conditionValue,
});

export const MemberMilestone = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  category: Type.String(),
  conditionType: Type.String(),
  conditionValue: ConditionValue,
  target: Type.Number(),
  progress: Type.Integer({ description: 'Towards the target; the target once it is reached' }),
  progressPercent: Type.Integer({ minimum: 0, maximum: 100 }),
  completedAt: Nullable(Instant),
  rewardCredits: Type.Integer(),
  rewardClaimed: Type.Boolean(),
  badgeIcon: Nullable(Type.String()),
});

export const Claim = Type.Object({
  milestoneId: Type.String(),
  credits: Type.Integer(),
  entryId: Nullable(Type.String({ description: 'In the ledger; null without a reward' })),
  balance: Nullable(Type.Integer({ description: 'After it; null without a reward' })),
});

export const Insight = Type.Object({
  rule: Type.String(),
  subject: Nullable(Type.String({ description: 'What it is about, as a muscle or an exercise' })),
  severity: Type.Enum(['info', 'attention', 'warning']),
  title: Type.String(),
  message: Type.String(),
  numbers: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
});
