import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseInUseError, EmbeddedDatabaseError } from './errors.ts';

/**
 * Holds a folder for this process. The lock is a listening socket, which the operating system gives up however the process
 * ends, so it can neither be forgotten nor be mistaken for one whose process id was used again.
 *
 * @throws EmbeddedDatabaseError naming the process that holds it.
 */
export async function lockFolder(directory: string): Promise<() => Promise<void>> {
  const address = lockAddress(directory);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(address);
    if (server !== undefined) return () => close(server);
    const owner = await askOwner(address);
    if (owner !== undefined) {
      throw new DatabaseInUseError(
        `The database in ${directory} is already in use by process ${owner}. Stop it, or set MUSCLEMAP_HOME to another folder.`,
      );
    }
    await unlink(address).catch(() => undefined);
  }
  throw new EmbeddedDatabaseError(`The folder ${directory} cannot be locked.`);
}

function lockAddress(directory: string): string {
  const name = `musclemap-${createHash('sha256').update(directory).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

async function listen(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(String(process.pid));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function askOwner(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(address);
    socket.setEncoding('utf8');
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(text === '' ? undefined : text);
    });
  });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
