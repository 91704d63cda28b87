import type { DateOrder } from '../import/dates.ts';
import type { ColumnMapping } from '../import/generic.ts';
import type { ImportWarning } from '../import/session.ts';
import type { DistanceUnit, WeightUnit } from '../import/units.ts';
import type { ExerciseSuggestion } from '../import/match.ts';

/** How a member wants a file to be read. */
export interface ImportSettings {
  dryRun: boolean;
  isPublic: boolean;
  unit: WeightUnit;
  distanceUnit?: DistanceUnit | undefined;
  dateOrder?: DateOrder | undefined;
  mapping?: ColumnMapping | undefined;
  /** What names in the file mean: the id of an exercise, or null to leave it out. */
  names: Readonly<Record<string, string | null>>;
}

/** What an import did, or would do. */
export interface ImportReport {
  format: string;
  /** What the file does not say and was taken from the settings. */
  assumptions: readonly string[];
  dryRun: boolean;
  /** Rows below the header; in JSON the workouts. */
  rows: number;
  /** New ones. */
  workouts: number;
  sets: number;
  /** Σ weight × reps over the sets of the new ones, in kilograms. */
  volumeKg: number;
  totalTU: number;
  /** Workouts that were there before. */
  duplicates: number;
  /** How many rows and workouts were left out; the first of them are in `skipped`. */
  problems: number;
  skipped: ImportWarning[];
  /** Values that were left out while their row was kept. */
  warnings: ImportWarning[];
  unmatched: { name: string; suggestions: ExerciseSuggestion[] }[];
}
