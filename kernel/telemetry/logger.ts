import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config.ts';
import { currentExecution } from './execution.ts';

export type { Logger } from 'pino';

const SECRETS = ['password', 'currentPassword', 'newPassword', 'refreshToken', 'accessToken', 'token', 'secret'];

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
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat(
        'headers.authorization',
        'headers.cookie',
        '*.headers.authorization',
        '*.headers.cookie',
      ),
      censor: '[redacted]',
    },
    mixin: describeExecution,
  };
  return isTerminal ? pino(options, pretty({ colorize: true, ignore: 'pid,hostname', destination: file })) : pino(options, pino.destination(file));
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
