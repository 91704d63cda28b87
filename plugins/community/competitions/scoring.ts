import type { PluginKernel, Transaction } from 'musclemap';
import {
  findParticipantsAfter,
  findRunning,
  setScores,
  type Competition,
} from '../models/competitions.ts';
import { scoreOf } from './score.ts';

const MEMBERS_AT_ONCE = 100;

/** The days that count: from the day of the start to the day on which the last moment falls. */
export function daysOf({ startDate, endDate }: Pick<Competition, 'startDate' | 'endDate'>): { from: string; to: string } {
  const day = (moment: Date): string => moment.toISOString().slice(0, 10);
  return { from: day(startDate), to: day(new Date(endDate.getTime() - 1)) };
}

/** Scores are recomputed from the workouts whenever these change, so that they are always what a recomputation gives. */
export class Scoring {
  readonly #kernel: PluginKernel;

  constructor(kernel: PluginKernel) {
    this.#kernel = kernel;
  }

  /** Whether the plugin that keeps workouts is there: nothing can be scored without. */
  get isPossible(): boolean {
    return this.#kernel.plugin('fitness').services !== undefined;
  }

  /** Brings a member's scores in all running competitions up to date, reading their workouts once. */
  async rescoreMember(trx: Transaction, userId: string): Promise<void> {
    const history = this.#kernel.plugin('fitness').services?.history;
    const running = history === undefined ? [] : await findRunning(trx, userId);
    if (history === undefined || running.length === 0) return;
    const windows = running.map(daysOf);
    const from = windows.reduce((least, window) => (window.from < least ? window.from : least), windows[0]?.from ?? '');
    const to = windows.reduce((most, window) => (window.to > most ? window.to : most), '');
    const workouts = (await history.workoutsBetween([userId], { from, to, trx })).get(userId) ?? [];
    const scores = running.map((competition, index) => {
      const window = windows[index] ?? { from: '', to: '' };
      const counted = workouts.filter(({ date }) => date >= window.from && date <= window.to);
      const score = scoreOf(competition.type, competition.rules.custom, counted);
      return { competitionId: competition.id, userId, score, isChanged: score !== competition.score };
    });
    const changed = scores.filter(({ isChanged }) => isChanged);
    await setScores(trx, changed);
    await Promise.all(
      changed.map(({ competitionId, score }) =>
        this.#kernel.realtime.publish(`competition:${competitionId}`, 'score.changed', { userId, score }, { trx }),
      ),
    );
  }

  /** Brings everybody's score in one competition up to date, a page of members at a time. */
  async rescoreAll(trx: Transaction, competition: Competition): Promise<void> {
    const history = this.#kernel.plugin('fitness').services?.history;
    if (history === undefined) return;
    const { id, type, rules } = competition;
    for (let after = ''; ; ) {
      const ids = await findParticipantsAfter(trx, id, after, MEMBERS_AT_ONCE);
      if (ids.length === 0) return;
      const found = await history.workoutsBetween(ids, { ...daysOf(competition), trx });
      await setScores(
        trx,
        ids.map((userId) => ({ competitionId: id, userId, score: scoreOf(type, rules.custom, found.get(userId) ?? []) })),
      );
      after = ids.at(-1) ?? '';
    }
  }
}
