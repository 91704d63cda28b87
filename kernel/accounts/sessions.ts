import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Revocations } from './revocations.ts';
import { refuseLockedAccount, type AccountFlags } from './users.ts';

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

interface TokenRow {
  id: string;
  userId: string;
  isExpired: boolean;
  revokedSeconds: number | null;
  roles: string[];
  flags: AccountFlags;
}

export interface SessionOptions {
  accessTokenSeconds: number;
  refreshTokenDays: number;
  refreshGraceSeconds: number;
}

/**
 * Sign-ins. A session is a family of refresh tokens `rt_{family}_{n}`; each use of the newest makes the next one, which is
 * derived from it, so that a repeated refresh within the grace finds the same successor instead of growing a branch.
 */
export class Sessions {
  readonly #secret: string;
  readonly #tokens: AccessTokens;
  readonly #revocations: Revocations;
  readonly #options: SessionOptions;

  constructor(secret: string, tokens: AccessTokens, revocations: Revocations, options: SessionOptions) {
    this.#secret = secret;
    this.#tokens = tokens;
    this.#revocations = revocations;
    this.#options = options;
  }

  async open(trx: Transaction, owner: SessionOwner): Promise<TokenPair> {
    return this.#issue(trx, owner, `rt_${randomUUID()}`, 0, randomBytes(32).toString('base64url'));
  }

  /**
   * Exchanges a refresh token for the next pair. A token that comes back after its grace ends the whole family.
   *
   * @throws ApiError UNAUTHORIZED; ACCOUNT_BANNED or ACCOUNT_SUSPENDED. Returned rather than thrown where the transaction
   * has to be committed: the end of a family must outlive the refusal.
   */
  async refresh(trx: Transaction, refreshToken: string): Promise<TokenPair | ApiError> {
    const row = await this.#find(trx, refreshToken);
    if (row === undefined) throw new ApiError('UNAUTHORIZED', 'The refresh token is not known.');
    refuseLockedAccount(row.flags);
    const { family, generation } = parseId(row.id);
    const owner = { id: row.userId, roles: row.roles };
    if (row.revokedSeconds === null) {
      if (row.isExpired) throw new ApiError('UNAUTHORIZED', 'The refresh token has expired.');
      await trx.raw('UPDATE refresh_tokens SET revoked_at = clock_timestamp() WHERE id = ?', [row.id]);
      return this.#issue(trx, owner, family, generation + 1, this.#successor(refreshToken));
    }
    if (row.revokedSeconds <= this.#options.refreshGraceSeconds) {
      const pair = await this.#currentPair(trx, owner, refreshToken, generation, family);
      if (pair !== undefined) return pair;
    }
    await this.end(trx, row.userId, [family]);
    return new ApiError('UNAUTHORIZED', 'The refresh token was used before. The session has been ended.');
  }

  /** The families of a user that can still be refreshed. */
  async families(trx: Transaction, userId: string): Promise<string[]> {
    const { rows } = await trx.raw<Rows<{ id: string }>>(
      'SELECT id FROM refresh_tokens WHERE user_id = ? AND revoked_at IS NULL AND expires_at > NOW()',
      [userId],
    );
    return [...new Set(rows.map(({ id }) => parseId(id).family))];
  }

  /** Ends sessions, their access tokens included. */
  async end(trx: Transaction, userId: string, families: readonly string[]): Promise<void> {
    await trx.raw(
      `UPDATE refresh_tokens SET revoked_at = clock_timestamp()
       WHERE user_id = :userId AND revoked_at IS NULL AND id LIKE ANY (:patterns)`,
      { userId, patterns: families.map((family) => `${family}\\_%`) },
    );
    await this.#revocations.revoke(trx, families, 'signed_out');
  }

  /** The family of a refresh token, when it is the user's. */
  async familyOf(trx: Transaction, userId: string, refreshToken: string): Promise<string | undefined> {
    const row = await this.#find(trx, refreshToken);
    return row?.userId === userId ? parseId(row.id).family : undefined;
  }

  async #find(trx: Transaction, refreshToken: string): Promise<TokenRow | undefined> {
    const { rows } = await trx.raw<Rows<TokenRow>>(
      `SELECT t.id, t.user_id AS "userId", t.expires_at <= NOW() AS "isExpired",
         extract(epoch FROM clock_timestamp() - t.revoked_at)::FLOAT AS "revokedSeconds", u.roles, u.flags
       FROM refresh_tokens t JOIN users u ON u.id = t.user_id
       WHERE t.token_hash = ? FOR NO KEY UPDATE OF t`,
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
    const { rows } = await trx.raw<Rows<{ id: string; createdAt: Date }>>(
      `SELECT id, created_at AS "createdAt" FROM refresh_tokens
       WHERE user_id = :userId AND revoked_at IS NULL AND expires_at > NOW() AND id LIKE :pattern`,
      { userId: owner.id, pattern: `${family}\\_%` },
    );
    const [newest] = rows;
    if (newest === undefined) return undefined;
    let token = refreshToken;
    for (let n = generation; n < parseId(newest.id).generation; n++) token = this.#successor(token);
    return this.#pair(owner, family, token, newest.createdAt);
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
       VALUES (:id, :userId, :hash, clock_timestamp() + :days * INTERVAL '1 day', clock_timestamp())
       RETURNING created_at AS "createdAt"`,
      {
        id: `${family}_${String(generation)}`,
        userId: owner.id,
        hash: hashToken(refreshToken),
        days: this.#options.refreshTokenDays,
      },
    );
    return this.#pair(owner, family, refreshToken, rows[0]?.createdAt ?? new Date());
  }

  #pair(owner: SessionOwner, family: string, refreshToken: string, issuedAt: Date): TokenPair {
    return {
      accessToken: this.#tokens.sign({
        userId: owner.id,
        roles: owner.roles,
        sessionId: family,
        issuedAt: issuedAt.getTime(),
      }),
      refreshToken,
      expiresIn: this.#options.accessTokenSeconds,
    };
  }

  #successor(refreshToken: string): string {
    return createHmac('sha256', this.#secret).update(`refresh:${refreshToken}`).digest('base64url');
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function parseId(id: string): { family: string; generation: number } {
  const cut = id.lastIndexOf('_');
  return { family: id.slice(0, cut), generation: Number(id.slice(cut + 1)) };
}
