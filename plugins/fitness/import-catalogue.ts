import { readFile, stat } from 'node:fs/promises';
import { CommandFailure, type CommandRegistrar, type PluginKernel } from 'musclemap';
import { Value } from 'typebox/value';
import { convertExercise } from './catalogue/free-exercise-db/convert.ts';
import { FreeExercise } from './catalogue/free-exercise-db/entry.ts';
import { lockCatalogue } from './models/catalogue.ts';
import { ExerciseImporter, type SourcedExercise, type StoredExercises } from './models/imported-exercises.ts';

const SOURCE = 'free-exercise-db';
const LARGEST_FILE = 64 * 1024 * 1024;
const AT_ONCE = 100;
const MOST_PROBLEMS = 20;

interface Problem {
  entry: number;
  name: string;
  problem: string;
}

/** `npx musclemap fitness import FILE`: more exercises than those that ship. */
export function registerCatalogueImport(commands: CommandRegistrar, kernel: PluginKernel): void {
  commands.add(
    'import <file>',
    { summary: 'Adds the exercises of a free-exercise-db JSON file to the catalogue; again changes nothing twice' },
    async ({ arguments: { file } }, terminal) => {
      const given = await readEntries(file);
      const { entries, problems } = checkEntries(given);
      const done = await importEntries(kernel, entries, (count) => {
        terminal.progress(`${String(count)} of ${String(entries.length)} exercises`);
      });
      terminal.progress('');
      terminal.table(problems.slice(0, MOST_PROBLEMS), ['entry', 'name', 'problem'], '');
      const { added, updated, matched } = done;
      terminal.print(
        `${String(given.length)} entries: ${String(added)} added, ${String(updated)} brought up to date, ` +
          `${String(matched)} known already, ${String(problems.length)} left out.`,
      );
      return { entries: given.length, ...done, problems };
    },
  );
}

async function readEntries(file: string): Promise<unknown[]> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw new CommandFailure(`There is no file ${file} that can be read.`, { cause: error });
  });
  if (size > LARGEST_FILE) throw new CommandFailure(`${file} is larger than 64 MiB.`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandFailure(`${file} cannot be read.`, { cause: error });
  });
  try {
    const entries: unknown = JSON.parse(text);
    if (Array.isArray(entries)) return entries as unknown[];
  } catch (error) {
    throw new CommandFailure(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new CommandFailure(`${file} is not a list of exercises, as free-exercise-db's dist/exercises.json is.`);
}

/** What can be used of the entries, each source id once, and what is wrong with the others. */
export function checkEntries(given: readonly unknown[]): { entries: SourcedExercise[]; problems: Problem[] } {
  const entries = new Map<string, SourcedExercise>();
  const problems: Problem[] = [];
  for (const [index, entry] of given.entries()) {
    if (Value.Check(FreeExercise, entry)) entries.set(entry.id, { sourceId: entry.id, exercise: convertExercise(entry) });
    else problems.push({ entry: index + 1, name: nameOf(entry), problem: problemOf(entry) });
  }
  return { entries: [...entries.values()], problems };
}

function problemOf(entry: unknown): string {
  const [error] = Value.Errors(FreeExercise, entry);
  return error === undefined ? 'is not an exercise' : `${error.instancePath.slice(1) || 'it'} ${error.message}`;
}

function nameOf(entry: unknown): string {
  return typeof entry === 'object' && entry !== null && 'name' in entry && typeof entry.name === 'string' ? entry.name : '–';
}

/** All entries or none; instances that import at once wait for each other. */
async function importEntries(
  kernel: PluginKernel,
  entries: readonly SourcedExercise[],
  advanced: (count: number) => void,
): Promise<StoredExercises> {
  return kernel.database.transaction(async (trx) => {
    await lockCatalogue(trx);
    const importer = await ExerciseImporter.open(trx, SOURCE);
    for (let start = 0; start < entries.length; start += AT_ONCE) {
      await importer.store(entries.slice(start, start + AT_ONCE));
      advanced(Math.min(entries.length, start + AT_ONCE));
    }
    return importer.done;
  });
}
