import type { Command } from 'commander';
import { readConfig } from '../../config/environment.ts';
import { loadSigningKeys, rotateSigningKeys } from '../../config/signing-keys.ts';
import { CommandFailure } from '../plugin-command.ts';
import { printLine, printRows } from '../terminal.ts';

/** npx musclemap keys … */
export function registerKeysCommands(program: Command): void {
  const keys = program.command('keys').description('the keys that sign access tokens');
  keys
    .command('list')
    .description('their ids, the one that signs first')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = (await loadSigningKeys(readConfig())).map(({ id, retiredAt }) => ({ id, retiredAt: retiredAt?.toISOString() ?? null }));
      printRows(rows, ['id', 'retiredAt'], { json, whenEmpty: '' });
    });
  keys
    .command('rotate')
    .description('sign with a new key from now on; a running server takes it within seconds, and nobody is signed out')
    .action(async () => {
      const config = readConfig();
      if (config.jwtSecret !== undefined) {
        throw new CommandFailure('JWT_SECRET holds the keys of this server: put a new secret and a comma before the others, and start anew.');
      }
      const { id } = await rotateSigningKeys(config, new Date());
      printLine(`The key ${id} signs from now on.`);
    });
}
