import { createHash } from 'node:crypto';

/**
 * Adds up the workouts of a JSON file in their order. Space between the values does not count, so a file may be
 * indented.
 */
export class WorkoutChecksum {
  readonly #hash = createHash('sha256');

  add(workout: unknown): void {
    this.#hash.update(JSON.stringify(workout)).update('\n');
  }

  /** `sha256:` and 64 hex digits. */
  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
