import { createSigner, createVerifier } from 'fast-jwt';
import { ApiError } from '../http/errors.ts';
import type { Caller } from '../http/route.ts';
import type { Revocations } from './revocations.ts';

const ISSUER = 'musclemap';
const AUDIENCE = 'musclemap:api';
const TYPE = 'at+jwt';
const LONGEST_TOKEN = 4096;

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
}

/** Signs and checks access tokens; a check is synchronous, takes microseconds and honours revocations at once. */
export class AccessTokens {
  readonly #sign: (payload: Payload) => string;
  readonly #verify: (token: string) => Payload;
  readonly #revocations: Revocations;

  constructor(secret: string, seconds: number, revocations: Revocations) {
    const common = { algorithm: 'HS256' as const, iss: ISSUER, aud: AUDIENCE };
    this.#sign = createSigner({ ...common, key: secret, expiresIn: seconds * 1000, header: { alg: 'HS256', typ: TYPE } });
    this.#verify = createVerifier({
      key: secret,
      algorithms: ['HS256'],
      allowedIss: ISSUER,
      allowedAud: AUDIENCE,
      checkTyp: TYPE,
      requiredClaims: ['sub', 'sid', 'roles', 'at', 'exp', 'iat'],
      cache: false,
    }) as (token: string) => Payload;
    this.#revocations = revocations;
  }

  sign(claims: AccessClaims): string {
    return this.#sign({ sub: claims.userId, sid: claims.sessionId, roles: [...claims.roles], at: claims.issuedAt });
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
      return this.#verify(token);
    } catch (error) {
      throw new ApiError('UNAUTHORIZED', 'The access token is not valid or has expired.', { cause: error });
    }
  }
}
