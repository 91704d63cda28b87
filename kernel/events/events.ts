/**
 * The events that plugins emit, by name, with their payloads. A plugin adds its own in its hooks.ts:
 *
 * @example
 * declare module 'musclemap' {
 *   interface PluginEvents { 'workout.logged': { userId: string; workoutId: string } }
 * }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- plugins add their own by declaration merging
export interface EventPayloads {}

/** `noun.past`, as `workout.logged`. */
export type EventName = keyof EventPayloads | (string & {});

/** What an event of that name carries: as EventPayloads declares it, else any object. */
export type EventPayload<Name extends EventName> = Name extends keyof EventPayloads ? EventPayloads[Name] : object;

/** An event as its handler gets it. */
export interface DeliveredEvent<Name extends EventName = EventName> {
  /** The same at every delivery and for every subscriber: what a handler is idempotent by. */
  id: string;
  name: Name;
  payload: EventPayload<Name>;
  emittedAt: string;
}

/** Called at least once for an event, so it is idempotent by `event.id`. When it rejects, the event comes again later. */
export type EventHandler<Name extends EventName> = (event: DeliveredEvent<Name>) => Promise<void> | void;

/** How a subscriber is called. */
export interface EventOptions {
  /** How often a failed delivery is tried again, with a growing pause between one second and some minutes; 8 unless said. */
  retries?: number;
  /** Seconds after which a delivery counts as failed; 60 unless said. */
  timeLimitSeconds?: number;
}

/** One plugin's interest in an event. */
export interface Subscription {
  owner: string;
  event: EventName;
  options: EventOptions;
  handler: (event: DeliveredEvent) => Promise<void> | void;
}
