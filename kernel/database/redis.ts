import { Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.ts';

const LONGEST_PAUSE_MS = 2_000;

/**
 * Connects to Redis and goes on trying for as long as the server runs. While Redis is away a command fails at once instead of
 * waiting: whoever asks has another way.
 */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, LONGEST_PAUSE_MS),
  });
  watchConnection(redis, log);
  return redis;
}

/** Another connection to the same Redis, for subscribing: it subscribes again whenever it has reconnected. */
export function connectSubscriber(redis: Redis, log: Logger): Redis {
  const subscriber = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: undefined });
  watchConnection(subscriber, log);
  return subscriber;
}

function watchConnection(redis: Redis, log: Logger): void {
  let isAway = false;
  redis.on('error', (error: Error) => {
    if (isAway) return;
    isAway = true;
    log.warn({ err: error }, 'Redis does not answer; what it does is done without it until it is back');
  });
  redis.on('ready', () => {
    if (isAway) log.info('Redis answers again');
    isAway = false;
  });
}
