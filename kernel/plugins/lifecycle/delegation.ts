import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';
import { ApiError, type ErrorCode } from '../../http/errors.ts';
import type { PluginHost } from '../host.ts';
import { CHANNEL } from '../installed-plugins.ts';
import type { Outcome } from './changes.ts';
import { readInstances } from './cluster.ts';
import { planCommand, runCommand, type PluginCommand } from './commands.ts';
import type { Plan } from './plan.ts';

/** What the command line asks of a running instance. */
export interface DelegatedCommand {
  plugin: string;
  command: PluginCommand;
  /** Who typed it, as the system knows them. */
  by: string;
  /** Only says what would happen. */
  isPlan?: boolean;
}

type Answer = { outcome: Outcome | Plan } | { error: { code: ErrorCode; message: string; details?: unknown } };

const POLL_MS = 50;
const LIMIT_MS = 120_000;
/** A command that nobody took is not done later, when whoever asked has gone. */
const STALE_SECONDS = 10;

/** Has a running instance do it; undefined when none takes it, as when no server runs. @throws ApiError as the instance does. */
export async function delegate(knex: Knex, request: DelegatedCommand): Promise<Outcome | Plan | undefined> {
  if ((await readInstances(knex)).length === 0) return undefined;
  const { rows } = await knex.raw<Rows<{ id: number }>>(
    `INSERT INTO plugin_commands (command) VALUES (?) RETURNING id, pg_notify('${CHANNEL}', '')`,
    [JSON.stringify(request)],
  );
  const id = rows[0]?.id ?? 0;
  try {
    const started = performance.now();
    for (;;) {
      const row = await knex('plugin_commands').where({ id }).first<{ taken_by: string | null; answer: Answer | null }>();
      if (row.answer !== null) return read(row.answer);
      const waited = performance.now() - started;
      if (row.taken_by === null && waited > STALE_SECONDS * 1000 && (await withdraw(knex, id))) return undefined;
      if (waited > LIMIT_MS) throw new ApiError('UNAVAILABLE', 'The server took the command and has not answered.');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await knex('plugin_commands').where({ id }).delete();
  }
}

async function withdraw(knex: Knex, id: number): Promise<boolean> {
  return (await knex('plugin_commands').where({ id, taken_by: null }).update({ taken_by: 'nobody' })) === 1;
}

function read(answer: Answer): Outcome | Plan {
  if ('outcome' in answer) return answer.outcome;
  const { code, message, details } = answer.error;
  throw new ApiError(code, message, { details });
}

/** Does what the command line has asked for, each once in the whole cluster. */
export async function answerCommands(host: PluginHost, instance: string): Promise<void> {
  const { knex } = host.services;
  await knex.raw('DELETE FROM plugin_commands WHERE asked_at < now() - make_interval(secs => ?)', [LIMIT_MS / 1000]);
  for (;;) {
    const { rows } = await knex.raw<Rows<{ id: number; command: DelegatedCommand }>>(
      `UPDATE plugin_commands SET taken_by = :instance WHERE id = (
         SELECT id FROM plugin_commands WHERE taken_by IS NULL AND asked_at > now() - make_interval(secs => :stale)
         ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
       ) RETURNING id, command`,
      { instance, stale: STALE_SECONDS },
    );
    const [row] = rows;
    if (row === undefined) return;
    const answer = await perform(host, row.command);
    await knex('plugin_commands').where({ id: row.id }).update({ answer: JSON.stringify(answer) });
  }
}

async function perform(host: PluginHost, { plugin, command, by, isPlan }: DelegatedCommand): Promise<Answer> {
  try {
    if (isPlan === true) return { outcome: await planCommand(host, plugin, command) };
    return { outcome: await runCommand(host, plugin, command, { kind: 'cli', id: by }) };
  } catch (error) {
    if (!(error instanceof ApiError)) host.services.log.error({ err: error, plugin }, 'a command failed');
    const { code, message, details } = error instanceof ApiError ? error : new ApiError('INTERNAL_ERROR');
    return { error: { code, message, details } };
  }
}
