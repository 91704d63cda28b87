/** How long somebody counts as present after a heartbeat. */
export const PRESENT_SECONDS = 120;
/** How long a minute's picks are kept. */
export const PICKS_SECONDS = 1800;
/** Over how many minutes picks are added up. */
export const PICKS_MINUTES = 15;
/** A place with fewer people tells who they are; it is counted as `other`. */
export const FEWEST_TOGETHER = 3;

/** What a member's device says of itself now and then. */
export interface Heartbeat {
  userId: string;
  geoBucket: string | undefined;
  stageId: string | undefined;
  /** The exercise that was just picked. */
  exerciseIds: readonly string[];
}

/** What was picked, the most often picked first. */
export interface Picks {
  exercises: { id: string; count: number }[];
  stages: { id: string; count: number }[];
}

/** Who is here and what is being done. Every store answers the same. */
export interface PresenceStore {
  beat(heartbeat: Heartbeat, now: Date): Promise<void>;
  leave(userId: string): Promise<void>;
  /** Present people by place; who names none is in ''. */
  buckets(now: Date): Promise<ReadonlyMap<string, number>>;
  picks(now: Date): Promise<Picks>;
}

/** `YYYYMMDDHHMM` in UTC. */
export function minuteKey(at: Date): string {
  return at.toISOString().slice(0, 16).replaceAll(/[-:T]/g, '');
}

/** The keys of the last `PICKS_MINUTES` minutes, this one included. */
export function recentMinutes(now: Date): string[] {
  return Array.from({ length: PICKS_MINUTES }, (_, back) => minuteKey(new Date(now.getTime() - back * 60_000)));
}

/** Adds up counts by name, the largest first. */
export function rank(counts: Iterable<readonly [string, number]>): { id: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums]
    .map(([id, count]) => ({ id, count }))
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, 50);
}
