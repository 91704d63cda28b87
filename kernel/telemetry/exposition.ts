import type { Timing } from './durations.ts';
import type { Taken } from './metrics.ts';
import type { Place } from './places.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The times that requests took, as Prometheus reads them. Written by hand: a client library looks labels up at every request. */
export function exposeRequests(requests: ReadonlyMap<string, ReadonlyMap<number, Timing>>): string {
  const name = 'http_request_duration_seconds';
  const lines = [...requests].flatMap(([route, byStatus]) =>
    [...byStatus].flatMap(([status, timing]) => histogram(name, `route="${escape(route)}",status="${String(status)}"`, timing)),
  );
  return metric(name, 'histogram', 'Time to answer a request', lines);
}

/** The places of plugins. */
export function exposePlaces(places: readonly Place[]): string {
  const plugins = places.filter(({ owner, calls, errors }) => owner !== 'kernel' && (calls > 0 || errors > 0));
  const ofEach = (lines: (place: Place, labels: string) => string[]): string[] =>
    plugins.flatMap((place) => lines(place, labelsOf(place)));
  const run = 'musclemap_plugin_run_seconds';
  const faults = 'musclemap_plugin_faults_total';
  const seconds = 'musclemap_plugin_database_seconds_total';
  const statements = 'musclemap_plugin_statements_total';
  return [
    metric(run, 'histogram', "Time that a plugin's code took, by where it ran", ofEach(({ durations, milliseconds, calls }, labels) => histogram(run, labels, { durations, milliseconds, count: calls }))),
    metric(faults, 'counter', "Failures of a plugin's code, by where it ran", ofEach((place, labels) => counter(faults, labels, place.errors))),
    metric(seconds, 'counter', "Time that a plugin's statements took", ofEach((place, labels) => counter(seconds, labels, place.databaseMilliseconds / 1000))),
    metric(statements, 'counter', "A plugin's statements", ofEach((place, labels) => counter(statements, labels, place.statements))),
  ].join('');
}

/** How long connections of the database were waited for, by whose code it was. */
export function exposeWaits(waits: ReadonlyMap<string, Timing>): string {
  const name = 'musclemap_database_wait_seconds';
  const lines = [...waits].flatMap(([owner, timing]) => histogram(name, `plugin="${escape(owner)}"`, timing));
  return metric(name, 'histogram', 'Time that connections of the database were waited for', lines);
}

/** What plugins take of the machine, as it was last looked at. */
export function exposeTaken(taken: ReadonlyMap<string, Taken>): string {
  const gauge = (name: string, kind: string, valueOf: (taken: Taken) => number | null | undefined): string[] =>
    [...taken].flatMap(([plugin, figures]) => {
      const value = valueOf(figures);
      return typeof value === 'number' ? [`${name}{plugin="${escape(plugin)}"${kind}} ${String(value)}`] : [];
    });
  const processor = 'musclemap_plugin_processor_share';
  const disk = 'musclemap_plugin_disk_bytes';
  return [
    metric(processor, 'gauge', 'Of one processor, while the event loop is busy', gauge(processor, '', (figures) => figures.processor)),
    metric(disk, 'gauge', 'That tables and files of a plugin take', [
      ...gauge(disk, ',kind="tables"', ({ tableBytes }) => tableBytes),
      ...gauge(disk, ',kind="files"', ({ fileBytes }) => fileBytes),
    ]),
  ].join('');
}

function metric(name: string, type: 'histogram' | 'counter' | 'gauge', help: string, lines: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function histogram(name: string, labels: string, { durations, milliseconds, count }: Omit<Timing, 'add'>): string[] {
  return [
    ...SECONDS.map((limit) => `${name}_bucket{${labels},le="${String(limit)}"} ${String(durations.countBelow(limit * 1000))}`),
    `${name}_bucket{${labels},le="+Inf"} ${String(count)}`,
    `${name}_sum{${labels}} ${String(milliseconds / 1000)}`,
    `${name}_count{${labels}} ${String(count)}`,
  ];
}

function counter(name: string, labels: string, value: number): string[] {
  return value > 0 ? [`${name}{${labels}} ${String(value)}`] : [];
}

function labelsOf({ owner, where }: Place): string {
  return `plugin="${escape(owner)}",where="${escape(where)}"`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
