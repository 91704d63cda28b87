import type { Redis } from 'ioredis';
import {
  PICKS_SECONDS,
  PRESENT_SECONDS,
  minuteKey,
  rank,
  recentMinutes,
  type Heartbeat,
  type Picks,
  type PresenceStore,
} from './presence.ts';

const ZSET = 'presence:zset';
/** The places that have been named, so that they can be counted again. */
const PLACES = 'presence:buckets';

/**
 * Moves one member to a place and counts both places again from their members: a count that is derived cannot drift, whoever
 * dies in between. ARGV: user, now (ms), bucket, meta, seconds.
 */
const BEAT = `
  local now, cutoff = tonumber(ARGV[2]), tonumber(ARGV[2]) - tonumber(ARGV[5]) * 1000
  local function count(place)
    local members = 'presence:in:' .. place
    redis.call('ZREMRANGEBYSCORE', members, '-inf', '(' .. cutoff)
    local n = redis.call('ZCARD', members)
    if n == 0 then redis.call('DEL', 'presence:bucket:' .. place); redis.call('SREM', KEYS[2], place)
    else redis.call('SET', 'presence:bucket:' .. place, n); redis.call('SADD', KEYS[2], place) end
  end
  local before = redis.call('HGET', 'presence:place', ARGV[1])
  if before and before ~= ARGV[3] then redis.call('ZREM', 'presence:in:' .. before, ARGV[1]); count(before) end
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. cutoff)
  redis.call('SET', 'presence:meta:' .. ARGV[1], ARGV[4], 'EX', ARGV[5])
  redis.call('HSET', 'presence:place', ARGV[1], ARGV[3])
  redis.call('ZADD', 'presence:in:' .. ARGV[3], now, ARGV[1])
  count(ARGV[3])`;

const LEAVE = `
  local before = redis.call('HGET', 'presence:place', ARGV[1])
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('DEL', 'presence:meta:' .. ARGV[1])
  redis.call('HDEL', 'presence:place', ARGV[1])
  if before then
    redis.call('ZREM', 'presence:in:' .. before, ARGV[1])
    local n = redis.call('ZCARD', 'presence:in:' .. before)
    if n == 0 then redis.call('DEL', 'presence:bucket:' .. before); redis.call('SREM', KEYS[2], before)
    else redis.call('SET', 'presence:bucket:' .. before, n) end
  end`;

/** Counts every place again and answers name, count, name, count … */
const COUNT = `
  local cutoff = tonumber(ARGV[1]) - tonumber(ARGV[2]) * 1000
  local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. cutoff, 'LIMIT', 0, 1000)
  if #gone > 0 then redis.call('HDEL', 'presence:place', unpack(gone)); redis.call('ZREM', KEYS[1], unpack(gone)) end
  local counts = {}
  for _, place in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    redis.call('ZREMRANGEBYSCORE', 'presence:in:' .. place, '-inf', '(' .. cutoff)
    local n = redis.call('ZCARD', 'presence:in:' .. place)
    if n == 0 then redis.call('DEL', 'presence:bucket:' .. place); redis.call('SREM', KEYS[2], place)
    else redis.call('SET', 'presence:bucket:' .. place, n); counts[#counts + 1] = place; counts[#counts + 1] = n end
  end
  return counts`;

/** Presence in the keys of the data model, changed by scripts that Redis runs as one step. */
export class RedisPresence implements PresenceStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async beat({ userId, geoBucket, stageId, exerciseIds }: Heartbeat, now: Date): Promise<void> {
    const meta = JSON.stringify({ geoBucket: geoBucket ?? null, stageId: stageId ?? null });
    const minute = minuteKey(now);
    const pipeline = this.#redis.pipeline();
    pipeline.eval(BEAT, 2, ZSET, PLACES, userId, now.getTime(), geoBucket ?? '', meta, PRESENT_SECONDS);
    for (const exercise of exerciseIds) pipeline.hincrby(`now:exercise:selected:${minute}`, exercise, 1);
    if (exerciseIds.length > 0) pipeline.expire(`now:exercise:selected:${minute}`, PICKS_SECONDS);
    if (stageId !== undefined) {
      pipeline.hincrby(`now:stage:entered:${minute}`, stageId, 1);
      pipeline.expire(`now:stage:entered:${minute}`, PICKS_SECONDS);
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }

  async leave(userId: string): Promise<void> {
    await this.#redis.eval(LEAVE, 2, ZSET, PLACES, userId);
  }

  async buckets(now: Date): Promise<ReadonlyMap<string, number>> {
    const flat = (await this.#redis.eval(COUNT, 2, ZSET, PLACES, now.getTime(), PRESENT_SECONDS)) as (string | number)[];
    const counts = new Map<string, number>();
    for (let index = 0; index < flat.length; index += 2) counts.set(String(flat[index]), Number(flat[index + 1]));
    return counts;
  }

  async picks(now: Date): Promise<Picks> {
    const minutes = recentMinutes(now);
    const pipeline = this.#redis.pipeline();
    for (const kind of ['exercise:selected', 'stage:entered']) for (const minute of minutes) pipeline.hgetall(`now:${kind}:${minute}`);
    const hashes = ((await pipeline.exec()) ?? []).map(([error, hash]) => {
      if (error) throw error;
      return Object.entries(hash as Record<string, string>).map(([name, count]) => [name, Number(count)] as const);
    });
    return { exercises: rank(hashes.slice(0, minutes.length).flat()), stages: rank(hashes.slice(minutes.length).flat()) };
  }
}
