import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ServerProcessOptions {
  /** Beside PATH, PORT=0 and no limit of requests. */
  env: Record<string, string>;
  /** What node runs; the server itself unless said. */
  arguments?: readonly string[];
  /** What node is run by, as `ip netns exec NAME`; has to become node itself. */
  command?: readonly string[];
  /** In place of node and what it runs, as `npm start`. */
  program?: readonly string[];
  /** Whether it leads a group of processes, as what is typed at a terminal does. */
  leadsGroup?: boolean;
  /** Where the server's own folder is, if not here. */
  cwd?: string;
}

/** The server as a process of its own, as a gym runs it. */
export class ServerProcess {
  readonly child: ChildProcess;
  /** Where it listens the first time; rejects when it ends before. */
  readonly url: Promise<string>;
  /** Every address it has listened on: more than one when it was started again. */
  readonly urls: string[] = [];
  said = '';

  constructor({ env, arguments: args = ['--import', './kernel/typescript/register.mjs', 'kernel/main.ts'], command = [], program: whole, leadsGroup = false, cwd }: ServerProcessOptions) {
    const [program = process.execPath, ...rest] = whole ?? [...command, process.execPath, ...args];
    this.child = spawn(program, rest, {
      env: { PATH: process.env.PATH, PORT: '0', RATE_LIMIT_MAX: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: leadsGroup,
      ...(cwd !== undefined && { cwd }),
    });
    const { stdout, stderr } = this.child;
    if (!stdout || !stderr) throw new Error('no output');
    stderr.on('data', (text: Buffer) => (this.said += text.toString()));
    this.url = new Promise((resolve, reject) => {
      createInterface(stdout).on('line', (line) => {
        this.said += `${line}\n`;
        const url = /listens on (http:\S+);/.exec(line)?.[1];
        if (url === undefined) return;
        this.urls.push(url);
        resolve(url);
      });
      this.child.once('exit', (code) => {
        reject(new Error(`The server ended with ${String(code)}: ${this.said}`));
      });
    });
    this.url.catch(() => undefined);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for its end and answers the exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (!this.hasEnded) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }
}
