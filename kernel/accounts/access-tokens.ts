import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { ApiError } from '../http/errors.ts';
import type { Caller } from '../http/route.ts';
import type { SigningKey } from '../config/signing-keys.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { KeyRing } from './key-ring.ts';
import type { Revocations } from './revocations.ts';

const ISSUER = 'musclemap';
const AUDIENCE = 'musclemap:api';
const TYPE = 'at+jwt';
const LONGEST_TOKEN = 4096;
/** How far in the future a token may have been issued: clocks are set, and servers of a database change. */
const FUTURE_MS = 60_000;

/** Whom a token is for and when, by the database's clock, its session's last refresh was. */
export interface AccessClaims {
  userId: string;
  roles: readonly string[];
  /** The token family, `rt_{uuid}`. */
  sessionId: string;
  /** Milliseconds. */
  issuedAt: number;
}

interface Payload {
  sub: string;
  sid: string;
  roles: string[];
  at: number;
  /** Seconds. */
  iat: number;
}

interface Key {
  retiredAt: number | undefined;
  sign: (payload: Payload) => string;
  verify: (token: string, now: number) => Payload;
}

/**
 * Signs and checks access tokens; a check is synchronous, takes microseconds and honours revocations at once. They live by the time of
 * `clock`, which has to be the one of all instances.
 */
export class AccessTokens {
  readonly #ring: KeyRing;
  readonly #revocations: Revocations;
  readonly #seconds: number;
  readonly #clock: Clock;
  /** By the header of their tokens: a token with any other header, whatever it claims to be, is none of ours. */
  #keys = new Map<string, Key>();

  constructor(ring: KeyRing, revocations: Revocations, seconds: number, clock: Clock) {
    this.#ring = ring;
    this.#revocations = revocations;
    this.#seconds = seconds;
    this.#clock = clock;
    this.#readKeys();
    ring.onChange(() => {
      this.#readKeys();
    });
  }

  sign(claims: AccessClaims): string {
    const [key] = this.#keys.values();
    if (key === undefined) throw new TypeError('There is no key to sign with.');
    const iat = Math.floor(this.#clock.now().getTime() / 1000);
    return key.sign({ sub: claims.userId, sid: claims.sessionId, roles: [...claims.roles], at: claims.issuedAt, iat });
  }

  /** @throws ApiError for a token that is forged, expired or revoked. */
  verify(token: string): Caller {
    const payload = this.#read(token);
    const caller: Caller = { id: payload.sub, roles: payload.roles, sessionId: payload.sid, issuedAt: payload.at };
    const reason = this.#revocations.reasonOfEnd(caller);
    if (reason === 'banned') throw new ApiError('ACCOUNT_BANNED');
    if (reason === 'suspended') throw new ApiError('ACCOUNT_SUSPENDED');
    if (reason !== undefined) throw new ApiError('UNAUTHORIZED', 'This session has ended. Sign in or refresh.');
    return caller;
  }

  #read(token: string): Payload {
    try {
      if (token.length > LONGEST_TOKEN) throw new TypeError('too long');
      const key = this.#keys.get(token.slice(0, token.indexOf('.')));
      if (key === undefined) throw new TypeError('not signed by a key of this server');
      const now = this.#clock.now().getTime();
      if (key.retiredAt !== undefined && now > key.retiredAt + this.#seconds * 1000) {
        throw new TypeError('signed by a key whose tokens have all expired');
      }
      return key.verify(token, now);
    } catch (error) {
      throw new ApiError('UNAUTHORIZED', 'The access token is not valid or has expired.', { cause: error });
    }
  }

  #readKeys(): void {
    const keys = this.#ring.keys.map((key) => compileKey(key, this.#seconds));
    this.#keys = new Map(keys.map((key) => [headerOf(key), key]));
  }
}

function compileKey({ id, secret, retiredAt }: SigningKey, seconds: number): Key {
  const algorithm = 'HS256' as const;
  const verifyingKey = createSecretKey(secret, 'utf8');
  return {
    retiredAt: retiredAt?.getTime(),
    sign: createSigner({
      ...{ algorithm, iss: ISSUER, aud: AUDIENCE, key: secret, expiresIn: seconds * 1000 },
      header: { alg: algorithm, typ: TYPE, kid: id },
    }),
    verify: (token, now) => readPayload(token, verifyingKey, now),
  };
}

/**
 * The payload of a token whose header is known to be ours: so nothing in the token chooses algorithm, type or key. Written
 * out, because it is done for every request and a general verifier takes several times as long.
 */
function readPayload(token: string, key: KeyObject, now: number): Payload {
  const cut = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(cut + 1));
  const expected = Buffer.from(createHmac('sha256', key).update(token.slice(0, cut)).digest('base64url'));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) throw new TypeError('wrong signature');
  const payload: unknown = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, cut), 'base64url').toString('utf8'));
  if (!isOurs(payload)) throw new TypeError('not a token of this server for its API');
  if (payload.exp * 1000 <= now) throw new TypeError('expired');
  // Of a time that was taken back: what was revoked since would not count for it.
  if (payload.iat * 1000 > now + FUTURE_MS) throw new TypeError('issued in the future');
  return payload;
}

function isOurs(payload: unknown): payload is Payload & { exp: number } {
  if (typeof payload !== 'object' || payload === null) return false;
  const { iss, aud, sub, sid, roles, at, exp, iat } = payload as Record<string, unknown>;
  if (iss !== ISSUER || aud !== AUDIENCE || typeof sub !== 'string' || typeof sid !== 'string') return false;
  return typeof at === 'number' && typeof exp === 'number' && typeof iat === 'number' && Array.isArray(roles);
}

function headerOf(key: Key): string {
  const token = key.sign({ sub: '', sid: '', roles: [], at: 0, iat: 0 });
  return token.slice(0, token.indexOf('.'));
}
