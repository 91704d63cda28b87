import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { writeNewPlugin } from '../new-plugin.ts';
import { CommandFailure } from '../plugin-command.ts';
import { printJson, printLine } from '../terminal.ts';
import { registerPluginCheck } from './plugin/check.ts';

const REGISTER = new URL('../register.mjs', import.meta.url).href;

/** npx musclemap plugin new|check|test: what authors of plugins need. */
export function registerPluginAuthoring(program: Command): void {
  const group = program.commands.find((command) => command.name() === 'plugin') ?? program.command('plugin').description('plugins');
  group
    .command('new <name>')
    .description('make a plugin with a route, a migration and tests that pass')
    .option('--dir <folder>', 'where its folder is made', 'plugins')
    .option('--json', 'print what was made as JSON')
    .action(async (name: string, { dir, json }: { dir: string; json?: boolean }) => {
      const directory = resolve(dir, name);
      const files = await writeNewPlugin(name, directory);
      if (json === true) printJson({ directory, files });
      else printLine(`Made ${directory} with ${files.join(', ')}.\nTry it: npx musclemap plugin test ${join(dir, name)}`);
    });
  registerPluginCheck(group);
  group
    .command('test [folder]')
    .description("run the *.test.ts files of a plugin's folder with Node's test runner")
    .action(async (folder: string = '.') => {
      const directory = resolve(folder);
      const names = await readdir(directory, { recursive: true }).catch(() => []);
      const tests = names.filter((name) => /\.test\.(ts|js|mjs)$/.test(name) && !name.includes('node_modules'));
      if (tests.length === 0) throw new CommandFailure(`${directory} has no *.test.ts files.`);
      const files = tests.sort().map((name) => join(directory, name));
      const child = spawn(process.execPath, ['--import', REGISTER, '--test', '--test-concurrency=1', ...files], { stdio: 'inherit' });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new CommandFailure('The tests failed.');
    });
}
