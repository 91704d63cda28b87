import { createHash } from 'node:crypto';
import type { Trigger } from '../catalogue/types.ts';
import { addDays } from '../days.ts';

export interface Candidate {
  id: string;
  triggerType: string;
  priority: number;
  /** The day it was last chosen for this member, anywhere. */
  lastChosen: string | null;
  /** How well it fits, above 0 to 1. */
  fit: number;
}

/** How much more a tip says that was triggered by something particular. */
const WEIGHTS: Record<Trigger, number> = {
  inactivity: 45,
  milestone: 40,
  exercise: 30,
  muscle: 30,
  streak: 30,
  level: 25,
  goal: 25,
  time_of_day: 15,
  random: 5,
};
const ADDED_WEIGHT = 35;
const PRIORITY_WEIGHT = 4;
/** What chance adds at most, so that days differ. */
const CHANCE = 25;
/** For so many days a tip is not repeated, as long as there is another one. */
const REPEAT_AFTER_DAYS = 30;

/**
 * Puts what fits into order for a member and a day: fresh ones before repeated ones, the most relevant first, no trigger twice
 * before every other has had its turn. The same question has the same answer on every server.
 */
export function choose(candidates: readonly Candidate[], userId: string, day: string, count: number): string[] {
  const freshUntil = addDays(day, -REPEAT_AFTER_DAYS);
  const fitting = candidates
    .filter(({ fit }) => fit > 0)
    .map((candidate) => ({ ...candidate, score: scoreOf(candidate) + CHANCE * chance(`${userId} ${day} ${candidate.id}`) }))
    .sort((a, b) => b.score - a.score || compareText(a.id, b.id));
  const isFresh = ({ lastChosen }: Candidate): boolean => lastChosen === null || lastChosen <= freshUntil;
  const repeated = fitting
    .filter((candidate) => !isFresh(candidate))
    .sort((a, b) => compareText(a.lastChosen ?? '', b.lastChosen ?? ''));
  return [...takeTurns(fitting.filter(isFresh)), ...repeated].slice(0, count).map(({ id }) => id);
}

/** The first of each trigger, then the second of each, and so on. */
function takeTurns(candidates: readonly Candidate[]): Candidate[] {
  const turns = new Map<string, number>();
  return candidates
    .map((candidate) => {
      const turn = turns.get(candidate.triggerType) ?? 0;
      turns.set(candidate.triggerType, turn + 1);
      return { candidate, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ candidate }) => candidate);
}

function scoreOf({ triggerType, priority, fit }: Candidate): number {
  const weight = (WEIGHTS as Partial<Record<string, number>>)[triggerType] ?? ADDED_WEIGHT;
  return weight * fit + PRIORITY_WEIGHT * priority;
}

/** From 0 to 1, always the same for the same text. */
function chance(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
