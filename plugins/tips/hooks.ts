/**
 * What other plugins may add to tips, milestones and insights. Types only; `import type` costs nothing and crosses no door.
 * Name what you add like your plugin (`moonwalk.craters`), so that nobody else answers for it.
 */
import type { DecisionHook, Transaction, WaterfallHook } from 'musclemap';

/** A type of trigger or condition that a plugin adds: administrators may then make tips or milestones of it. */
export interface AddedType {
  /** `plugin.noun`. */
  type: string;
  /** What its values mean, for who administers. */
  summary: string;
}

export interface TriggerQuestion {
  type: string;
  userId: string;
  /** Where the tip would be shown. */
  context: string;
}

export interface ConditionQuestion {
  type: string;
  /** The milestone's condition value: `target` and whatever else the type needs. */
  parameters: Readonly<Record<string, unknown>>;
  userIds: readonly string[];
}

/** Something that a rule has seen in a member's training. */
export interface Insight {
  /** The rule, as `imbalance`; of another plugin `plugin.rule`. */
  rule: string;
  /** What it is about, when a rule may see several things: a muscle, an exercise. */
  subject: string | null;
  severity: 'info' | 'attention' | 'warning';
  title: string;
  /** What was seen, with the numbers, and what to do about it. */
  message: string;
  /** The numbers alone. */
  numbers: Readonly<Record<string, number | string>>;
}

export interface MilestoneService {
  /**
   * Measures a member's milestones anew, after the commit of `trx`: for a plugin whose condition has just moved.
   */
  recheck(trx: Transaction, userId: string): Promise<void>;
}

declare module 'musclemap' {
  interface PluginContracts {
    tips: {
      hooks: {
        /** Adds types of triggers to the list that it is given. */
        triggers: WaterfallHook<readonly AddedType[]>;
        /**
         * The trigger values that hold for a member right now; a tip of this type without a value holds whenever an answer is
         * given. Undefined for a type that is not the tap's own, or when nothing holds.
         */
        triggerValues: DecisionHook<TriggerQuestion, readonly string[] | undefined>;
        /** Adds types of conditions to the list that it is given. */
        conditions: WaterfallHook<readonly AddedType[]>;
        /** How far members have come, by user id, to compare with the target. Undefined for a type that is not the tap's own. */
        conditionMeasured: DecisionHook<ConditionQuestion, ReadonlyMap<string, number> | undefined>;
        /** Adds insights about a member to the list that it is given. */
        insights: WaterfallHook<readonly Insight[], { userId: string }>;
      };
      services: { milestones: MilestoneService };
    };
  }
  interface EventPayloads {
    /** A member has completed a milestone: once for each. */
    'milestone.completed': { userId: string; milestoneId: string; name: string; rewardCredits: number };
  }
}
