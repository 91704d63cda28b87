import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CommandResult {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `npx musclemap …` as a process, with no variables but those given, and with what is typed into it; `cwd` is another copy of the sources. */
export async function runMusclemap(
  args: readonly string[],
  variables: Record<string, string>,
  input?: string,
  cwd?: string,
): Promise<CommandResult> {
  const child = spawn(process.execPath, ['kernel/cli/musclemap.mjs', ...args], {
    env: { PATH: process.env.PATH, ...variables },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  return { code, out, err };
}
