import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { Caller } from '../http/route.ts';

/** How long a ticket opens a socket. */
export const TICKET_SECONDS = 30;

/** Makes a ticket that opens one socket as `caller`: a browser cannot send a header with it. */
export async function makeTicket(knex: Knex, caller: Caller): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  await knex.raw(
    `WITH expired AS (DELETE FROM realtime_tickets WHERE expires_at < clock_timestamp())
     INSERT INTO realtime_tickets (ticket_hash, caller, expires_at)
     VALUES (:hash, :caller, clock_timestamp() + :seconds * INTERVAL '1 second')`,
    { hash: hash(ticket), caller: JSON.stringify(caller), seconds: TICKET_SECONDS },
  );
  return ticket;
}

/** Uses a ticket up; undefined when it is unknown, used or too old. */
export async function takeTicket(knex: Knex, ticket: string): Promise<Caller | undefined> {
  const { rows } = await knex.raw<Rows<{ caller: Caller; isFresh: boolean }>>(
    `DELETE FROM realtime_tickets WHERE ticket_hash = ? RETURNING caller, expires_at > clock_timestamp() AS "isFresh"`,
    [hash(ticket)],
  );
  return rows[0]?.isFresh === true ? rows[0].caller : undefined;
}

function hash(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
