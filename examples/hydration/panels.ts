import type { PanelRegistrar } from 'musclemap';

/** Two panels on every member's own page, and one for who runs the gym. */
export function registerPanels(panels: PanelRegistrar): void {
  panels.add({
    id: 'water',
    kind: 'figure',
    title: 'Water',
    page: 'me',
    route: 'GET /hydration/glasses',
    figures: [
      { field: 'glasses', label: 'Glasses so far', type: 'number' },
      { field: 'goal', label: 'Goal', type: 'number' },
    ],
  });
  panels.add({
    id: 'drink',
    kind: 'action',
    title: 'A glass of water',
    page: 'me',
    actions: [{ id: 'drink', label: 'I drank a glass', route: 'POST /hydration/glasses' }],
  });
  panels.add({
    id: 'drinkers',
    kind: 'table',
    title: 'Who drinks the most',
    route: 'GET /hydration/drinkers',
    columns: [
      { field: 'user', label: 'Member', type: 'user' },
      { field: 'glasses', label: 'Glasses', type: 'number' },
      // The route answers a code; people read what it is called, in the colour of what it means.
      {
        field: 'state',
        label: 'Goal',
        type: 'state',
        tones: { reached: 'good', below: 'attention' },
        words: { reached: 'Has drunk enough', below: 'Still thirsty' },
      },
    ],
  });
}
