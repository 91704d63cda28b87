import { ApiError, invalid, type Static } from 'musclemap';
import { latestDay, today } from './dates.ts';
import type { SetDetail, WorkoutExercise } from './models/workouts.ts';
import type { WorkoutBody } from './routes/schemas.ts';
import type { TrainingCatalogue } from './training-units.ts';

type GivenExercise = Static<typeof WorkoutBody>['exercises'][number];
type GivenSet = NonNullable<GivenExercise['setDetails']>[number];

/**
 * The exercises of a request as they are stored.
 *
 * @throws ApiError naming every exercise that is not in the catalogue and every count that its sets do not bear out.
 */
export function toExercises(given: readonly GivenExercise[], catalogue: TrainingCatalogue): WorkoutExercise[] {
  const problems = given.flatMap(({ exerciseId, sets, setDetails }, index) => {
    const path = `/body/exercises/${String(index)}`;
    if (!catalogue.activations.has(exerciseId)) {
      return { path: `${path}/exerciseId`, message: 'is not an exercise of the catalogue' };
    }
    const isMiscounted = setDetails !== undefined && setDetails.length !== sets;
    return isMiscounted ? { path: `${path}/sets`, message: 'is not the number of setDetails' } : [];
  });
  if (problems.length > 0) throw new ApiError('VALIDATION_ERROR', undefined, { details: problems });
  return given.map(toExercise);
}

function toExercise({ exerciseId, sets, setDetails, ...given }: GivenExercise): WorkoutExercise {
  const details = setDetails?.map(toSetDetail);
  const heaviest = details && heaviestOf(details);
  return {
    exerciseId,
    sets,
    reps: given.reps ?? heaviest?.reps ?? null,
    weight: given.weight ?? heaviest?.weight ?? null,
    duration: given.duration ?? heaviest?.duration ?? null,
    notes: given.notes ?? null,
    ...(details && { setDetails: details }),
  };
}

function toSetDetail({ type = 'normal', ...rest }: GivenSet): SetDetail {
  return { type, ...rest };
}

/** The set that stands for all: the heaviest that is no warm-up, or of equals the first. */
function heaviestOf(sets: readonly SetDetail[]): SetDetail | undefined {
  const working = sets.filter(({ type }) => type !== 'warmup');
  const [first = sets[0], ...others] = working;
  return others.reduce((best, set) => ((set.weight ?? 0) > (best?.weight ?? 0) ? set : best), first);
}

/** Today unless said; not later than today is anywhere on earth. */
export function workoutDate(date: string | undefined, now: Date): string {
  if (date !== undefined && date > latestDay(now)) throw invalid('/body/date', 'lies in the future');
  return date ?? today(now);
}
