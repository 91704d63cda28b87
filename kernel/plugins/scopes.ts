import { PluginFailure } from './activation.ts';
import type { KernelHooks, PluginKernel } from './contract.ts';
import type { Scope } from './manifest.ts';

/** What every plugin has, whatever it asks for. */
type Free = 'id' | 'version' | 'config' | 'log' | 'clock' | 'hooks' | 'offer' | 'plugin';

/** The scope that a part of `kernel` needs. */
export const SCOPE_OF_MEMBER: Record<Exclude<keyof PluginKernel, Free>, Scope> = {
  database: 'database',
  credits: 'credits',
  events: 'events',
  jobs: 'jobs',
  users: 'users',
  realtime: 'realtime',
  redis: 'redis',
  mail: 'mail',
  storage: 'storage',
  moderation: 'moderation',
};

/** The scope that tapping a hook of the kernel needs; null where every plugin may. */
export const SCOPE_OF_HOOK: Record<keyof KernelHooks, Scope | null> = {
  routes: 'routes',
  creditActions: 'credits',
  migrations: 'database',
  events: 'events',
  jobs: 'jobs',
  permissions: 'permissions',
  exporters: 'exporters',
  commands: 'commands',
  channels: 'realtime',
  pages: 'pages',
  panels: 'routes',
  install: null,
  uninstall: null,
  start: null,
  stop: null,
  userRegistered: 'users',
  visibilityChanged: 'users',
  mayContact: 'users',
  moderate: 'moderation',
  creditsCharged: 'credits',
  entitlement: 'credits',
  price: 'credits',
};

/** A plugin uses something that its manifest does not ask for. */
export class CapabilityError extends PluginFailure {
  override name = 'CapabilityError';
  readonly scope: Scope;

  constructor(plugin: string, what: string, scope: Scope) {
    super(plugin, `${plugin}: ${what} needs the scope "${scope}", which its plugin.json does not ask for.`);
    this.scope = scope;
  }
}

/** The kernel as a plugin with these scopes gets it: the rest does not exist, and looking for it says what is missing. */
export function restrictKernel(kernel: PluginKernel, scopes: readonly Scope[]): PluginKernel {
  const hooks = restrict(kernel.id, 'kernel.hooks', kernel.hooks, SCOPE_OF_HOOK, scopes);
  const own = Object.defineProperty(kernel, 'hooks', { value: hooks, enumerable: true });
  return restrict(kernel.id, 'kernel', own, SCOPE_OF_MEMBER, scopes);
}

function restrict<T extends object>(
  plugin: string,
  name: string,
  whole: T,
  needed: Readonly<Record<string, Scope | null>>,
  scopes: readonly Scope[],
): T {
  const granted = Object.entries(Object.getOwnPropertyDescriptors(whole)).filter(([key]) => {
    const scope = needed[key];
    return scope === undefined || scope === null || scopes.includes(scope);
  });
  const missing = new Proxy(Object.create(null) as object, {
    get: (_target, key) => {
      const scope = typeof key === 'string' ? needed[key] : undefined;
      if (scope !== undefined && scope !== null) throw new CapabilityError(plugin, `${name}.${String(key)}`, scope);
      return undefined;
    },
  });
  return Object.freeze(Object.create(missing, Object.fromEntries(granted)) as T);
}
