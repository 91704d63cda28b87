import type { AnyHook, HookKind } from './hooks.ts';
import { createHook } from './hooks.ts';
import type { FoundPlugin } from './discovery.ts';
import type { KernelHooks } from './contract.ts';
import { OPEN, type DatabaseView } from './database/views.ts';

/** The kernel's hooks and their kinds. */
export const KERNEL_HOOKS: Record<keyof KernelHooks, HookKind> = {
  routes: 'registration',
  creditActions: 'registration',
  migrations: 'registration',
  events: 'registration',
  jobs: 'registration',
  permissions: 'registration',
  exporters: 'registration',
  commands: 'registration',
  channels: 'registration',
  pages: 'registration',
  panels: 'registration',
  install: 'lifecycle',
  start: 'lifecycle',
  stop: 'lifecycle',
  uninstall: 'lifecycle',
  userRegistered: 'transaction',
  visibilityChanged: 'transaction',
  creditsCharged: 'transaction',
  entitlement: 'decision',
  mayContact: 'decision',
  moderate: 'decision',
  price: 'waterfall',
};

/** A plugin did something wrong that keeps it, and only it, from running. */
export class PluginFailure extends Error {
  override name = 'PluginFailure';
  readonly plugin: string;

  constructor(plugin: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.plugin = plugin;
  }
}

/** What a plugin's `apply` did, kept so that every later composition can tap it again without running `apply` again. */
export interface Activation {
  id: string;
  found: FoundPlugin | undefined;
  /** By key: the name of a kernel hook, or `plugin/hook` for another plugin's. */
  taps: ReadonlyMap<string, AnyHook>;
  offered: ReadonlyMap<string, HookKind>;
  services: object;
  /** What it sees of the database. */
  view: DatabaseView;
}

/** Records what one plugin taps and offers while its `apply` runs; refuses everything after. */
export class Recorder {
  readonly #id: string;
  readonly #taps = new Map<string, AnyHook>();
  readonly #offered = new Map<string, HookKind>();
  #services: object = {};
  #isSealed = false;
  readonly hooks: KernelHooks;
  /** What the plugin sees of the database. */
  readonly view: DatabaseView;

  constructor(id: string, view: DatabaseView = OPEN) {
    this.#id = id;
    this.view = view;
    const hooks = Object.entries(KERNEL_HOOKS).map(([name, kind]) => [name, this.#record(name, kind)]);
    this.hooks = Object.fromEntries(hooks) as KernelHooks;
  }

  /** The hooks of another plugin, to tap. Which of them exist is checked when composing, when both are there. */
  hooksOf(pluginId: string): object {
    return new Proxy(
      {},
      {
        get: (_target, name) => {
          if (typeof name !== 'string') return undefined;
          const key = `${pluginId}/${name}`;
          return this.#taps.get(key) ?? this.#record(key, 'transaction');
        },
      },
    );
  }

  offer(hooks: Record<string, HookKind>, services: object): void {
    this.#refuseWhenSealed('offer()');
    for (const [name, kind] of Object.entries(hooks)) this.#offered.set(name, kind);
    this.#services = services;
  }

  /** Ends the recording. */
  seal(found: FoundPlugin | undefined): Activation {
    this.#isSealed = true;
    return { id: this.#id, found, taps: this.#taps, offered: this.#offered, services: this.#services, view: this.view };
  }

  #record(key: string, kind: HookKind): AnyHook {
    const hook = createHook(kind, key);
    hook.intercept({
      register: (tap) => {
        this.#refuseWhenSealed(`a tap on ${key}`);
        if (tap.name !== this.#id) {
          throw new PluginFailure(this.#id, `${key}: a tap of ${this.#id} is named '${this.#id}', not '${tap.name}'.`);
        }
        return tap;
      },
    });
    this.#taps.set(key, hook);
    return hook;
  }

  #refuseWhenSealed(what: string): void {
    if (this.#isSealed) {
      throw new PluginFailure(this.#id, `${this.#id}: ${what} after apply() had returned; register while it runs.`);
    }
  }
}
