// Runs before the first paint, while all other scripts are still on their way.
import { exchange, STORED } from './ui/refresh.ts';

// No page flashes in the other scheme.
const chosen = localStorage.getItem('musclemap.theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;

// Who has been here is let in meanwhile. What fails is told by the session, which takes it up.
if (localStorage.getItem(STORED) !== null) {
  globalThis.musclemapExchange = exchange();
  globalThis.musclemapExchange.catch(() => undefined);
}
