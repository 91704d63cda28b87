/** Where the time comes from: the database, so that all instances agree; tests set their own. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
