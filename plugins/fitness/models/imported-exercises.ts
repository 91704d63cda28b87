import type { Rows, Transaction } from 'musclemap';
import { normalizeExerciseName } from '../catalogue/names.ts';
import type { CatalogueExercise } from '../catalogue/types.ts';
import { storeExercises } from './catalogue.ts';

/** An entry of a catalogue file, with the id that the file gives it. */
export interface SourcedExercise {
  sourceId: string;
  exercise: CatalogueExercise;
}

/** What became of the entries. */
export interface StoredExercises {
  added: number;
  /** Made of the file before, and brought to what it says now. */
  updated: number;
  /** Known by their name already, and left as they are. */
  matched: number;
}

interface Earlier {
  exerciseId: string;
  isMade: boolean;
}

/** Brings entries of a file into the catalogue: each once, however often the file comes and whatever it is called here. */
export class ExerciseImporter {
  readonly #trx: Transaction;
  readonly #source: string;
  readonly #earlier: Map<string, Earlier>;
  readonly #idsByName: Map<string, string>;
  readonly #ids: Set<string>;
  readonly done: StoredExercises = { added: 0, updated: 0, matched: 0 };

  private constructor(trx: Transaction, source: string, earlier: Map<string, Earlier>, names: Map<string, string>, ids: Set<string>) {
    this.#trx = trx;
    this.#source = source;
    this.#earlier = earlier;
    this.#idsByName = names;
    this.#ids = ids;
  }

  static async open(trx: Transaction, source: string): Promise<ExerciseImporter> {
    const earlier = await trx.raw<Rows<Earlier & { sourceId: string }>>(
      `SELECT source_id AS "sourceId", exercise_id AS "exerciseId", is_made AS "isMade"
       FROM imported_exercises WHERE source = ?`,
      [source],
    );
    const names = await trx.raw<Rows<{ alias: string; id: string }>>('SELECT alias, exercise_id AS id FROM exercise_aliases');
    const ids = await trx.raw<Rows<{ id: string }>>('SELECT id FROM exercises');
    return new ExerciseImporter(
      trx,
      source,
      new Map(earlier.rows.map((row) => [row.sourceId, row])),
      new Map(names.rows.map(({ alias, id }) => [alias, id])),
      new Set(ids.rows.map(({ id }) => id)),
    );
  }

  async store(entries: readonly SourcedExercise[]): Promise<void> {
    const placed = entries.map((entry) => this.#place(entry));
    await storeExercises(this.#trx, placed.flatMap(({ exercise, isMade }) => (isMade ? exercise : [])));
    const rows = placed.map(({ sourceId, exercise, isMade }) => ({
      source: this.#source,
      source_id: sourceId,
      exercise_id: exercise.id,
      is_made: isMade,
    }));
    if (rows.length > 0) await this.#trx('imported_exercises').insert(rows).onConflict(['source', 'source_id']).merge();
  }

  #place({ sourceId, exercise }: SourcedExercise): SourcedExercise & { isMade: boolean } {
    const earlier = this.#earlier.get(sourceId);
    const known = earlier?.isMade === true ? undefined : (earlier?.exerciseId ?? this.#idsByName.get(normalizeExerciseName(exercise.name)));
    if (known !== undefined) {
      this.done.matched += 1;
      return { sourceId, exercise: { ...exercise, id: known }, isMade: false };
    }
    this.done[earlier === undefined ? 'added' : 'updated'] += 1;
    const id = earlier?.exerciseId ?? this.#freeId(exercise.id);
    this.#earlier.set(sourceId, { exerciseId: id, isMade: true });
    this.#idsByName.set(normalizeExerciseName(exercise.name), id);
    return { sourceId, exercise: { ...exercise, id }, isMade: true };
  }

  #freeId(wanted: string): string {
    let id = wanted;
    for (let count = 2; this.#ids.has(id); count += 1) id = `${wanted}_${String(count)}`;
    this.#ids.add(id);
    return id;
  }
}
