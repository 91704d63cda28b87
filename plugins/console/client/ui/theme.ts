import { signal } from '@preact/signals';

/** `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';

const STORED = 'musclemap.theme';
const stored = localStorage.getItem(STORED);

export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === 'system') {
    localStorage.removeItem(STORED);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(STORED, chosen);
    document.documentElement.dataset.theme = chosen;
  }
}
