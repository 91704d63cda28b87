import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readDesiredState } from '../../../plugins/installed-plugins.ts';
import { awaitInstances } from '../../../plugins/lifecycle/overview.ts';
import { ARCHIVE_LIMITS } from '../../../plugins/packages/archive.ts';
import type { Uploaded } from '../../../plugins/packages/packages.ts';
import { Spool } from '../../../storage/spool.ts';
import { CommandFailure } from '../../plugin-command.ts';
import { withSession, type CommandSession } from '../../session.ts';
import { printJson, printLine } from '../../terminal.ts';
import { sourcesOf, whoTypes } from './asking.ts';
import { reportChange } from './reporting.ts';

interface Options {
  json?: boolean;
}

/** plugin install and remove: plugins that come as archives. */
export function registerPluginPackages(plugin: Command): void {
  plugin
    .command('install <archive>')
    .description('bring a plugin, or a newer version of one, as the .tgz that npm pack makes; it stays off until it is enabled')
    .option('--json', 'print what was brought as JSON')
    .action(async (archive: string, { json }: Options) => {
      const { uploaded, running } = await withSession((session) => bring(session, resolve(archive)));
      if (json === true) printJson(uploaded);
      else printLine(describeUploaded(uploaded, running));
    });
  plugin
    .command('remove <plugin>')
    .description('take away what was brought of a plugin that is not installed')
    .option('--json', 'print what was done as JSON')
    .action(async (id: string, options: Options) => {
      const generation = await withSession((session) => sourcesOf(session).packages.remove(id, { kind: 'cli', id: whoTypes() }));
      await reportChange({ generation, changed: [id] }, options);
    });
}

/** Keeps the archive and waits until every running instance has it; with the version of the plugin that is installed. */
async function bring(session: CommandSession, path: string): Promise<{ uploaded: Uploaded; running: string | undefined }> {
  const isFile = await stat(path).then((entry) => entry.isFile(), () => false);
  if (!isFile) throw new CommandFailure(`${path} is not a file. npm pack makes one of a plugin's folder.`, { exitCode: 2 });
  const { knex, config } = session;
  const copy = await new Spool(join(config.home, 'incoming')).receive(createReadStream(path), ARCHIVE_LIMITS.packedBytes);
  try {
    const uploaded = await sourcesOf(session).packages.add({ ...copy, name: basename(path) }, { kind: 'cli', id: whoTypes() });
    await awaitInstances(knex, uploaded.generation);
    const { plugins } = await readDesiredState(knex);
    return { uploaded, running: plugins.get(uploaded.id)?.version };
  } finally {
    await copy.remove();
  }
}

function describeUploaded({ id, version, isNew }: Uploaded, installed: string | undefined): string {
  const what = isNew ? `${id} ${version} is here.` : `${id} ${version} was here already.`;
  if (installed === version) return `${what} It is what is installed.`;
  const [verb, state] = installed === undefined ? ['enable', 'It is off'] : ['upgrade', `Version ${installed} is installed`];
  return `${what} ${state}: npx musclemap plugin plan ${id} --for ${verb} shows what would happen, npx musclemap plugin ${verb} ${id} does it.`;
}
