import { signal } from '@preact/signals';
import { sendOpenly } from './api.ts';

/** What the gym is called; undefined where nobody has said. */
export const serverName = signal<string | undefined>(undefined);

/** What pages call the place: the gym's name, or the program's where it has none. */
export const siteName = (): string => serverName.value ?? 'MuscleMap';

export async function loadServerName(): Promise<void> {
  const { data } = await sendOpenly<{ name: string | null }>('GET', '/server');
  serverName.value = data.name ?? undefined;
}
