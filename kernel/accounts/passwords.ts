import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { ApiError, invalid } from '../http/errors.ts';
import type { BreachedPasswords } from './breached-passwords.ts';

const derive = promisify(pbkdf2);
const KEY_BYTES = 64;
/** The thread pool has four threads that files and name look-ups need too, and other requests need a processor. */
const AT_ONCE = availableParallelism() > 3 ? 2 : 1;
/** Those behind would wait longer than anybody does. */
const QUEUE_LIMIT = 50;

/** Hashes passwords off the main thread, a bounded number at a time: `$pbkdf2-sha512$i=210000$salt$hash`. */
export class Passwords {
  readonly #iterations: number;
  readonly #decoy: Promise<string>;
  readonly #breached: BreachedPasswords | undefined;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #common: Promise<ReadonlySet<string>> | undefined;

  constructor(iterations: number, breached?: BreachedPasswords) {
    this.#iterations = iterations;
    this.#breached = breached;
    this.#decoy = this.hash(randomBytes(16).toString('hex'));
    this.#decoy.catch(() => undefined);
  }

  /** @throws ApiError VALIDATION_ERROR for one of the passwords that are guessed first, or that are known from a breach. */
  async refuseCommon(password: string, path: string): Promise<void> {
    this.#common ??= readCommonPasswords();
    if ((await this.#common).has(password.normalize('NFKC').toLowerCase())) {
      throw invalid(path, 'is one of the passwords that are guessed first; choose another');
    }
    if ((await this.#breached?.has(password)) === true) throw invalid(path, 'is known from a breach; choose another');
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const key = await this.#derive(password, salt, this.#iterations);
    return `$pbkdf2-sha512$i=${String(this.#iterations)}$${salt.toString('base64url')}$${key.toString('base64url')}`;
  }

  /** Whether the password is the hashed one. Without a hash the answer is no and takes as long as any other. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const { iterations, salt, key } = parseHash(hash ?? (await this.#decoy));
    const candidate = await this.#derive(password, salt, iterations);
    return timingSafeEqual(candidate, key) && hash !== undefined;
  }

  /** Whether the hash is cheaper to guess than today's should be. */
  isWeak(hash: string): boolean {
    return parseHash(hash).iterations < this.#iterations;
  }

  async #derive(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= QUEUE_LIMIT) throw new ApiError('UNAVAILABLE', 'Too many sign-ins at once. Try again.');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await derive(password.normalize('NFKC'), salt, iterations, KEY_BYTES, 'sha512');
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** Some 49,000 passwords, the most frequent of published leaks; read when the first password is chosen. */
async function readCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}

function parseHash(hash: string): { iterations: number; salt: Buffer; key: Buffer } {
  const [, iterations = '1', salt = '', key = ''] = /^\$pbkdf2-sha512\$i=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(hash) ?? [];
  const bytes = Buffer.from(key, 'base64url');
  return {
    iterations: Number(iterations),
    salt: Buffer.from(salt, 'base64url'),
    key: bytes.length === KEY_BYTES ? bytes : Buffer.alloc(KEY_BYTES),
  };
}
