import { createRequire } from 'node:module';
import pino, { type Logger } from 'pino';
import type Pretty from 'pino-pretty';
import type { Config } from '../config/config.ts';
import { currentExecution } from './execution.ts';
import { withoutSecrets } from './secrets.ts';

export type { Logger } from 'pino';

const require = createRequire(import.meta.url);

/** JSON lines on stdout, or what else `file` is (pretty on a terminal), each with the request, user and plugin it belongs to and no secret. */
export function createLogger(
  config: Pick<Config, 'logLevel'>,
  isTerminal: boolean = process.stdout.isTTY,
  file: number = process.stdout.fd,
): Logger {
  const options: pino.LoggerOptions = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redact },
    serializers: { err: (error: unknown) => withoutSecrets(error instanceof Error ? pino.stdSerializers.err(error) : error) },
    mixin: describeExecution,
  };
  if (!isTerminal) return pino(options, pino.destination(file));
  const pretty = require('pino-pretty') as typeof Pretty;
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', destination: file }));
}

/** An error is left to its serializer, which knows its stack and causes. */
function redact(fields: Record<string, unknown>): Record<string, unknown> {
  const { err, ...rest } = fields;
  return { ...(withoutSecrets(rest) as Record<string, unknown>), ...(err !== undefined && { err }) };
}

function describeExecution(): Record<string, string> {
  const execution = currentExecution();
  if (execution === undefined) return {};
  return {
    ...(execution.requestId !== undefined && { requestId: execution.requestId }),
    ...(execution.userId !== undefined && { userId: execution.userId }),
    ...(execution.owner !== 'kernel' && { plugin: execution.owner }),
  };
}
