import type { PanelRegistrar } from 'musclemap';

/** What who runs the gym sees of training. */
export function registerPanels(panels: PanelRegistrar): void {
  registerFigures(panels);
  registerTables(panels);
}

function registerFigures(panels: PanelRegistrar): void {
  panels.add({
    id: 'activity',
    kind: 'chart',
    title: 'Workouts',
    description: 'The last four weeks, by day (UTC)',
    page: 'home',
    route: 'GET /admin/workouts/days',
    chart: 'bar',
    x: { field: 'date', label: 'Day', type: 'date' },
    series: [
      { field: 'workouts', label: 'Workouts', type: 'number' },
      { field: 'members', label: 'Members', type: 'number' },
    ],
  });
  panels.add({
    id: 'units',
    kind: 'chart',
    title: 'Training Units',
    description: 'Of everybody, the last twelve weeks',
    route: 'GET /admin/workouts/days',
    query: { days: 84 },
    chart: 'line',
    x: { field: 'date', label: 'Day', type: 'date' },
    series: [{ field: 'totalTU', label: 'Training Units', type: 'number' }],
  });
  panels.add({
    id: 'training',
    kind: 'figure',
    title: 'Training',
    page: 'member',
    route: 'GET /admin/users/:userId/training',
    figures: [
      { field: 'workouts', label: 'Workouts', type: 'number' },
      { field: 'totalTU', label: 'Training Units', type: 'number' },
      { field: 'currentStreak', label: 'Days in a row', type: 'number' },
      { field: 'lastDate', label: 'Last workout', type: 'date' },
    ],
  });
}

function registerTables(panels: PanelRegistrar): void {
  panels.add({
    id: 'imports',
    kind: 'table',
    title: 'Imported histories',
    description: 'What members brought from other apps',
    route: 'GET /admin/workouts/imports',
    filters: ['state'],
    columns: [
      { field: 'user', label: 'Member', type: 'user' },
      { field: 'createdAt', label: 'When', type: 'datetime' },
      { field: 'state', label: 'State', type: 'state', tones: { done: 'good', failed: 'bad', running: 'attention', waiting: 'attention' }, words: { canceled: 'Called off' } },
      { field: 'format', label: 'From' },
      { field: 'workouts', label: 'New workouts', type: 'number' },
      { field: 'duplicates', label: 'Known before', type: 'number' },
      { field: 'problems', label: 'Left out', type: 'number' },
      { field: 'error', label: 'Why it failed' },
    ],
  });
  panels.add({
    id: 'catalogue',
    kind: 'table',
    title: 'Exercises',
    route: 'GET /exercises',
    filters: ['search', 'type', 'muscle', 'location', 'difficulty'],
    columns: [
      { field: 'name', label: 'Exercise' },
      { field: 'type', label: 'Type' },
      { field: 'primaryMuscles', label: 'Muscles', type: 'list' },
      { field: 'equipmentRequired', label: 'Needs', type: 'list' },
      { field: 'difficulty', label: 'Difficulty', type: 'number' },
      { field: 'isCompound', label: 'Compound', type: 'boolean' },
    ],
  });
}
