import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { KeyRing } from './key-ring.ts';
import type { Revocations } from './revocations.ts';
import { hasSecondFactor } from './second-factor/factors.ts';
import { lockUser, refuseLockedAccount } from './users.ts';

/** What a client signs in with from now on. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** Seconds that the access token is good for. */
  expiresIn: number;
}

export interface SessionOwner {
  id: string;
  roles: readonly string[];
}

/** Where a request comes from. */
export interface Client {
  ip: string;
  /** The User-Agent, if it sent one. */
  device: string | undefined;
  /** The Host that it was sent to. */
  host?: string | undefined;
}

/** A session as its owner sees it. */
export interface SessionRow {
  id: string;
  device: string | null;
  ip: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
}

interface TokenRow {
  id: string;
  userId: string;
  isExpired: boolean;
  revokedSeconds: number | null;
}

export interface SessionOptions {
  accessTokenSeconds: number;
  /** How long a session lives without being used. */
  refreshTokenDays: number;
  /** How long it lives at most. */
  sessionDays: number;
  refreshGraceSeconds: number;
  /** Whether administrators without a second factor are treated as users. */
  adminNeedsSecondFactor: boolean;
}

const LONGEST_DEVICE = 200;

/**
 * Sign-ins, of which a member's change one at a time: whatever changes them locks the member first. A session is a family of refresh tokens `rt_{family}_{n}`; each use of the newest makes the next one, which is
 * derived from it, so that a repeated refresh within the grace finds the same successor instead of growing a branch.
 */
export class Sessions {
  readonly #ring: KeyRing;
  readonly #tokens: AccessTokens;
  readonly #revocations: Revocations;
  readonly #options: SessionOptions;

  constructor(ring: KeyRing, tokens: AccessTokens, revocations: Revocations, options: SessionOptions) {
    this.#ring = ring;
    this.#tokens = tokens;
    this.#revocations = revocations;
    this.#options = options;
  }

  async open(trx: Transaction, owner: SessionOwner, client: Client): Promise<TokenPair> {
    const family = `rt_${randomUUID()}`;
    await trx.raw(
      `INSERT INTO sessions (id, user_id, device, ip, expires_at)
       VALUES (:family, :userId, :device, :ip, clock_timestamp() + :days * INTERVAL '1 day')`,
      { family, userId: owner.id, ...describeClient(client), days: this.#options.sessionDays },
    );
    return this.#issue(trx, owner, family, 0, randomBytes(32).toString('base64url'));
  }

  /** Whether a user who has signed in before does so from a device that is new. */
  async isNewDevice(trx: Transaction, userId: string, client: Client): Promise<boolean> {
    const { rows } = await trx.raw<Rows<{ hasAny: boolean; hasThis: boolean }>>(
      `SELECT count(*) > 0 AS "hasAny", coalesce(bool_or(device IS NOT DISTINCT FROM :device), FALSE) AS "hasThis"
       FROM sessions WHERE user_id = :userId`,
      { userId, device: describeClient(client).device },
    );
    return rows[0]?.hasAny === true && !rows[0].hasThis;
  }

  /**
   * Exchanges a refresh token for the next pair. A token that comes back after its grace ends the whole family.
   *
   * @throws ApiError UNAUTHORIZED; ACCOUNT_BANNED or ACCOUNT_SUSPENDED. Returned rather than thrown where the transaction
   * has to be committed: the end of a family must outlive the refusal.
   */
  async refresh(trx: Transaction, refreshToken: string, client: Client): Promise<TokenPair | ApiError> {
    const shown = await this.#find(trx, refreshToken);
    if (shown === undefined) throw unknownToken();
    const owner = await lockUser(trx, shown.userId);
    refuseLockedAccount(owner.flags);
    const row = await this.#find(trx, refreshToken);
    if (row === undefined) throw unknownToken();
    const { family, generation } = parseId(row.id);
    if (row.revokedSeconds === null) {
      if (row.isExpired) throw new ApiError('UNAUTHORIZED', 'The refresh token has expired.');
      await trx.raw('UPDATE refresh_tokens SET revoked_at = clock_timestamp() WHERE id = ?', [row.id]);
      await this.#use(trx, family, client);
      const [successor = ''] = this.#ring.derive('refresh', refreshToken);
      return this.#issue(trx, owner, family, generation + 1, successor);
    }
    if (row.revokedSeconds <= this.#options.refreshGraceSeconds) {
      const pair = await this.#currentPair(trx, owner, refreshToken, generation, family);
      if (pair !== undefined) return pair;
    }
    await this.end(trx, row.userId, { families: [family] });
    return new ApiError('UNAUTHORIZED', 'The refresh token was used before. The session has been ended.');
  }

  /** The sessions of a user that can still be refreshed, the one used last first. */
  async list(trx: Knex, userId: string): Promise<SessionRow[]> {
    const { rows } = await trx.raw<Rows<SessionRow>>(
      `SELECT id, device, ip, created_at AS "createdAt", last_used_at AS "lastUsedAt",
         least(expires_at, last_used_at + :days * INTERVAL '1 day') AS "expiresAt"
       FROM sessions
       WHERE user_id = :userId AND ended_at IS NULL AND expires_at > clock_timestamp()
         AND last_used_at > clock_timestamp() - :days * INTERVAL '1 day'
       ORDER BY last_used_at DESC, id LIMIT 200`,
      { userId, days: this.#options.refreshTokenDays },
    );
    return rows;
  }

  /** Ends sessions, their access tokens included. Without a list: all of the user's but the one to keep. */
  async end(
    trx: Transaction,
    userId: string,
    which: { families: readonly string[] } | { except?: string | undefined },
  ): Promise<number> {
    await lockUser(trx, userId);
    const { rows } = await trx.raw<Rows<{ id: string }>>(
      `UPDATE sessions SET ended_at = clock_timestamp()
       WHERE user_id = :userId AND ended_at IS NULL
         AND (:families::TEXT[] IS NULL OR id = ANY (:families)) AND id IS DISTINCT FROM :except
       RETURNING id`,
      {
        userId,
        families: 'families' in which ? [...which.families] : null,
        except: 'except' in which ? (which.except ?? null) : null,
      },
    );
    const ended = rows.map(({ id }) => id);
    await trx.raw(
      `UPDATE refresh_tokens SET revoked_at = clock_timestamp()
       WHERE user_id = :userId AND revoked_at IS NULL AND regexp_replace(id, '_[0-9]+$', '') = ANY (:ended)`,
      { userId, ended },
    );
    await this.#revocations.revoke(trx, ended, 'signed_out');
    return ended.length;
  }

  /** The family of a refresh token, when it is the user's. */
  async familyOf(trx: Transaction, userId: string, refreshToken: string): Promise<string | undefined> {
    const row = await this.#find(trx, refreshToken);
    return row?.userId === userId ? parseId(row.id).family : undefined;
  }

  async #find(trx: Transaction, refreshToken: string): Promise<TokenRow | undefined> {
    const { rows } = await trx.raw<Rows<TokenRow>>(
      `SELECT id, user_id AS "userId", expires_at <= NOW() AS "isExpired",
         extract(epoch FROM clock_timestamp() - revoked_at)::FLOAT AS "revokedSeconds"
       FROM refresh_tokens WHERE token_hash = ?`,
      [hashToken(refreshToken)],
    );
    return rows[0];
  }

  /** The newest pair of a family, found by deriving the successors of an older token. */
  async #currentPair(
    trx: Transaction,
    owner: SessionOwner,
    refreshToken: string,
    generation: number,
    family: string,
  ): Promise<TokenPair | undefined> {
    const { rows } = await trx.raw<Rows<{ n: number; hash: string; isLive: boolean; createdAt: Date }>>(
      `SELECT substring(id FROM '[0-9]+$')::INTEGER AS n, token_hash AS hash, created_at AS "createdAt",
         revoked_at IS NULL AND expires_at > NOW() AS "isLive"
       FROM refresh_tokens
       WHERE user_id = :userId AND id LIKE :pattern AND substring(id FROM '[0-9]+$')::INTEGER > :generation
       ORDER BY n`,
      { userId: owner.id, pattern: `${family}\\_%`, generation },
    );
    const newest = rows.at(-1);
    if (newest?.isLive !== true) return undefined;
    let token: string | undefined = refreshToken;
    for (const { hash } of rows) token = this.#ring.derive('refresh', token ?? '').find((next) => hashToken(next) === hash);
    return token === undefined ? undefined : this.#pair(trx, owner, family, token, newest.createdAt);
  }

  async #use(trx: Transaction, family: string, client: Client): Promise<void> {
    await trx.raw(
      `UPDATE sessions SET last_used_at = clock_timestamp(), device = coalesce(:device, device), ip = :ip WHERE id = :family`,
      { family, ...describeClient(client) },
    );
  }

  async #issue(
    trx: Transaction,
    owner: SessionOwner,
    family: string,
    generation: number,
    refreshToken: string,
  ): Promise<TokenPair> {
    const { rows } = await trx.raw<Rows<{ createdAt: Date }>>(
      `INSERT INTO refresh_tokens (id, user_id, token_hash, expires_at, created_at)
       VALUES (:id, :userId, :hash,
         least(clock_timestamp() + :days * INTERVAL '1 day', (SELECT expires_at FROM sessions WHERE id = :family)),
         clock_timestamp())
       RETURNING created_at AS "createdAt"`,
      {
        id: `${family}_${String(generation)}`,
        family,
        userId: owner.id,
        hash: hashToken(refreshToken),
        days: this.#options.refreshTokenDays,
      },
    );
    return this.#pair(trx, owner, family, refreshToken, rows[0]?.createdAt ?? new Date());
  }

  async #pair(trx: Transaction, owner: SessionOwner, family: string, refreshToken: string, issuedAt: Date): Promise<TokenPair> {
    return {
      accessToken: this.#tokens.sign({
        userId: owner.id,
        roles: await this.#effectiveRoles(trx, owner),
        sessionId: family,
        issuedAt: issuedAt.getTime(),
      }),
      refreshToken,
      expiresIn: this.#options.accessTokenSeconds,
    };
  }

  async #effectiveRoles(trx: Transaction, { id, roles }: SessionOwner): Promise<readonly string[]> {
    if (!this.#options.adminNeedsSecondFactor || !roles.includes('admin')) return roles;
    return (await hasSecondFactor(trx, id)) ? roles : roles.filter((role) => role !== 'admin');
  }
}

export function clientOf({ ip, headers }: { ip: string; headers: IncomingHttpHeaders }): Client {
  return { ip, device: headers['user-agent'], host: headers.host };
}

function unknownToken(): ApiError {
  return new ApiError('UNAUTHORIZED', 'The refresh token is not known.');
}

function describeClient({ ip, device }: Client): { ip: string; device: string | null } {
  return { ip, device: device?.slice(0, LONGEST_DEVICE) ?? null };
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function parseId(id: string): { family: string; generation: number } {
  const cut = id.lastIndexOf('_');
  return { family: id.slice(0, cut), generation: Number(id.slice(cut + 1)) };
}
