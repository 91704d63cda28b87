import { signal } from '@preact/signals';
import { sendOpenly } from '../ui/api.ts';

/** The enabled plugins; undefined until they are known. */
export const features = signal<ReadonlySet<string> | undefined>(undefined);

/** Asked once for each visit: a member's page shows what the gym has switched on. */
async function findFeatures(): Promise<void> {
  const { data } = await sendOpenly<{ id: string }[]>('GET', '/plugins');
  features.value = new Set(data.map(({ id }) => id));
}

findFeatures().catch(() => {
  features.value = new Set();
});
