import type { Redis } from 'ioredis';
import type { Knex } from 'knex';
import type { AccountsService } from '../accounts/accounts-service.ts';
import type { CreditsContext } from '../credits/credits.ts';
import { createCreditsService } from '../credits/plugin-credits.ts';
import { findProfiles, findSignUps, findUserIds } from '../accounts/users.ts';
import { findVisibility } from '../accounts/visibility.ts';
import { openReader, type Reader } from '../database/readers.ts';
import type { Transaction } from '../database/transaction.ts';
import type { WorkQueue } from '../events/queue.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { Storage } from '../storage/storage.ts';
import { createModeration } from '../moderation/moderation.ts';
import { PluginFailure, type Recorder } from './activation.ts';
import type { Composition } from './composition.ts';
import type { Neighbour, PluginContract, PluginKernel } from './contract.ts';
import { OPEN, openTransaction, turningTransactions } from './database/views.ts';
import type { HookKind } from './hooks.ts';
import { pluginDatabase } from './lifecycle/transition.ts';
import type { PluginManifest } from './manifest.ts';
import { restrictKernel } from './scopes.ts';

/** What the kernel shares with every plugin. */
export interface PluginServices {
  knex: Knex;
  log: Logger;
  clock: Clock;
  credits: CreditsContext;
  queue: Pick<WorkQueue, 'emit' | 'enqueue'>;
  realtime(): Realtime;
  redis: Redis | undefined;
  storage: Storage;
  accounts(): Pick<AccountsService, 'permissions' | 'context'>;
  composition(): Composition;
}

/** Makes the `kernel` that one plugin gets. */
export function createPluginKernel(
  manifest: Pick<PluginManifest, 'id' | 'version' | 'requires' | 'uses' | 'scopes'>,
  config: Readonly<Record<string, unknown>>,
  recorder: Recorder,
  services: PluginServices,
): PluginKernel {
  const { id } = manifest;
  const { knex, queue } = services;
  // The kernel works on its own transaction, whatever the plugin sees of it.
  const opening = <Service extends object>(service: Service): Service =>
    recorder.view === OPEN ? service : turningTransactions(service, openTransaction);
  const kernel: PluginKernel = {
    id,
    version: manifest.version,
    config,
    log: services.log.child({ plugin: id }),
    clock: services.clock,
    hooks: recorder.hooks,
    database: pluginDatabase(knex, recorder.view),
    credits: opening(createCreditsService(id, services.credits)),
    events: opening({
      emit: (trx, name, payload) => {
        queue.emit(trx, name, payload);
      },
    }),
    jobs: opening({ enqueue: (name, data, options) => queue.enqueue(id, name, data, options) }),
    get realtime() {
      return opening(services.realtime().serviceFor(id));
    },
    redis: services.redis,
    moderation: createModeration(() => services.composition().hooks.moderate),
    storage: opening(services.storage.serviceFor(id)),
    users: opening(createUsers(knex, services)),
    mail: opening({
      send: (trx, { userId, ...mail }) => services.accounts().context.mail.send(trx, { to: { userId }, ...mail }),
    }),
    offer: ({ hooks, services: offered }) => {
      const kinds = hooks as Record<string, HookKind>;
      recorder.offer(kinds, offered);
      return callers(id, Object.keys(kinds), services);
    },
    plugin: (other) => neighbour(manifest, other, recorder, services) as never,
  };
  return restrictKernel(kernel, manifest.scopes);
}

function createUsers(knex: Knex, services: PluginServices): PluginKernel['users'] {
  const baseOf = (on: { trx?: Transaction } | { reader: Reader }): Knex => ('reader' in on ? openReader(on.reader) : (on.trx ?? knex));
  return {
    mayContact: async (contact) => (await services.composition().hooks.mayContact.promise(contact)) !== false,
    may: ({ roles }, permission) => services.accounts().permissions.permits(roles, permission),
    visibility: (ids, on = {}) => findVisibility(baseOf(on), ids),
    profiles: async (ids, on = {}) =>
      new Map((await findProfiles(baseOf(on), ids, on)).map((profile) => [profile.id, profile])),
    joined: (ids, { trx } = {}) => findSignUps(trx ?? knex, ids),
    idsAfter: (after, limit, { trx } = {}) => findUserIds(trx ?? knex, after, limit),
  };
}

/** The offered hooks as their owner calls them: always those of the composition that serves now. */
function callers(id: string, names: readonly string[], services: PluginServices): object {
  const find = (name: string): unknown => services.composition().offeredHooks.get(`${id}/${name}`);
  return Object.defineProperties(
    {},
    Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => find(name) }])),
  );
}

function neighbour(
  manifest: Pick<PluginManifest, 'id' | 'requires' | 'uses'>,
  other: string,
  recorder: Recorder,
  services: PluginServices,
): Neighbour<PluginContract> {
  if (manifest.requires?.[other] === undefined && manifest.uses?.[other] === undefined) {
    throw new PluginFailure(
      manifest.id,
      `${manifest.id}: plugin('${other}') needs "${other}" in requires or uses of its plugin.json.`,
    );
  }
  return {
    hooks: recorder.hooksOf(other),
    get services() {
      const activation = services.composition().activations.get(other);
      if (activation === undefined || (activation.view === OPEN && recorder.view === OPEN)) return activation?.services;
      return turningTransactions(activation.services, (trx) => activation.view.transaction(trx));
    },
  };
}
