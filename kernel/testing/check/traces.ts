import type { Kernel } from '../../kernel.ts';
import type { AnyHook } from '../../plugins/hooks.ts';
import type { Watch } from './watch.ts';

const PATIENCE_MS = 2_000;

/** What a plugin could change of the process. */
export interface ProcessState {
  listeners: ReadonlyMap<string, number>;
  globals: ReadonlySet<string>;
}

export function readProcessState(): ProcessState {
  const listeners = process.eventNames().map((name): [string, number] => [String(name), process.listenerCount(name)]);
  const owners = { globalThis, 'Object.prototype': Object.prototype, 'Array.prototype': Array.prototype };
  const globals = Object.entries(owners).flatMap(([owner, object]) => Reflect.ownKeys(object).map((key) => `${owner}.${String(key)}`));
  return { listeners: new Map(listeners), globals: new Set(globals) };
}

/** What is left of a plugin that has been disabled. */
export async function findTraces(kernel: Kernel, id: string, watch: Watch, before: ProcessState): Promise<string[]> {
  for (const deadline = Date.now() + PATIENCE_MS; watch.open.length > 0 && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const after = readProcessState();
  return [
    ...watch.open.map(({ kind, at }) => `A ${kind} is left that was begun at ${at}.`),
    ...[...after.listeners]
      .filter(([name, count]) => count > (before.listeners.get(name) ?? 0))
      .map(([name]) => `A listener on process '${name}' is left.`),
    ...[...after.globals].filter((name) => !before.globals.has(name)).map((name) => `${name} is left.`),
    ...findRegistrations(kernel, id).map((what) => `${what} is left.`),
  ];
}

/** What the composition that serves still holds of a plugin. */
function findRegistrations(kernel: Kernel, id: string): string[] {
  const { composition } = kernel.plugins;
  const isOwn = ({ owner }: { owner: string }): boolean => owner === id;
  const hooks: [string, Pick<AnyHook, 'taps'>][] = Object.entries({ ...composition.hooks });
  const taps = hooks.filter(([, hook]) => hook.taps.some(({ name }) => name === id));
  return [
    ...composition.routes.routes.filter(isOwn).map(({ name }) => `The route ${name}`),
    ...[...composition.jobs.values()].filter(isOwn).map(({ name }) => `The job ${name}`),
    ...[...composition.subscriptions.values()].flat().filter(isOwn).map(({ event }) => `The subscription to ${event}`),
    ...composition.channels.all.filter(isOwn).map(({ pattern }) => `The channel ${pattern}`),
    ...composition.commands.filter(isOwn).map(() => 'A command'),
    ...taps.map(([name]) => `A tap on ${name}`),
  ];
}
