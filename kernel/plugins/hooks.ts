import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from 'tapable';
import type { Transaction } from '../database/transaction.ts';

/**
 * What the kind of a hook promises:
 * - `registration`: called while composing, synchronous; a failing tap fails its plugin.
 * - `lifecycle`: called for one plugin at a time; a failing tap undoes the transition.
 * - `transaction`: called inside the caller's transaction; a failing tap loses its own statements only, unless it
 *   was tapped with `veto: true` and throws an ApiError, which refuses the whole.
 * - `decision`: the first tap that answers decides; a failing tap is skipped.
 * - `waterfall`: each tap may change the value; a failing tap is skipped.
 */
export type HookKind = 'registration' | 'lifecycle' | 'transaction' | 'decision' | 'waterfall';

/** Additional options of a tap. */
export interface TapOptions {
  /** Of a transaction hook: an ApiError that this tap throws refuses what the caller is doing. */
  veto?: boolean;
}

export type RegistrationHook<Registrar> = SyncHook<[Registrar], void, TapOptions>;
/** A moment of one plugin; the taps of the others are not called. */
export type LifecycleHook = AsyncSeriesHook<[LifecycleMoment], TapOptions>;
/**
 * Something that is happening, in the transaction of who does it: what a tap does is kept or lost with it. A tap that fails is undone
 * alone, unless it was tapped with `veto: true` and throws an ApiError, which refuses the whole.
 */
export type TransactionHook<Moment extends { trx: Transaction }> = AsyncSeriesHook<[Moment], TapOptions>;
/** A question: the first tap that answers something other than undefined decides. One that fails is skipped. */
export type DecisionHook<Question, Answer> = AsyncSeriesBailHook<[Question], Answer, TapOptions>;
/** A value that each tap may change: it gets what the one before answered. One that fails is skipped. */
export type WaterfallHook<Value, Context = undefined> = AsyncSeriesWaterfallHook<[Value, Context], Value, TapOptions>;

export interface LifecycleMoment {
  /** The plugin that is being started or stopped. */
  plugin: string;
}

/** A plugin begins to run. */
export interface StartMoment extends LifecycleMoment {
  /**
   * Whether the plugin was off until now, so that it may have missed what happened meanwhile; not when a server starts that
   * had it before. For who has to catch up.
   */
  wasOff: boolean;
}

/** The moment in which one plugin begins to run. A tap that fails keeps it from running. */
export type StartHook = AsyncSeriesHook<[StartMoment], TapOptions>;

/** Called once for a plugin, in the transaction that installs or uninstalls it: what fails undoes all of it. */
export type InstallHook = AsyncSeriesHook<[InstallMoment], TapOptions>;

/** A plugin is being installed or uninstalled, in the transaction of that. */
export interface InstallMoment extends LifecycleMoment {
  trx: Transaction;
}

export type AnyHook =
  | SyncHook<unknown[], void, TapOptions>
  | AsyncSeriesHook<unknown[], TapOptions>
  | AsyncSeriesBailHook<unknown[], unknown, TapOptions>
  | AsyncSeriesWaterfallHook<unknown[], unknown, TapOptions>;

/** A fresh tapable hook of the class that its kind means. */
export function createHook(kind: HookKind, name: string): AnyHook {
  switch (kind) {
    case 'registration':
      return new SyncHook(['registrar'], name);
    case 'lifecycle':
    case 'transaction':
      return new AsyncSeriesHook(['moment'], name);
    case 'decision':
      return new AsyncSeriesBailHook<unknown[], unknown, TapOptions>(['question'], name);
    case 'waterfall':
      return new AsyncSeriesWaterfallHook<unknown[], unknown, TapOptions>(['value', 'context'], name);
  }
}
