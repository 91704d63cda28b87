import type { PanelRegistrar } from 'musclemap';

/** What members train towards. */
export function registerPanels(panels: PanelRegistrar): void {
  panels.add({
    id: 'distribution',
    kind: 'chart',
    title: 'Members by archetype',
    route: 'GET /admin/archetypes/members',
    chart: 'bar',
    x: { field: 'name', label: 'Archetype' },
    series: [{ field: 'members', label: 'Members', type: 'number' }],
  });
  panels.add({
    id: 'levels',
    kind: 'table',
    title: 'Levels reached',
    route: 'GET /admin/archetypes/members',
    columns: [
      { field: 'name', label: 'Archetype' },
      { field: 'members', label: 'Members', type: 'number' },
      { field: 'averageLevel', label: 'Average level', type: 'number' },
      { field: 'highestLevel', label: 'Highest level', type: 'number' },
    ],
  });
}
