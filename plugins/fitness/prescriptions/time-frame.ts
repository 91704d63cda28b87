import { clamp } from './dosage.ts';

/** Seconds of the parts of a session. */
export interface TimeFrame {
  total: number;
  warmup: number;
  cooldown: number;
  main: number;
}

/** From so many minutes on, warm-up and cool-down take at least three each. */
const FULL_SESSION = 20;
const SHORT_WARMUP = 120;
const LEAST_WARMUP = 180;
const MOST_WARMUP = 600;
const MOST_COOLDOWN = 480;

/** How a session is divided. More minutes never leave less for the main block. */
export function timeFrameOf(minutes: number): TimeFrame {
  const total = minutes * 60;
  if (minutes >= FULL_SESSION) {
    const warmup = clamp(Math.round(total * 0.1), LEAST_WARMUP, MOST_WARMUP);
    const cooldown = clamp(Math.round(total * 0.08), LEAST_WARMUP, MOST_COOLDOWN);
    return { total, warmup, cooldown, main: total - warmup - cooldown };
  }
  const main = Math.min(total - 2 * SHORT_WARMUP, FULL_SESSION * 60 - 2 * LEAST_WARMUP);
  const warmup = Math.floor((total - main) / 2);
  return { total, warmup, cooldown: total - main - warmup, main };
}
