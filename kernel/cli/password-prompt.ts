import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailure } from './plugin-command.ts';

export interface PasswordSource {
  /** Make one and print it. */
  generate?: boolean;
}

/**
 * A password for a command: generated, typed without being shown, or the first line of standard input. Never an argument,
 * which every process on the machine can read.
 */
export async function askPassword({ generate }: PasswordSource): Promise<{ password: string; isGenerated: boolean }> {
  if (generate === true) return { password: randomBytes(15).toString('base64url'), isGenerated: true };
  const isTerminal = process.stdin.isTTY;
  const password = await readLine(isTerminal ? 'Password: ' : undefined);
  if (isTerminal && (await readLine('Again: ')) !== password) throw new CommandFailure('The two passwords differ.');
  if (password.length < 8 || password.length > 128) throw new CommandFailure('A password has 8 to 128 characters.');
  return { password, isGenerated: false };
}

async function readLine(prompt: string | undefined): Promise<string> {
  if (prompt !== undefined) process.stderr.write(prompt);
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: prompt !== undefined });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => {
        reject(new CommandFailure('No password was given; type one, pipe one in, or use --generate.'));
      });
      lines.once('SIGINT', () => {
        reject(new CommandFailure('Nothing was done.'));
      });
    });
  } finally {
    lines.close();
    if (prompt !== undefined) process.stderr.write('\n');
  }
}
