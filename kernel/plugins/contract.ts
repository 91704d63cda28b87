import type { Redis } from 'ioredis';
import type { Knex } from 'knex';
import type { PermissionRegistrar } from '../accounts/permissions.ts';
import type { Visibility } from '../accounts/visibility.ts';
import type { ExporterRegistrar } from '../accounts/personal-data.ts';
import type { CommandRegistrar } from '../cli/plugin-command.ts';
import type { CreditsService } from '../credits/service.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Reader } from '../database/readers.ts';
import type { Transaction } from '../database/transaction.ts';
import type { EventName, EventOptions, EventPayload, EventHandler } from '../events/events.ts';
import type { JobHandler, JobOptions } from '../events/jobs.ts';
import type { Caller, RouteRegistrar } from '../http/route.ts';
import type { PanelRegistrar } from '../panels/panel.ts';
import type { ChannelRegistrar } from '../realtime/channels.ts';
import type { RealtimeService } from '../realtime/service.ts';
import type { PageRegistrar } from '../pages/pages.ts';
import type { MailTemplate, MailValues } from '../mail/template.ts';
import type { Assessment, ModeratedContent, ModerationService } from '../moderation/moderation.ts';
import type { StorageService } from '../storage/service.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DecisionHook, InstallHook, LifecycleHook, RegistrationHook, StartHook, TransactionHook, WaterfallHook } from './hooks.ts';

/** An action that costs credits. Its price can be changed by an administrator; `defaultCost` is what it starts with. */
export interface CreditAction {
  /** `plugin.verb`, as `workout.log`. */
  id: string;
  name: string;
  description?: string;
  defaultCost: number;
}

export interface CreditActionRegistrar {
  add(action: CreditAction): void;
}

export interface MigrationRegistrar {
  /** Registers every `0001_what.ts` of a folder, as `directory(import.meta.dirname, 'migrations')`. */
  directory(...path: string[]): void;
}

export interface EventRegistrar {
  /**
   * Calls `handler` after the commit of what emitted the event, at least once and in no promised order, with retries and
   * back-off; what keeps failing is kept as a dead letter that an administrator can replay. A handler is idempotent by
   * `event.id`. Events that are emitted while the plugin is enabled but cannot run wait for it, and so do undelivered ones
   * while it is disabled; what is emitted while it is disabled does not reach it.
   */
  on<Name extends EventName>(name: Name, handler: EventHandler<Name>, options?: EventOptions): void;
}

export interface JobRegistrar {
  /**
   * Registers background work, which `kernel.jobs.enqueue` queues a run of; with `cron` it also runs by itself, and its data
   * is a CronRun then.
   *
   * @example jobs.add('sweep', { cron: '0 3 * * *' }, async () => { await deleteOldRows(); });
   */
  add<Data extends object>(name: string, options: JobOptions, handler: JobHandler<Data>): void;
}

/** Somebody has just signed up, in the transaction that makes the account. */
export interface UserRegistered {
  trx: Transaction;
  user: { id: string; username: string };
}

/** What others may see of somebody has changed: by their own choice, by a ban, by asking to be erased. */
export interface VisibilityChanged {
  trx: Transaction;
  userId: string;
  /** As it holds from now on. */
  visibility: Visibility;
}

/** Credits have just been taken, in the transaction that took them. */
export interface CreditsCharged {
  trx: Transaction;
  userId: string;
  action: string;
  amount: number;
  entryId: string;
}

/** Why a user pays nothing. The kernel knows `subscription` and `trial`; plugins may add reasons. */
export interface Entitlement {
  reason: string;
}

export interface PriceContext {
  userId: string;
  action: string;
}

/** One person is about to reach another, or several. */
export interface Contact {
  fromId: string;
  toIds: readonly string[];
  /** By what, as `message`, `transfer` or `invitation`. */
  kind: string;
  /** The transaction in which it is asked, to read on: a second connection beside it could be one too many. */
  trx?: Transaction | undefined;
}

/** The hooks of the kernel. Every tap is named by the id of its plugin. */
export interface KernelHooks {
  routes: RegistrationHook<RouteRegistrar>;
  creditActions: RegistrationHook<CreditActionRegistrar>;
  migrations: RegistrationHook<MigrationRegistrar>;
  events: RegistrationHook<EventRegistrar>;
  jobs: RegistrationHook<JobRegistrar>;
  /**
   * Rights that routes ask for and administrators give to roles.
   *
   * @example
   * kernel.hooks.permissions.tap('gym', (permissions) => {
   *   permissions.add({ id: 'gym.manage', description: 'Changes opening hours and classes', roles: ['coach'] });
   * });
   * kernel.hooks.routes.tap('gym', (routes) => {
   *   routes.put('/gym/hours', { summary: 'Changes the hours', auth: { permission: 'gym.manage' }, body: Hours }, setHours);
   * });
   */
  permissions: RegistrationHook<PermissionRegistrar>;
  /** What the plugin keeps about people: for the export of their data, and for their erasure. */
  exporters: RegistrationHook<ExporterRegistrar>;
  commands: RegistrationHook<CommandRegistrar>;
  channels: RegistrationHook<ChannelRegistrar>;
  /** Pages for browsers, at an address of their own beside /api. */
  pages: RegistrationHook<PageRegistrar>;
  /**
   * What the console and every member's own page show of the plugin, declared as data: tables, figures, charts, forms and
   * actions over routes of the plugin.
   */
  panels: RegistrationHook<PanelRegistrar>;
  /** Once, when the plugin is first enabled: after its migrations, in their transaction. */
  install: InstallHook;
  /**
   * Each time the plugin begins to run: enabled, configured anew, or at the start of a server. Its statements are part of the
   * change that starts it. When a plugin is replaced, the next one starts before the one before stops.
   */
  start: StartHook;
  /** Each time it ends, after the requests that were under way. */
  stop: LifecycleHook;
  /** Once, when the plugin is uninstalled: before its migrations are undone, if they are. */
  uninstall: InstallHook;
  userRegistered: TransactionHook<UserRegistered>;
  /** For plugins that keep lists of people: rankings, feeds, directories. */
  visibilityChanged: TransactionHook<VisibilityChanged>;
  creditsCharged: TransactionHook<CreditsCharged>;
  /** The first reason why a user pays nothing, asked when neither subscription nor trial gives one. */
  entitlement: DecisionHook<{ userId: string }, Entitlement | undefined>;
  /**
   * Whether one person may reach all of the others: the first tap that answers `false` refuses (`BLOCKED`), undefined leaves it to the others.
   * Asked by the kernel before a transfer of credits and, through `kernel.users.mayContact`, by whoever lets people meet.
   */
  mayContact: DecisionHook<Contact, false | undefined>;
  /**
   * What to think of a content before others see it: the first tap that can tell answers, undefined leaves it to the next and at last
   * to a person. A tap may take two minutes.
   *
   * @example
   * kernel.hooks.moderate.tapPromise('virus-scan', async ({ open }) => {
   *   const found = await scan(await open());
   *   return found === undefined ? undefined : { risk: 1, reason: found, scores: {} };
   * });
   */
  moderate: DecisionHook<ModeratedContent, Assessment | undefined>;
  /** The price of an action for a user, starting from the catalogue's. */
  price: WaterfallHook<number, PriceContext>;
}

/**
 * What plugins offer each other, by plugin id. A plugin adds its own in its hooks.ts:
 *
 * @example
 * declare module 'musclemap' {
 *   interface PluginContracts {
 *     fitness: { hooks: { workoutLogged: TransactionHook<WorkoutLogged> }; services: { exercises: ExerciseService } };
 *   }
 * }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- plugins add their own by declaration merging
export interface PluginContracts {}

/** The shape that an entry of PluginContracts has. */
export interface PluginContract {
  hooks: object;
  services: object;
}

type ContractOf<Id extends string> = Id extends keyof PluginContracts
  ? PluginContracts[Id] extends PluginContract
    ? PluginContracts[Id]
    : PluginContract
  : PluginContract;

/** Another plugin, seen from outside. */
export interface Neighbour<Contract extends PluginContract> {
  /** To tap; taps count while the other plugin is enabled. */
  readonly hooks: Contract['hooks'];
  /** Undefined while the other plugin is not enabled; always there, once composed, when the manifest requires it. */
  readonly services: Contract['services'] | undefined;
}

/** The kind of each hook that a plugin offers. */
export type OfferedHooks<Contract extends PluginContract> = {
  [Name in keyof Contract['hooks']]: Contract['hooks'][Name] extends WaterfallHook<infer _V, infer _C>
    ? 'waterfall' | 'transaction' | 'decision'
    : 'transaction' | 'decision';
};

/** The database, as far as the plugin's rights go. */
export interface PluginDatabase {
  /** For statements outside a transaction. */
  readonly knex: Knex;
  /** Runs `work` in one transaction: its rows, charges and events are committed together or not at all. */
  transaction<T>(work: (trx: Transaction) => Promise<T>): Promise<T>;
}

export interface PluginEvents {
  /** Tells the subscribers after the commit of `trx`. The payload is plain JSON. */
  emit<Name extends EventName>(trx: Transaction, name: Name, payload: EventPayload<Name>): void;
}

export interface PluginJobs {
  /** Queues a run of one of the plugin's jobs, in `trx` when there is one. */
  enqueue(name: string, data: object, options?: { trx?: Transaction; startAfterSeconds?: number }): Promise<void>;
}

/** The public part of an account. */
export interface Profile {
  id: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
  currentArchetypeId: string | null;
  currentLevel: number;
}

export interface PluginUsers {
  /**
   * The public profiles of those ids that exist, by id. Who is banned or erased has none.
   *
   * @param options.trx The transaction to read on, when there is one: waiting in a transaction for a second connection may be waiting
   * for oneself.
   * @param options.reader The reader of a route that a replica may answer.
   * @param options.mayBeBanned Also those of who is banned or erased, for moderators, who have to see whom something is about. The name of
   * who is erased is `erased_` with a number.
   */
  profiles(ids: readonly string[], options?: ({ trx?: Transaction } | { reader: Reader }) & { mayBeBanned?: boolean }): Promise<Map<string, Profile>>;
  /** When those of the ids that exist signed up, by id. */
  joined(ids: readonly string[], options?: { trx?: Transaction }): Promise<Map<string, Date>>;
  /**
   * The ids of all accounts that are not banned, in pages, for work that concerns everybody; the order is that of the ids.
   *
   * @param after The last id of the page before; undefined for the first page.
   */
  idsAfter(after: string | undefined, limit: number, options?: { trx?: Transaction }): Promise<string[]>;
  /**
   * What others may see of those ids that exist, by id, in one statement: a feed leaves out who is not `inFeed`, a ranking
   * who is not `onLeaderboard`. A query of its own may join the view `user_visibility` instead.
   */
  visibility(ids: readonly string[], options?: { trx?: Transaction } | { reader: Reader }): Promise<Map<string, Visibility>>;
  /** Whether the roles of a caller hold a permission, for what depends on more than the route. */
  may(caller: Pick<Caller, 'roles'>, permission: string): boolean;
  /** Whether one person may reach another, as the taps on `mayContact` see it; yes when there is none. */
  mayContact(contact: Contact): Promise<boolean>;
}

export interface PluginMail {
  /**
   * Queues a mail to a user in `trx`; it leaves after the commit, to the address that they have then, and is tried again
   * while the mail server is away. @throws TypeError when the template names a value that is not given.
   *
   * @example
   * await kernel.mail.send(trx, { userId, template: WELCOME, values: { gym: 'Iron House' } });
   */
  send(trx: Transaction, mail: { userId: string; template: MailTemplate; values?: MailValues }): Promise<void>;
}

/** Everything a plugin gets. It carries the plugin's id, so that all it registers, queries and logs has a known owner. */
export interface PluginKernel<Config = Record<string, unknown>, Id extends string = string> {
  readonly id: Id;
  readonly version: string;
  /** The plugin's configuration, valid against its manifest's schema; a change takes effect without a restart. */
  readonly config: Readonly<Config>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly hooks: KernelHooks;
  readonly database: PluginDatabase;
  readonly credits: CreditsService;
  readonly events: PluginEvents;
  readonly jobs: PluginJobs;
  readonly realtime: RealtimeService;
  /**
   * Redis, when the server has one; undefined on a server without. A command fails at once while Redis is away (look at `status`):
   * every use has another way, and an answer to a client never depends on it.
   */
  readonly redis: Redis | undefined;
  readonly storage: StorageService;
  readonly moderation: ModerationService;
  readonly users: PluginUsers;
  readonly mail: PluginMail;
  /** Offers hooks and services to other plugins, as declared in PluginContracts; answers the hooks to call. */
  offer(contract: {
    hooks: OfferedHooks<ContractOf<Id>>;
    services: ContractOf<Id>['services'];
  }): ContractOf<Id>['hooks'];
  /** Another plugin, which the manifest names in `requires` or `uses`. */
  plugin<Other extends string>(id: Other): Neighbour<ContractOf<Other>>;
}

/** What the main file of a plugin exports, made by definePlugin(). */
export interface Plugin<Config = Record<string, unknown>, Id extends string = string> {
  /** Pure registration: synchronous and without I/O. What needs I/O taps `start` and `stop`. */
  apply(kernel: PluginKernel<Config, Id>): void;
}

/**
 * Defines a plugin; the default export of its `main` file.
 *
 * @example
 * export default definePlugin({
 *   apply(kernel) {
 *     kernel.hooks.routes.tap('hello', (routes) => {
 *       routes.get('/hello', { summary: 'Says hello', auth: 'none' }, () => ({ hello: 'world' }));
 *     });
 *   },
 * });
 */
export function definePlugin<Config = Record<string, unknown>, Id extends string = string>(
  plugin: Plugin<Config, Id>,
): Plugin<Config, Id> {
  return plugin;
}
