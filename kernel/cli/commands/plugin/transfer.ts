import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { exportPlugin, importPlugin } from '../../../plugins/lifecycle/transfer.ts';
import { withKernel } from '../../session.ts';
import { printJson, printLine } from '../../terminal.ts';

/** plugin export and import. */
export function registerPluginTransfer(plugin: Command): void {
  plugin
    .command('export <plugin> <file>')
    .description("write a plugin's data to a file: one line of JSON for each row")
    .option('--json', 'print what was written as JSON')
    .action(async (id: string, file: string, { json }: { json?: boolean }) => {
      await withKernel((kernel) => writeWhole(file, exportPlugin(kernel.plugins, id)));
      if (json === true) printJson({ plugin: id, file });
      else printLine(`The data of ${id} are in ${file}.`);
    });
  plugin
    .command('import <plugin> <file>')
    .description("read a plugin's data from a file that export wrote, into the same version of it")
    .option('--replace', 'in place of the rows that are there')
    .option('--json', 'print the numbers of rows as JSON')
    .action(async (id: string, file: string, options: { replace?: boolean; json?: boolean }) => {
      const counts = await withKernel((kernel) => importPlugin(kernel.plugins, id, linesOf(file), { replace: options.replace === true }));
      if (options.json === true) printJson(counts);
      else for (const { table, rows } of counts) printLine(`${table}: ${String(rows)} rows`);
    });
}

/** Writes a file aside and gives it its name when it is whole: an export that fails leaves what was there. */
async function writeWhole(file: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(Readable.from(lines), createWriteStream(part, { mode: 0o600 }));
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** The lines of a file. Opened when the first is asked for: readline loses those that come before somebody listens. */
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}
