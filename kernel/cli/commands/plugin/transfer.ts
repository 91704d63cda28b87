import { createReadStream, createWriteStream } from 'node:fs';
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
    .action(async (id: string, file: string) => {
      await withKernel((kernel) => pipeline(Readable.from(exportPlugin(kernel.plugins, id)), createWriteStream(file, { mode: 0o600 })));
      printLine(`The data of ${id} are in ${file}.`);
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

/** The lines of a file. Opened when the first is asked for: readline loses those that come before somebody listens. */
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}
