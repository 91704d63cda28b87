import { Type } from 'musclemap';
import { DATE_ORDERS } from '../import/dates.ts';
import { ColumnMappingSchema } from '../import/generic.ts';
import { DISTANCE_UNITS, WEIGHT_UNITS } from '../import/units.ts';
import { Nullable } from './schemas.ts';

export const ImportQuery = Type.Object({
  dryRun: Type.Optional(Type.Boolean({ default: false, description: 'Says what would be stored, and stores nothing' })),
  isPublic: Type.Optional(Type.Boolean({ default: true })),
  unit: Type.Optional(Type.Enum([...WEIGHT_UNITS], { default: 'kg', description: 'Of weights whose unit the file does not name' })),
  distanceUnit: Type.Optional(
    Type.Enum([...DISTANCE_UNITS], { description: 'Of distances whose unit the file does not name: km, or mi with lb, unless said' }),
  ),
  dateOrder: Type.Optional(Type.Enum([...DATE_ORDERS], { description: 'How dates of three numbers are written that do not begin with the year' })),
  background: Type.Optional(Type.Boolean({ default: false, description: 'Imports a small file in the background as well' })),
  mapping: Type.Optional(
    Type.String({
      maxLength: 4000,
      description:
        'JSON for a CSV of another app: { "columns": { "date": "Datum", "exercise": "Übung", "weight": "Gewicht", … }, "unit"?: "kg", ' +
        '"distanceUnit"?: "km", "dateOrder"?: "dmy" }',
    }),
  ),
  names: Type.Optional(
    Type.String({
      maxLength: 16_000,
      description: 'JSON: what names in the file mean, as { "Bench Pres": "bench_press", "Sauna": null, "My Curl": "own" }; null leaves it out, own makes it an exercise of one’s own. Remembered',
    }),
  ),
});

export const NamesSchema = Type.Record(
  Type.String({ minLength: 1, maxLength: 200 }),
  Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()]),
  { maxProperties: 500 },
);

const Problem = Type.Object({
  line: Type.Integer(),
  column: Type.Optional(Type.String()),
  value: Type.Optional(Type.String()),
  reason: Type.String(),
});

const summary = {
  state: Type.Enum(['receiving', 'waiting', 'running', 'done', 'failed', 'canceled', 'undoing', 'undone']),
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
  error: Nullable(Type.String({ description: 'Why it failed' })),
  createdAt: Nullable(Type.String({ format: 'date-time' })),
  finishedAt: Nullable(Type.String({ format: 'date-time' })),
  format: Type.String({ description: 'What the file turned out to be; empty while that is not known' }),
  assumptions: Type.Array(Type.String(), { description: 'What the file does not say and was taken from the query' }),
  dryRun: Type.Boolean(),
  rows: Type.Integer(),
  workouts: Type.Integer({ description: 'New ones' }),
  sets: Type.Integer(),
  volumeKg: Type.Number(),
  totalTU: Type.Number(),
  duplicates: Type.Integer({ description: 'Workouts that were there before' }),
  mapping: Nullable(ColumnMappingSchema),
  problems: Type.Integer({ description: 'Rows and workouts that were left out; the first 200 are in skipped' }),
};

export const ImportSummary = Type.Object({ id: Type.String(), ...summary });

export const Import = Type.Object({
  id: Nullable(Type.String({ description: 'For GET and DELETE /workouts/imports/:id; null when nothing was stored' })),
  ...summary,
  skipped: Type.Array(Problem),
  warnings: Type.Array(Problem, { description: 'Values that were left out while their row was kept' }),
  unmatched: Type.Array(
    Type.Object({
      name: Type.String(),
      suggestions: Type.Array(
        Type.Object({ exerciseId: Type.String(), name: Type.String(), score: Type.Number() }),
      ),
    }),
  ),
});

export const ExerciseNameBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S', description: 'As the file writes it' }),
  exerciseId: Nullable(Type.String({ minLength: 1, maxLength: 100 })),
});

export const KnownExerciseName = Type.Object({
  name: Type.String(),
  exerciseId: Nullable(Type.String()),
  exerciseName: Nullable(Type.String()),
});
