import type { Durations } from './durations.ts';
import type { Place } from './places.ts';

const SECONDS = [0.001, 0.004, 0.016, 0.064, 0.256, 1.024, 4.096];

/** The places of plugins as Prometheus reads them. Written by hand: a client library would look up labels at every call. */
export function exposePlaces(places: readonly Place[]): string {
  const plugins = places.filter(({ owner, calls, errors }) => owner !== 'kernel' && (calls > 0 || errors > 0));
  return [
    ...metric('musclemap_plugin_run_seconds', 'histogram', "Time that a plugin's code took, by where it ran", plugins, histogram),
    ...metric('musclemap_plugin_faults_total', 'counter', "Failures of a plugin's code, by where it ran", plugins, (name, place) =>
      place.errors > 0 ? [`${name}${labels(place)} ${String(place.errors)}`] : [],
    ),
    ...metric('musclemap_plugin_database_seconds_total', 'counter', "Time that a plugin's statements took", plugins, (name, place) =>
      place.statements > 0 ? [`${name}${labels(place)} ${String(place.databaseMilliseconds / 1000)}`] : [],
    ),
    ...metric('musclemap_plugin_statements_total', 'counter', "A plugin's statements", plugins, (name, place) =>
      place.statements > 0 ? [`${name}${labels(place)} ${String(place.statements)}`] : [],
    ),
    '',
  ].join('\n');
}

/** How long connections of the database were waited for, by whose code it was. */
export function exposeWaits(waits: ReadonlyMap<string, { durations: Durations; milliseconds: number; count: number }>): string {
  const name = 'musclemap_database_wait_seconds';
  const lines = [...waits].flatMap(([owner, { durations, milliseconds, count }]) => {
    const label = `plugin="${escape(owner)}"`;
    return [
      ...SECONDS.map((limit) => `${name}_bucket{${label},le="${String(limit)}"} ${String(durations.countBelow(limit * 1000))}`),
      `${name}_bucket{${label},le="+Inf"} ${String(count)}`,
      `${name}_sum{${label}} ${String(milliseconds / 1000)}`,
      `${name}_count{${label}} ${String(count)}`,
    ];
  });
  return [`# HELP ${name} Time that connections of the database were waited for`, `# TYPE ${name} histogram`, ...lines, ''].join('\n');
}

function metric(
  name: string,
  type: 'histogram' | 'counter',
  help: string,
  places: readonly Place[],
  lines: (name: string, place: Place) => string[],
): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...places.flatMap((place) => lines(name, place))];
}

function histogram(name: string, place: Place): string[] {
  const { calls, durations, milliseconds } = place;
  return [
    ...SECONDS.map((limit) => `${name}_bucket${labels(place, `,le="${String(limit)}"`)} ${String(durations.countBelow(limit * 1000))}`),
    `${name}_bucket${labels(place, ',le="+Inf"')} ${String(calls)}`,
    `${name}_sum${labels(place)} ${String(milliseconds / 1000)}`,
    `${name}_count${labels(place)} ${String(calls)}`,
  ];
}

function labels({ owner, where }: Place, more = ''): string {
  return `{plugin="${escape(owner)}",where="${escape(where)}"${more}}`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
