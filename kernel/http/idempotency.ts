import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { ApiError, invalid } from './errors.ts';

/** What was answered, kept to be answered again. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  data: unknown;
  meta?: Record<string, unknown>;
}

/** One request that must have one effect, however often it is sent. */
export interface IdempotentRequest {
  userId: string;
  /** As `POST /api/workouts`. */
  route: string;
  key: string;
  requestHash: string;
}

/** Another request with the same key was committed while this one ran. */
export class AlreadyAnswered extends Error {
  override name = 'AlreadyAnswered';
}

const VISIBLE = /^[\x21-\x7e]{1,128}$/;

/** @throws ApiError when the header is missing or is not 1-128 visible characters. */
export function readIdempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined) throw invalid('/headers/idempotency-key', 'is required');
  if (typeof header !== 'string' || !VISIBLE.test(header)) {
    throw invalid('/headers/idempotency-key', 'must be 1 to 128 visible characters');
  }
  return header;
}

/** A fingerprint of what a request asks for: the same for equal JSON, whatever the order of its keys. */
export function hashRequest(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts, sortedKeys)).digest('base64url');
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The earlier answer to the same request; undefined when there is none yet. */
export async function findAnswer(knex: Knex, request: IdempotentRequest): Promise<StoredAnswer | undefined> {
  const { rows } = await knex.raw<Rows<{ requestHash: string; answer: StoredAnswer }>>(
    `SELECT request_hash AS "requestHash", answer FROM idempotency_keys
     WHERE user_id = :userId AND route = :route AND key = :key`,
    { userId: request.userId, route: request.route, key: request.key },
  );
  const [stored] = rows;
  if (stored !== undefined && stored.requestHash !== request.requestHash) throw new ApiError('IDEMPOTENCY_CONFLICT');
  return stored?.answer;
}

/**
 * Keeps the answer as the last statement of the transaction that earned it. When a twin of the request was faster, this
 * waits for the twin's commit and throws AlreadyAnswered, which rolls the slower one back.
 */
export async function storeAnswer(trx: Transaction, request: IdempotentRequest, answer: StoredAnswer): Promise<void> {
  const { rowCount } = await trx.raw<Rows<object>>(
    `INSERT INTO idempotency_keys (user_id, route, key, request_hash, answer)
     VALUES (:userId, :route, :key, :requestHash, :answer) ON CONFLICT DO NOTHING`,
    { ...request, answer: JSON.stringify(answer) },
  );
  if (rowCount === 0) throw new AlreadyAnswered();
}
