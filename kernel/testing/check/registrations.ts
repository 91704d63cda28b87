import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Kernel } from '../../kernel.ts';
import { applyPlugin, completeConfig } from '../../plugins/activate.ts';
import type { Activation } from '../../plugins/activation.ts';
import { compose, type Composition } from '../../plugins/composition.ts';
import type { Plugin } from '../../plugins/contract.ts';
import type { FoundPlugin } from '../../plugins/discovery.ts';
import { createPluginKernel } from '../../plugins/plugin-kernel.ts';
import type { Watch } from './watch.ts';

const MOST_MILLISECONDS = 500;
const MOST_BYTES = 32 * 1024 * 1024;

/** A trial run of `apply`, of which nothing stays. */
export interface Trial {
  activation: Activation;
  composition: Composition;
  /** Of apply() and the registrations of the plugin. */
  milliseconds: number;
}

/** Runs `apply` beside what the kernel runs, as enabling would. @throws PluginFailure as enabling would. */
export function applyOnce(kernel: Kernel, found: FoundPlugin, plugin: Plugin): Trial {
  const { plugins: host, metrics } = kernel;
  const { id } = found.manifest;
  const config = completeConfig(found, null);
  const apply: (kernel: Parameters<Plugin['apply']>[0]) => unknown = plugin.apply.bind(plugin);
  const started = performance.now();
  const activation = applyPlugin(id, found, metrics, (recorder) =>
    apply(createPluginKernel(found.manifest, config, recorder, host.services)),
  );
  const applied = performance.now() - started;
  const others = [...host.composition.activations.values()].filter((other) => other.id !== id);
  const composition = compose([...others, activation], metrics);
  return { activation, composition, milliseconds: applied + (composition.times.get(id) ?? 0) };
}

/** Runs `apply` twice and answers what is wrong with it. */
export async function checkApply(kernel: Kernel, found: FoundPlugin, plugin: Plugin, watch: Watch): Promise<string[]> {
  const { id } = found.manifest;
  const problems: string[] = [];
  const trials: Trial[] = [];
  const heap = settledHeap();
  const io = await watch.findIo(() => {
    trials.push(applyOnce(kernel, found, plugin));
  });
  const bytes = settledHeap() - heap;
  const unwatched = applyOnce(kernel, found, plugin);
  trials.push(unwatched);
  problems.push(...io.map((what) => `apply() does I/O: ${what}. Move it to a tap on start.`));
  // A statement is counted when it is answered.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const statements = kernel.plugins.placesOf(id).reduce((sum, place) => sum + place.statements, 0);
  if (statements > 0) problems.push('apply() sends statements to the database. Move them to a tap on start.');
  // Being watched takes time of its own; what takes long does so the second time as well.
  problems.push(...overLimits('apply()', { milliseconds: unwatched.milliseconds, bytes }, MOST_MILLISECONDS));
  const [first = new Set<string>(), second = new Set<string>()] = trials.map((trial) => describeRegistrations(trial, id));
  for (const line of first) if (!second.has(line)) problems.push(`apply() registers only the first time: ${shorten(line)}`);
  for (const line of second) if (!first.has(line)) problems.push(`apply() registers only the second time: ${shorten(line)}`);
  return problems;
}

/** What took longer or kept more memory than it may. */
export function overLimits(what: string, used: { milliseconds: number; bytes: number }, mostMilliseconds: number): string[] {
  const problems: string[] = [];
  if (used.milliseconds > mostMilliseconds) {
    problems.push(`${what} takes ${String(Math.round(used.milliseconds))} ms, more than ${String(mostMilliseconds)}.`);
  }
  if (used.bytes > MOST_BYTES) {
    problems.push(`${what} keeps ${String(Math.round(used.bytes / 1024 / 1024))} MiB of memory, more than ${String(MOST_BYTES / 1024 / 1024)}.`);
  }
  return problems;
}

/** The bytes that are in use once all garbage is gone. */
export function settledHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Everything that a plugin has registered, a line each. */
export function describeRegistrations({ activation, composition }: Trial, id: string): ReadonlySet<string> {
  const isOwn = ({ owner }: { owner: string }): boolean => owner === id;
  const describe = (kind: string, name: string, options: unknown): string => `${kind} ${name} ${JSON.stringify(options ?? {})}`;
  const taps = [...activation.taps].filter(([, { taps }]) => taps.length > 0);
  return new Set([
    ...composition.routes.routes.filter(isOwn).map(({ name, options }) => describe('route', name, options)),
    ...[...composition.creditActions.values()].filter(isOwn).map((action) => describe('credit action', action.id, action)),
    ...(composition.migrations.get(id) ?? []).map((folder) => describe('migrations', folder, undefined)),
    ...[...composition.subscriptions.values()].flat().filter(isOwn).map(({ event, options }) => describe('event', event, options)),
    ...[...composition.jobs.values()].filter(isOwn).map(({ name, options }) => describe('job', name, options)),
    ...[...composition.permissions.values()].filter(isOwn).map((permission) => describe('permission', permission.id, permission)),
    ...composition.commands.filter(isOwn).map((command) => describe('command', JSON.stringify(command), undefined)),
    ...composition.channels.all.filter(isOwn).map(({ pattern, options }) => describe('channel', pattern, options)),
    ...[...composition.channels.messages.values()].filter(isOwn).map(({ type, body }) => describe('message', type, body)),
    ...composition.pages.all.filter(isOwn).map(({ path, files }) => describe('page', path, [...files.keys()])),
    ...composition.panels.filter(isOwn).map(({ panel }) => describe('panel', panel.id, panel)),
    describe('exporters', String(composition.exporters.filter(isOwn).length), undefined),
    ...taps.map(([key, { taps }]) => describe('taps on', key, taps.map(({ type, fn: _fn, ...options }) => ({ type, ...options })))),
    ...[...activation.offered].map(([name, kind]) => describe('hook', name, kind)),
    ...Object.keys(activation.services).map((name) => describe('service', name, undefined)),
  ]);
}

function shorten(line: string): string {
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
