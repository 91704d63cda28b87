/**
 * What other plugins may build on: moments of a member's training to tap, questions to answer, events to hear, and the
 * services `catalogue`, `history` and `leaderboard`. Types only; `import type` costs nothing and crosses no door.
 */
import type { DecisionHook, Transaction, TransactionHook } from 'musclemap';

/** A workout, as far as others count with it. */
export interface WorkoutFigures {
  /** `workout_{uuid}`. */
  id: string;
  /** The member's own calendar day, `YYYY-MM-DD`. */
  date: string;
  /** Training Units, to two decimals. */
  totalTU: number;
  isPublic: boolean;
  /** Effective sets by muscle id. */
  muscleActivations: Readonly<Record<string, number>>;
  exercises: readonly PerformedFigures[];
}

/** One exercise of a workout. `sets` are working sets: warm-ups are not among them. */
export interface PerformedFigures {
  exerciseId: string;
  sets: number;
  /** Over all working sets. */
  reps: number;
  /** Of the heaviest working set, in kilograms; null without a load. */
  weight: number | null;
  /** Seconds over all working sets, as far as they were timed. */
  seconds: number;
}

/** A workout has just been logged, in the transaction that stores it. */
export interface WorkoutLogged {
  trx: Transaction;
  userId: string;
  workoutId: string;
  totalTU: number;
  workout: WorkoutFigures;
}

/**
 * Some hundred workouts out of a member's file have just been stored, in the transaction of the import; a long file makes
 * several such moments. The totals of the `history` service already hold them when it is asked with `trx`, so that a tap
 * needs no query per workout.
 */
export interface WorkoutsImported {
  trx: Transaction;
  userId: string;
  /** One or more. */
  workouts: readonly WorkoutFigures[];
}

/** One workout before and after; `after` is null when it is gone. */
export interface WorkoutChange {
  before: WorkoutFigures;
  after: WorkoutFigures | null;
}

/** A member's workouts have just been edited, deleted or, with their import, undone, in the transaction that does it. */
export interface WorkoutChanged {
  trx: Transaction;
  userId: string;
  reason: 'edited' | 'deleted' | 'import-undone';
  /** One or more. */
  changes: readonly WorkoutChange[];
}

/** What a member trains for; weights are relative, above 0 to 1. */
export interface Focus {
  /** What gives the focus, as `bodybuilder`, for explanations. */
  source: string;
  /** By muscle id; a muscle that is not named has no special weight. */
  muscles: Readonly<Record<string, number>>;
}

/** Options of every service: with `trx` the answer holds what that transaction has changed. */
export interface ReadOptions {
  trx?: Transaction;
}

export interface LockOptions {
  /**
   * Holds the accounts and their totals until the commit of `trx`: nobody logs, edits or deletes a workout of these members
   * meanwhile. For who writes down what follows from them. Take it before other locks: who logs a workout has it before any
   * tap is called.
   */
  lock?: boolean;
}

/** Over all of a member's workouts. */
export interface TrainingTotals {
  workouts: number;
  totalTU: number;
  /** Working sets. */
  sets: number;
  reps: number;
  minutes: number;
  /** Σ weight × reps in kilograms. */
  volumeKg: number;
  /** Different exercises. */
  exercises: number;
  /** Days with a workout. */
  daysTrained: number;
  firstDate: string | null;
  lastDate: string | null;
}

/**
 * Days in a row with a workout. `current` counts up to the last day trained as long as that day is today or yesterday
 * where the member may be; then it is 0.
 */
export interface Streak {
  current: number;
  longest: number;
  lastDate: string | null;
}

/** How one muscle was trained in a window of days. */
export interface MuscleTraining {
  muscleId: string;
  muscleName: string;
  muscleGroup: string;
  /** Effective sets (sets × activation ÷ 100) in the window. */
  effectiveSets: number;
  /** What the window should hold: the muscle's weekly volume × days ÷ 7. */
  optimalSets: number;
  /** Below 60 % of the optimum is under, above 150 % is over. */
  balance: 'underworked' | 'balanced' | 'overworked';
  /** When an exercise that activates it by 60 or more was last done; null when not in the window. */
  lastTrainedAt: Date | null;
  /** Percent of the muscle's hours of recovery that have passed since; 100 when rested. */
  recoveredPercent: number;
  /** 0 (not trained) to 5 (over 150 % of the optimum), for a muscle map. */
  colorTier: number;
}

/** Monday to Sunday. */
export interface TrainingWeek {
  /** The Monday, `YYYY-MM-DD`. */
  week: string;
  workouts: number;
  totalTU: number;
  daysTrained: number;
}

export interface PersonalRecord {
  exerciseId: string;
  exerciseName: string;
  kind: 'weight' | 'estimated-one-rep-maximum' | 'reps' | 'seconds' | 'distance';
  /** Kilograms, repetitions, seconds or metres. */
  value: number;
  /** Of the set that made it, where it has them. */
  weight: number | null;
  reps: number | null;
  workoutId: string;
  date: string;
}

/** A member's training as of now; what cannot be counted is zero or empty, never an error. */
export interface HistoryService {
  /** By user id, with an entry for each id that was asked for. */
  totals(userIds: readonly string[], options?: ReadOptions & LockOptions): Promise<ReadonlyMap<string, TrainingTotals>>;
  /** By user id, with an entry for each. */
  streaks(userIds: readonly string[], options?: ReadOptions): Promise<ReadonlyMap<string, Streak>>;
  /** Every muscle of the catalogue over the last `days` (1-90), by user id. */
  muscles(
    userIds: readonly string[],
    options: ReadOptions & { days: number },
  ): Promise<ReadonlyMap<string, readonly MuscleTraining[]>>;
  /** The last `weeks` (1-104), oldest first, without gaps, this week last. */
  weeks(
    userIds: readonly string[],
    options: ReadOptions & { weeks: number },
  ): Promise<ReadonlyMap<string, readonly TrainingWeek[]>>;
  /** The best of each exercise and kind, the latest records first. */
  records(userId: string, options?: ReadOptions & { limit?: number }): Promise<readonly PersonalRecord[]>;
  /** The muscles that some exercise has worked by 60 or more, at any time: their ids, by user id, with an entry for each. */
  musclesTrained(userIds: readonly string[], options?: ReadOptions): Promise<ReadonlyMap<string, readonly string[]>>;
  /** The latest workouts, newest first; 20 unless said. */
  recentWorkouts(userId: string, options?: ReadOptions & { limit?: number }): Promise<readonly WorkoutFigures[]>;
  /**
   * The workouts of up to 100 members in a window of days (`YYYY-MM-DD`, both included), oldest first, by user id, with an entry for
   * each: for competitions and reviews.
   */
  workoutsBetween(
    userIds: readonly string[],
    options: ReadOptions & { from: string; to: string },
  ): Promise<ReadonlyMap<string, readonly WorkoutFigures[]>>;
  /**
   * Members with a workout, by id: for a plugin that is enabled late and has to catch up.
   *
   * @param after The last id of the page before.
   */
  membersAfter(after: string | undefined, limit: number, options?: ReadOptions): Promise<readonly string[]>;
}

export interface MuscleFacts {
  id: string;
  name: string;
  muscleGroup: string;
  /** Normalises Training Units. */
  biasWeight: number;
  /** Effective sets a week. */
  optimalWeeklyVolume: number;
  /** Hours. */
  recoveryTime: number;
}

export interface ExerciseFacts {
  id: string;
  name: string;
  type: string;
  movementPattern: string | null;
  /** Percent by muscle id. */
  activations: Readonly<Record<string, number>>;
}

/** What there is to train and to train with. */
export interface CatalogueService {
  /** Every muscle, by id. */
  muscles(): Promise<ReadonlyMap<string, MuscleFacts>>;
  /** Those of the ids that exist, by id; members' own exercises too. */
  exercises(ids: readonly string[]): Promise<ReadonlyMap<string, ExerciseFacts>>;
}

/** Who is seen on the leaderboard. */
export interface LeaderboardService {
  /** Takes a member off every board, or puts them back, in `trx`: for a privacy setting. Ranks close up at once. */
  setListed(trx: Transaction, userId: string, isListed: boolean): Promise<void>;
}

declare module 'musclemap' {
  interface PluginContracts {
    fitness: {
      hooks: {
        workoutLogged: TransactionHook<WorkoutLogged>;
        workoutsImported: TransactionHook<WorkoutsImported>;
        workoutChanged: TransactionHook<WorkoutChanged>;
        /** What a member trains for, asked when a plan is made for them; undefined when the tap knows nothing. */
        focus: DecisionHook<{ userId: string }, Focus | undefined>;
      };
      services: {
        catalogue: CatalogueService;
        history: HistoryService;
        leaderboard: LeaderboardService;
      };
    };
  }
  interface EventPayloads {
    'workout.logged': { userId: string; workoutId: string; date: string; totalTU: number; isPublic: boolean };
    'workout.changed': { userId: string; workoutId: string; date: string; totalTU: number; isPublic: boolean };
    'workout.deleted': { userId: string; workoutId: string };
    /** Once for a file. */
    'workouts.imported': { userId: string; batchId: string | null; workouts: number; totalTU: number };
    'workouts.import-undone': { userId: string; batchId: string; workouts: number };
  }
}
