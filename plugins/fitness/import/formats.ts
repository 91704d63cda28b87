import { WorkoutFileError, type FoundColumns } from './errors.ts';
import { recogniseFitNotes } from './fitnotes.ts';
import { recogniseHevy, recogniseOwnCsv } from './hevy.ts';
import type { App, FormatOptions, Recognition, RowFormat } from './row-format.ts';
import { recogniseStrong } from './strong.ts';
import type { Header } from './table.ts';

/** In the order in which they are tried: ours has all the columns of Hevy. */
const RECOGNITIONS: readonly Recognition[] = [recogniseOwnCsv, recogniseHevy, recogniseStrong, recogniseFitNotes];

/** The least columns by which each app is known. */
const KNOWN_HEADERS: Record<Exclude<App, 'other'>, string> = {
  Strong: 'Date, Workout Name, Exercise Name, Set Order, Weight (or Weight (kg), Weight (lbs)), Reps',
  Hevy: 'title, start_time, exercise_title, set_type, weight_kg (or weight_lbs), reps',
  FitNotes: 'Date, Exercise, Category, Weight (kgs) (or Weight (lbs), or Weight and Weight Unit), Reps',
  MuscleMap: "Hevy's columns with unit and session, or our JSON",
};

/** Recognises a CSV file by its header alone; undefined when no app is known that writes it. */
export function recogniseFormat(header: Header, options: FormatOptions): RowFormat | undefined {
  for (const recognise of RECOGNITIONS) {
    const format = recognise(header, options);
    if (format) return format;
  }
  return undefined;
}

/** Says what is known and what was found. */
export function unknownHeader(header: Header, found: FoundColumns): WorkoutFileError {
  const known = Object.entries(KNOWN_HEADERS).map(([app, columns]) => `${app}: ${columns}`);
  return new WorkoutFileError(
    'unknown-header',
    `This header is not known: ${header.labels.join(', ').slice(0, 500)}. Known are ${known.join('; ')}. ` +
      'Any other CSV needs a mapping of its columns.',
    { found },
  );
}
