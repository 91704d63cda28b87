import type { Transaction, TransactionHook } from 'musclemap';

/** A workout has just been stored, in the transaction that stores it. */
export interface WorkoutLogged {
  trx: Transaction;
  userId: string;
  workoutId: string;
  totalTU: number;
}

declare module 'musclemap' {
  interface PluginContracts {
    fitness: { hooks: { workoutLogged: TransactionHook<WorkoutLogged> }; services: object };
  }
  interface EventPayloads {
    'workout.logged': { userId: string; workoutId: string; date: string; totalTU: number };
    'workouts.imported': { userId: string; workouts: number };
  }
}
