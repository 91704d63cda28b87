import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { permissionRegistrar, type OwnedPermission } from '../accounts/permissions.ts';
import { exporterRegistrar, type OwnedPersonalData } from '../accounts/personal-data.ts';
import { commandRegistrar, type PluginCommand } from '../cli/plugin-command.ts';
import type { EventName } from '../events/events.ts';
import type { JobDefinition } from '../events/jobs.ts';
import { cronProblem } from '../events/schedules.ts';
import type { Subscription } from '../events/events.ts';
import { createRouteTable, type DormantRoute, type RouteTable } from '../http/route-table.ts';
import type { HttpMethod, Route, RouteRegistrar } from '../http/route.ts';
import { createPageTable, pageRegistrar, type OwnedPage, type PageTable } from '../pages/pages.ts';
import type { OwnedPanel } from '../panels/panel.ts';
import { panelRegistrar } from '../panels/panel-schema.ts';
import { resolvePanel, type ResolvedPanel } from '../panels/resolve.ts';
import { ChannelCollection, type ChannelTable } from '../realtime/channels.ts';
import { KERNEL_HOOKS, PluginFailure, type Activation } from './activation.ts';
import type { WaitingSubscribers } from './health/waiting-events.ts';
import { contain, runContained, type Observer } from './containment.ts';
import type { CreditAction, KernelHooks } from './contract.ts';
import { createHook, type AnyHook, type HookKind } from './hooks.ts';
import { CapabilityError } from './scopes.ts';

export interface OwnedCreditAction extends CreditAction {
  owner: string;
}

/** Everything that the enabled plugins make together. Never changed: a plugin that comes or goes makes a new one. */
export interface Composition {
  activations: ReadonlyMap<string, Activation>;
  hooks: KernelHooks;
  /** A plugin's offered hooks, by `plugin/hook`. */
  offeredHooks: ReadonlyMap<string, AnyHook>;
  routes: RouteTable;
  creditActions: ReadonlyMap<string, OwnedCreditAction>;
  /** The folders with a plugin's migrations. */
  migrations: ReadonlyMap<string, readonly string[]>;
  subscriptions: ReadonlyMap<EventName, readonly Subscription[]>;
  /** Events that are kept for plugins in quarantine. */
  waiting: WaitingSubscribers;
  jobs: ReadonlyMap<string, JobDefinition>;
  permissions: ReadonlyMap<string, OwnedPermission>;
  exporters: readonly OwnedPersonalData[];
  commands: readonly PluginCommand[];
  channels: ChannelTable;
  pages: PageTable;
  panels: readonly ResolvedPanel[];
  /** Milliseconds that each plugin's registrations took. */
  times: ReadonlyMap<string, number>;
}

/** What is known of plugins that are not part of a composition. */
export interface AbsentPlugins {
  dormant: readonly DormantRoute[];
  waiting: WaitingSubscribers;
}

/**
 * Taps every activation's recorded taps into fresh hooks and asks the registration hooks.
 *
 * @throws PluginFailure naming the plugin that cannot be part of it.
 */
export function compose(
  activations: readonly Activation[],
  observer: Observer,
  absent: AbsentPlugins = { dormant: [], waiting: new Map() },
): Composition {
  const byId = new Map(activations.map((activation) => [activation.id, activation]));
  const kinds = new Map<string, HookKind>(Object.entries(KERNEL_HOOKS));
  for (const { id, offered } of activations) {
    for (const [name, kind] of offered) kinds.set(`${id}/${name}`, kind);
  }
  const hooks = new Map([...kinds].map(([key, kind]) => [key, createHook(kind, key)]));
  for (const activation of activations) tapAgain(activation, hooks, kinds, byId, observer);

  const registrations = collect(activations, observer);
  const offeredHooks = new Map([...hooks].filter(([key]) => key.includes('/')));
  const kernelHooks = Object.fromEntries([...hooks].filter(([key]) => !key.includes('/'))) as unknown;
  return {
    activations: byId,
    hooks: kernelHooks as KernelHooks,
    offeredHooks,
    routes: createRouteTable(registrations.routes, absent.dormant),
    creditActions: registrations.creditActions,
    migrations: registrations.migrations,
    subscriptions: registrations.subscriptions,
    waiting: absent.waiting,
    jobs: registrations.jobs,
    permissions: registrations.permissions,
    exporters: registrations.exporters,
    commands: registrations.commands,
    channels: registrations.channels.seal(),
    pages: createPageTable(registrations.pages),
    panels: resolvePanels(registrations),
    times: registrations.times,
  };
}

function tapAgain(
  activation: Activation,
  hooks: ReadonlyMap<string, AnyHook>,
  kinds: ReadonlyMap<string, HookKind>,
  byId: ReadonlyMap<string, Activation>,
  observer: Observer,
): void {
  for (const [key, recorded] of activation.taps) {
    if (recorded.taps.length === 0) continue;
    const kind = kinds.get(key);
    const target = hooks.get(key);
    if (kind === 'registration') continue;
    if (kind === undefined || target === undefined || !('tapAsync' in target)) {
      const [provider = '', name = ''] = key.split('/');
      if (!byId.has(provider)) continue;
      throw new PluginFailure(activation.id, `${activation.id}: ${provider} offers no hook named ${name}.`);
    }
    for (const tap of recorded.taps) {
      const { options, contained } = containTap(activation, key, kind, tap, observer);
      target.tapAsync(options, contained);
    }
  }
}

function containTap(
  { id: owner, view }: Activation,
  hook: string,
  kind: Exclude<HookKind, 'registration'>,
  tap: AnyHook['taps'][number],
  observer: Observer,
): { options: Omit<typeof tap, 'fn' | 'type'>; contained: ReturnType<typeof contain> } {
  const { fn, type, ...options } = tap;
  if (type === 'async') {
    throw new PluginFailure(owner, `${owner}: ${hook} is tapped with tapPromise or tap, not tapAsync.`);
  }
  const mayVeto = 'veto' in options && options.veto === true;
  const run = fn as (...args: unknown[]) => unknown;
  return { options, contained: contain(observer, { owner, hook, kind, mayVeto, run, view }) };
}

interface Registrations {
  routes: Route[];
  creditActions: Map<string, OwnedCreditAction>;
  migrations: Map<string, string[]>;
  subscriptions: Map<EventName, Subscription[]>;
  jobs: Map<string, JobDefinition>;
  permissions: Map<string, OwnedPermission>;
  exporters: OwnedPersonalData[];
  commands: PluginCommand[];
  channels: ChannelCollection;
  pages: OwnedPage[];
  panels: OwnedPanel[];
  times: Map<string, number>;
}

function collect(activations: readonly Activation[], observer: Observer): Registrations {
  const registrations: Registrations = {
    routes: [],
    creditActions: new Map(),
    migrations: new Map(),
    subscriptions: new Map(),
    jobs: new Map(),
    permissions: new Map(),
    exporters: [],
    commands: [],
    channels: new ChannelCollection(),
    pages: [],
    panels: [],
    times: new Map(),
  };
  for (const activation of activations) {
    const started = performance.now();
    const { routes, ...others } = registrarsFor(activation, registrations);
    registerRoutes(activation, routes, registrations.routes, observer);
    for (const [name, registrar] of Object.entries(others)) register(activation, name, registrar, observer);
    refuseUnscoped(activation, registrations.routes);
    registrations.times.set(activation.id, performance.now() - started);
  }
  refuseUnknownPermissions(registrations);
  return registrations;
}

/** A route whose permission nobody adds could be called by administrators only, which is never what was meant. */
function refuseUnknownPermissions({ routes, permissions }: Registrations): void {
  for (const { owner, method, path, options } of routes) {
    if (typeof options.auth !== 'object' || permissions.has(options.auth.permission)) continue;
    throw new PluginFailure(owner, `${owner}: ${method} ${path} asks for the permission ${options.auth.permission}, which nobody adds.`);
  }
}

/** What panels name is looked up once everything is registered. */
function resolvePanels({ panels, routes, permissions }: Registrations): ResolvedPanel[] {
  return panels.map((owned) =>
    resolvePanel(owned, routes, permissions, (what) => {
      throw new PluginFailure(owned.owner, `${owned.owner}: ${what}`);
    }),
  );
}

/** Routes can ask for more than the scope `routes` gives. */
function refuseUnscoped({ id, found }: Activation, routes: readonly Route[]): void {
  const scopes = found?.manifest.scopes;
  if (scopes === undefined) return;
  for (const { method, path, options } of routes.filter(({ owner }) => owner === id)) {
    const what = `${method} ${path}, which is`;
    if (options.priced !== undefined && !scopes.includes('credits')) throw new CapabilityError(id, `${what} priced,`, 'credits');
    if (options.transaction === true && !scopes.includes('database')) {
      throw new CapabilityError(id, `${what} a transaction,`, 'database');
    }
  }
}

/** The routes of an activation, from its first composition on: their schemas are the same ones then, compiled once. */
const registeredRoutes = new WeakMap<Activation, readonly Route[]>();

function registerRoutes(activation: Activation, registrar: RouteRegistrar, routes: readonly Route[], observer: Observer): void {
  const known = registeredRoutes.get(activation);
  const before = routes.length;
  if (known === undefined) {
    register(activation, 'routes', registrar, observer);
    registeredRoutes.set(activation, routes.slice(before));
    return;
  }
  for (const { method, path, options, handler } of known) {
    registrar[REGISTRAR_METHODS[method]](path.slice('/api'.length), options, handler);
  }
}

const REGISTRAR_METHODS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

function register(activation: Activation, hook: string, registrar: unknown, observer: Observer): void {
  for (const { fn } of activation.taps.get(hook)?.taps ?? []) {
    const tap = fn as (registrar: unknown) => unknown;
    let result: unknown;
    try {
      result = runContained(observer, activation.id, `hook ${hook}`, () => tap(registrar));
    } catch (error) {
      if (error instanceof PluginFailure) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new PluginFailure(activation.id, `${activation.id}: registering ${hook} failed: ${reason}`, { cause: error });
    }
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new PluginFailure(activation.id, `${activation.id}: a tap on ${hook} must be synchronous.`);
    }
  }
}

/** What each registration hook hands to the taps of one plugin. */
function registrarsFor({ id: owner, view }: Pick<Activation, 'id' | 'view'>, into: Registrations): Record<string, unknown> & { routes: RouteRegistrar } {
  const refuse = (what: string): never => {
    throw new PluginFailure(owner, `${owner}: ${what}`);
  };
  return {
    routes: routeRegistrar({ owner, view }, into.routes, refuse),
    permissions: permissionRegistrar(owner, into.permissions, refuse),
    exporters: exporterRegistrar(owner, into.exporters, view, refuse),
    commands: commandRegistrar(owner, into.commands, refuse),
    pages: pageRegistrar(owner, into.pages, refuse),
    creditActions: {
      add(action: CreditAction): void {
        const twin = into.creditActions.get(action.id);
        if (twin !== undefined) refuse(`the credit action ${action.id} is taken by ${twin.owner}.`);
        if (!/^[a-z][a-z0-9-]*\.[a-z][a-z0-9_-]*$/.test(action.id)) {
          refuse(`the credit action "${action.id}" is not named like plugin.verb.`);
        }
        if (!Number.isInteger(action.defaultCost) || action.defaultCost < 0 || action.defaultCost > 1_000_000) {
          refuse(`the default cost of ${action.id} is not a whole number from 0 to 1,000,000.`);
        }
        into.creditActions.set(action.id, { ...action, owner });
      },
    },
    migrations: {
      directory(...path: string[]): void {
        into.migrations.set(owner, [...(into.migrations.get(owner) ?? []), join(...path)]);
      },
    },
    events: {
      on(event: EventName, handler: Subscription['handler'], options: Subscription['options'] = {}): void {
        const list = into.subscriptions.get(event) ?? [];
        if (list.some((other) => other.owner === owner)) refuse(`${event} is subscribed twice; use one handler.`);
        into.subscriptions.set(event, [...list, { owner, event, options, handler }]);
      },
    },
    channels: into.channels.registrarFor(owner, refuse),
    panels: panelRegistrar(owner, into.panels, refuse),
    jobs: {
      add(name: string, options: JobDefinition['options'], handler: JobDefinition['handler']): void {
        const key = `${owner}/${name}`;
        if (!/^[a-z][a-z0-9-]*$/.test(name)) refuse(`the job "${name}" is not named in kebab-case.`);
        if (into.jobs.has(key)) refuse(`the job ${name} is registered twice.`);
        const wrong = cronProblem(options.cron);
        if (wrong !== undefined) refuse(`the job ${name}: ${wrong}`);
        into.jobs.set(key, { owner, name, options, handler });
      },
    },
  };
}

function routeRegistrar({ owner, view }: Pick<Route, 'owner' | 'view'>, routes: Route[], refuse: (what: string) => never): RouteRegistrar {
  const register =
    (method: HttpMethod) =>
    (path: string, options: Route['options'], handler: Route['handler']): void => {
      const full = `/api${path}`;
      if (!/^(\/(:[a-zA-Z][a-zA-Z0-9]*|[a-zA-Z0-9._-]+))+$/.test(path)) refuse(`${method} ${path} is not a path.`);
      const key = routeKey(method, full);
      const twin = routes.find((route) => routeKey(route.method, route.path) === key);
      if (twin !== undefined) refuse(`${method} ${full} collides with ${twin.path} of ${twin.owner}.`);
      if (typeof handler !== 'function') refuse(`${method} ${full} has no handler.`);
      if (options.rawBody === 'stream' && (options.idempotent ?? options.priced) !== undefined) {
        refuse(`${method} ${full} streams its body, so it can be neither idempotent nor priced.`);
      }
      if (options.multipart !== undefined && (options.rawBody !== undefined || method === 'GET' || method === 'DELETE')) {
        refuse(`${method} ${full} cannot take forms.`);
      }
      if (options.replica === true && (method !== 'GET' || (options.transaction ?? options.idempotent ?? options.priced) !== undefined)) {
        refuse(`${method} ${full} is no GET that only reads, so no replica can answer it.`);
      }
      routes.push({ owner, view, method, path: full, options, handler });
    };
  return {
    get: register('GET'),
    post: register('POST'),
    put: register('PUT'),
    patch: register('PATCH'),
    delete: register('DELETE'),
  };
}

/** Two routes with one key would answer the same requests, whatever their parameters are called. */
function routeKey(method: string, path: string): string {
  return `${method} ${path.replace(/:[^/]+/g, ':')}`;
}
