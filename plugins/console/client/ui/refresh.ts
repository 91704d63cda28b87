// Part of the script that runs before all others (early.ts): it imports nothing.

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
}

/** What became of a refresh token: new tokens, or the answer that gave none. */
export type Exchange = { tokens: Tokens } | { refusal: Response };

/** Shared by all tabs; the access token stays in the memory of each. */
export const STORED = 'musclemap.refresh-token';

declare global {
  var musclemapExchange: Promise<Exchange | undefined> | undefined;
}

/**
 * Gives the refresh token for new ones; undefined when there is none. One at a time, also among tabs: each ends the refresh token before it.
 *
 * @throws TypeError when the server cannot be reached.
 */
export async function exchange(): Promise<Exchange | undefined> {
  // Browsers have locks on https and on the machine itself; elsewhere the server's grace has to do.
  return 'locks' in navigator ? await navigator.locks.request('musclemap.refresh', send) : send();
}

async function send(): Promise<Exchange | undefined> {
  const refreshToken = localStorage.getItem(STORED);
  if (refreshToken === null) return undefined;
  const answer = await fetch('/api/auth/refresh', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ refreshToken }) });
  if (!answer.ok) return { refusal: answer };
  const { data: tokens } = (await answer.json()) as { data: Tokens };
  localStorage.setItem(STORED, tokens.refreshToken);
  return { tokens };
}
