import { CellError } from './errors.ts';
import { importedSession } from './imported-session.ts';
import { MOST_SETS_PER_SESSION } from './limits.ts';
import type { ExerciseHead, RowContent, SessionHead } from './row-format.ts';
import { canonicalText, compact } from './session.ts';
import type { ImportedExercise, ImportedSession, ImportedSet, ImportWarning, UnitSource } from './session.ts';
import type { SetReading } from './measures.ts';

type Content = Exclude<RowContent, 'rest'>;

interface ExerciseDraft {
  name: string;
  notes: Set<string>;
  sets: PlacedSet[];
  lastPosition: number | undefined;
}

interface PlacedSet {
  set: ImportedSet;
  position: number | undefined;
}

/**
 * Puts rows together to sessions. Rows of one session are neighbours in every export we know, so a session is complete
 * as soon as a row of another one comes: memory stays constant. Rows that come later under the key of an earlier
 * session are not lost and not merged into what was already given out: they become a session of their own, with its own
 * content key.
 */
export class SessionAssembly {
  readonly #formatUnitSource: UnitSource;
  #draft: SessionDraft | undefined;

  constructor(formatUnitSource: UnitSource) {
    this.#formatUnitSource = formatUnitSource;
  }

  /** Takes a row; gives the session before it when that one is complete. */
  add(content: Content, line: number): ImportedSession | undefined {
    const isSame = this.#draft?.head.key === content.session.key;
    const complete = isSame ? undefined : this.finish();
    this.#draft = isSame && this.#draft ? this.#draft : new SessionDraft(content.session, line, this.#formatUnitSource);
    this.#draft.add(content, line);
    return complete;
  }

  /** The last session, if it has a set. */
  finish(): ImportedSession | undefined {
    const session = this.#draft?.build();
    this.#draft = undefined;
    return session;
  }
}

class SessionDraft {
  readonly head: SessionHead;
  readonly #firstLine: number;
  readonly #formatUnitSource: UnitSource;
  readonly #notes = new Set<string>();
  readonly #exercises: ExerciseDraft[] = [];
  readonly #unitSources = new Set<UnitSource>();
  readonly #warnings: ImportWarning[];
  #lastLine: number;
  #setCount = 0;

  constructor(head: SessionHead, line: number, formatUnitSource: UnitSource) {
    this.head = head;
    this.#firstLine = line;
    this.#lastLine = line;
    this.#formatUnitSource = formatUnitSource;
    this.#warnings = [...head.warnings];
  }

  add({ session, exercise, reading }: Content, line: number): void {
    if (reading && this.#setCount >= MOST_SETS_PER_SESSION) {
      throw new CellError(undefined, undefined, `the session has more than ${String(MOST_SETS_PER_SESSION)} sets`);
    }
    this.#lastLine = line;
    if (session.notes !== undefined) this.#notes.add(session.notes);
    const draft = this.#exerciseFor(exercise);
    if (exercise.notes !== undefined) draft.notes.add(exercise.notes);
    if (reading) this.#addSet(draft, reading, exercise.position);
  }

  build(): ImportedSession | undefined {
    if (this.#setCount === 0) return undefined;
    const { date, startedAt, title, durationSeconds, isPublic } = this.head;
    const exercises = this.#exercises.filter((exercise) => exercise.sets.length > 0).map(buildExercise);
    return importedSession(
      { date, startedAt, title, notes: joinNotes(this.#notes), durationSeconds, isPublic, exercises },
      {
        firstLine: this.#firstLine,
        lastLine: this.#lastLine,
        unitSource: this.#unitSource(),
        warnings: this.#warnings,
      },
    );
  }

  #addSet(draft: ExerciseDraft, { set, unitSource, warnings }: SetReading, position: number | undefined): void {
    draft.sets.push({ set, position });
    draft.lastPosition = position ?? draft.lastPosition;
    this.#setCount += 1;
    if (unitSource) this.#unitSources.add(unitSource);
    this.#warnings.push(...warnings);
  }

  #exerciseFor({ name, position }: ExerciseHead): ExerciseDraft {
    const last = this.#exercises.at(-1);
    const isAgain = last?.lastPosition !== undefined && position !== undefined && position <= last.lastPosition;
    if (last?.name === name && !isAgain) return last;
    const draft: ExerciseDraft = { name, notes: new Set(), sets: [], lastPosition: undefined };
    if (last?.name === name) draft.sets = takeTrailingWarmups(last.sets);
    this.#exercises.push(draft);
    return draft;
  }

  #unitSource(): UnitSource {
    if (this.#unitSources.has('option')) return 'option';
    if (this.#unitSources.has('row')) return 'row';
    return this.#unitSources.has('header') ? 'header' : this.#formatUnitSource;
  }
}

/**
 * Strong does not number warm-ups: those at the end belong to the second time, which shows itself only in the set after
 * them.
 */
function takeTrailingWarmups(sets: PlacedSet[]): PlacedSet[] {
  return sets.splice(sets.findLastIndex(({ set, position }) => set.type !== 'warmup' || position !== undefined) + 1);
}

function buildExercise({ name, notes, sets }: ExerciseDraft): ImportedExercise {
  return compact<ImportedExercise>({ name, notes: joinNotes(notes), sets: sets.map(({ set }) => set) });
}

/** A note may be repeated in every row; different ones are all kept. */
function joinNotes(notes: ReadonlySet<string>): string | undefined {
  return canonicalText([...notes].join('\n'));
}
