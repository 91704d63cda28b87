import { effect, signal } from '@preact/signals';
import { newKey } from '../ui/api.ts';
import { session } from '../ui/session.ts';
import type { SetDetail } from './types.ts';

export interface DraftSet {
  kind: 'normal' | 'warmup';
  /** As typed. */
  weight: string;
  reps: string;
  seconds: string;
}

export interface DraftExercise {
  exerciseId: string;
  name: string;
  /** Measured by time instead of repetitions. */
  isTimed: boolean;
  sets: DraftSet[];
}

export interface Draft {
  /** A second try to save it is the same workout. */
  key: string;
  exercises: DraftExercise[];
  date: string;
  notes: string;
  isPublic: boolean;
}

const NO_SET: DraftSet = { kind: 'normal', weight: '', reps: '', seconds: '' };

/** The workout that is being entered. It outlives the page and the browser: a set that was typed is not lost. */
export const draft = signal<Draft>(emptyDraft());

/** Each member's own, also where several people share a device. */
const place = (): string => `musclemap.draft.${session.value?.me.id ?? ''}`;
effect(() => {
  draft.value = read(place());
});

function read(at: string): Draft {
  try {
    const stored = JSON.parse(localStorage.getItem(at) ?? 'null') as Draft | null;
    if (stored !== null && Array.isArray(stored.exercises)) return stored;
  } catch {
    localStorage.removeItem(at);
  }
  return emptyDraft();
}

function put(changed: Draft): void {
  draft.value = changed;
  localStorage.setItem(place(), JSON.stringify(changed));
}

function emptyDraft(): Draft {
  return { key: newKey(), exercises: [], date: '', notes: '', isPublic: true };
}

export function startOver(exercises: DraftExercise[] = []): void {
  put({ ...emptyDraft(), exercises });
}

export function change(changes: Partial<Draft>): void {
  put({ ...draft.value, ...changes });
}

export function addExercise(given: { exerciseId: string; name: string; isTimed?: boolean; sets?: number; set?: Partial<DraftSet> }): DraftExercise {
  const { exerciseId, name, isTimed = false, sets = 1, set = {} } = given;
  return { exerciseId, name, isTimed, sets: Array.from({ length: sets }, () => ({ ...NO_SET, ...set })) };
}

export function changeExercise(index: number, changed: DraftExercise | undefined): void {
  const exercises = draft.value.exercises.flatMap((exercise, at) => (at !== index ? [exercise] : changed === undefined ? [] : [changed]));
  change({ exercises });
}

/** The body of POST /workouts; undefined while nothing is entered. */
export function toBody({ exercises, date, notes, isPublic }: Draft): object | undefined {
  if (exercises.length === 0) return undefined;
  return {
    exercises: exercises.map(({ exerciseId, isTimed, sets }) => ({
      exerciseId,
      sets: sets.length,
      setDetails: sets.map((set) => toDetail(set, isTimed)),
    })),
    isPublic,
    ...(date !== '' && { date }),
    ...(notes.trim() !== '' && { notes: notes.trim() }),
  };
}

function toDetail({ kind, weight, reps, seconds }: DraftSet, isTimed: boolean): SetDetail {
  return {
    type: kind,
    ...(weight !== '' && { weight: Number(weight) }),
    ...(!isTimed && reps !== '' && { reps: Number(reps) }),
    ...(isTimed && seconds !== '' && { duration: Number(seconds) }),
  };
}
