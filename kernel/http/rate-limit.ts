import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { ApiError } from './errors.ts';

export interface RateLimitOptions {
  name: string;
  /** 0 switches the limit off. */
  max: number;
  windowMs: number;
  redis?: Redis | undefined;
}

/** Counts what a key does in a window: in Redis when there is one, so that all instances count together. */
export class RateLimit {
  readonly #limiter: RateLimiterAbstract | undefined;
  readonly #max: number;
  readonly #windowMs: number;

  constructor(options: RateLimitOptions) {
    this.#max = options.max;
    this.#windowMs = options.windowMs;
    if (options.max === 0) return;
    const memory = new RateLimiterMemory({
      keyPrefix: options.name,
      points: options.max,
      duration: options.windowMs / 1000,
    });
    this.#limiter = options.redis
      ? new RateLimiterRedis({
          storeClient: options.redis,
          keyPrefix: `limit:${options.name}`,
          points: options.max,
          duration: options.windowMs / 1000,
          insuranceLimiter: memory,
        })
      : memory;
  }

  get isOn(): boolean {
    return this.#limiter !== undefined;
  }

  /** Counts one and answers the RateLimit-* headers. @throws ApiError RATE_LIMITED with Retry-After. */
  async count(key: string): Promise<Record<string, string>> {
    if (this.#limiter === undefined) return {};
    try {
      return this.#headers(await this.#limiter.consume(key));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw this.#refusal(error);
      throw error;
    }
  }

  /** Refuses a key that has used up its window, without counting. */
  async check(key: string): Promise<void> {
    const state = await this.#limiter?.get(key);
    if (state && state.consumedPoints >= this.#max) throw this.#refusal(state);
  }

  async forget(key: string): Promise<void> {
    await this.#limiter?.delete(key);
  }

  #refusal(state: RateLimiterRes): ApiError {
    const seconds = String(Math.max(1, this.#seconds(state)));
    return new ApiError('RATE_LIMITED', undefined, { headers: { ...this.#headers(state), 'Retry-After': seconds } });
  }

  #headers(state: RateLimiterRes): Record<string, string> {
    return {
      'RateLimit-Limit': String(this.#max),
      'RateLimit-Remaining': String(Math.max(0, state.remainingPoints)),
      'RateLimit-Reset': String(this.#seconds(state)),
    };
  }

  /** Until the window ends. The limiter asks the machine's clock, which may have been set back since. */
  #seconds({ msBeforeNext }: RateLimiterRes): number {
    return Math.ceil(Math.min(msBeforeNext, this.#windowMs) / 1000);
  }
}
