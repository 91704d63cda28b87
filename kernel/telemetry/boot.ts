import { performance } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import Type, { type Static } from 'typebox';
import type { RouteRegistrar } from '../http/route.ts';
import type { StepTime } from '../plugins/health/start-steps.ts';

/** A step of a start with the steps that it is made of. Milliseconds. */
const Step = Type.Object({ name: Type.String(), milliseconds: Type.Number() });
const PluginSteps = Type.Object({ name: Type.String(), milliseconds: Type.Number(), steps: Type.Array(Step) });
const BootTree = Type.Object({
  milliseconds: Type.Number({ description: 'From the first step to the first request that is taken' }),
  steps: Type.Array(Type.Object({ name: Type.String(), milliseconds: Type.Number(), steps: Type.Array(PluginSteps) })),
});

export type BootTree = Static<typeof BootTree>;

/** How long each step of this process's start took. */
export class Boot {
  readonly #steps: { name: string; milliseconds: number }[] = [];
  #plugins: BootTree['steps'][number]['steps'] = [];

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#steps.push({ name, milliseconds: round(performance.now() - started) });
    }
  }

  /** What bringing up the plugins was made of. */
  broughtUp(times: readonly StepTime[], registrations: ReadonlyMap<string, number>): void {
    const names = [...new Set(times.map(({ plugin }) => plugin))];
    this.#plugins = names.map((name) => {
      const steps: { name: string; milliseconds: number }[] = times.filter(({ plugin }) => plugin === name).map(({ step, milliseconds }) => ({ name: step, milliseconds: round(milliseconds) }));
      steps.push({ name: 'register', milliseconds: round(registrations.get(name) ?? 0) });
      return { name, milliseconds: sum(steps), steps };
    });
  }

  get tree(): BootTree {
    const steps = this.#steps.map((step) => ({ ...step, steps: step.name === 'plugins' ? this.#plugins : [] }));
    return { milliseconds: sum(steps), steps };
  }

  /** Shows the times among the metrics. */
  expose(registry: Registry): void {
    const gauge = new Gauge({
      name: 'musclemap_boot_seconds',
      help: 'Time that each step of the start took; with a plugin, its part of the step',
      labelNames: ['step', 'plugin'],
      registers: [registry],
    });
    for (const { name: step, milliseconds, steps } of this.tree.steps) {
      gauge.set({ step, plugin: '' }, milliseconds / 1000);
      for (const plugin of steps) gauge.set({ step, plugin: plugin.name }, plugin.milliseconds / 1000);
    }
  }

  /** The tree in a few words, the slowest first. */
  describe(): string {
    const slowest = (steps: readonly { name: string; milliseconds: number }[]): string =>
      [...steps]
        .sort((a, b) => b.milliseconds - a.milliseconds)
        .slice(0, 5)
        .map(({ name, milliseconds }) => `${name} ${String(Math.round(milliseconds))} ms`)
        .join(', ');
    return `started in ${String(Math.round(this.tree.milliseconds))} ms: ${slowest(this.#steps)}; of the plugins ${slowest(this.#plugins) || 'none'}`;
  }
}

export function registerBootRoute(routes: RouteRegistrar, boot: Boot): void {
  routes.get('/admin/boot', { summary: 'How long the start of this instance took, step by step and plugin by plugin', auth: 'admin', response: BootTree }, () => boot.tree);
}

function sum(steps: readonly { milliseconds: number }[]): number {
  return round(steps.reduce((total, { milliseconds }) => total + milliseconds, 0));
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
