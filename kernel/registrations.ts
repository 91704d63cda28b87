import { proveOwner } from './accounts/accounts.ts';
import { registerAuditRoutes } from './audit/routes.ts';
import { registerBillingPermissions } from './billing/permissions.ts';
import { registerBillingRoutes } from './billing/routes.ts';
import { registerCreditAdminRoutes } from './credits/admin-routes.ts';
import { registerCreditRoutes } from './credits/routes.ts';
import { registerTransferRoutes } from './credits/transfer-routes.ts';
import { registerWorkRoutes } from './events/routes.ts';
import { admits } from './http/access.ts';
import type { RouteRegistrar } from './http/route.ts';
import type { Kernel } from './kernel.ts';
import { registerOverviewPermissions, registerOverviewRoutes } from './overview/routes.ts';
import { registerPanelRoutes } from './panels/routes.ts';
import type { Recorder } from './plugins/activation.ts';
import type { PluginHealth } from './plugins/health/plugin-health.ts';
import { registerHealthRoutes } from './plugins/health/routes.ts';
import { registerPackageRoutes } from './plugins/packages/routes.ts';
import { registerPluginRoutes } from './plugins/routes.ts';
import { registerKernelChannels, registerRealtimeRoutes } from './realtime/routes.ts';
import { registerSettingsRoutes } from './settings/routes.ts';
import { registerBootRoute, type Boot } from './telemetry/boot.ts';

/** What the kernel registers is made of; asked for while requests are answered, not while it registers. */
export interface RegisteringKernel {
  kernel: Kernel;
  health: PluginHealth;
  boot: Boot;
  version: string;
  /** What links begin with. */
  baseUrl: () => string;
}

/** The kernel's own part of every composition, registered as any plugin does it. */
export function registerKernel(recorder: Recorder, parts: RegisteringKernel): void {
  const { kernel } = parts;
  const { hooks } = recorder;
  kernel.accounts.register(recorder);
  hooks.routes.tap('kernel', (routes) => {
    registerCreditRoutes(routes, kernel.credits);
    registerTransferRoutes(routes, kernel.credits);
    registerCreditAdminRoutes(routes, kernel.credits);
    registerBillingRoutes(routes, kernel.billing);
    registerRealtimeRoutes(routes, () => kernel.realtime);
    registerOperation(routes, parts);
  });
  hooks.permissions.tap('kernel', (permissions) => {
    registerOverviewPermissions(permissions);
    registerBillingPermissions(permissions);
  });
  hooks.channels.tap('kernel', registerKernelChannels);
  hooks.userRegistered.tapPromise('kernel', ({ trx, user }) =>
    kernel.realtime.serviceFor('kernel').publish('monitor', 'member.joined', { userId: user.id }, { trx }),
  );
  hooks.jobs.tap('kernel', (jobs) => {
    for (const part of [kernel.creditsUpkeep, kernel.storage, kernel.billingUpkeep, kernel.retention]) part.registerJobs(jobs);
  });
}

/** Plugins and the console, and what who runs the server looks at. */
function registerOperation(routes: RouteRegistrar, { kernel, health, boot, version, baseUrl }: RegisteringKernel): void {
  const { knex, config, accounts } = kernel;
  registerPluginRoutes(routes, () => kernel.plugins);
  registerPanelRoutes(routes, () => kernel.plugins.composition, (caller, auth) =>
    admits(caller, auth, ({ roles }, permission) => accounts.permissions.permits(roles, permission)),
  );
  registerPackageRoutes(routes, { host: () => kernel.plugins, prove: (caller, password, what) => proveOwner(accounts.context, caller, password, what) });
  registerHealthRoutes(routes, { knex, health, known: () => kernel.plugins.statuses.map(({ id }) => id) });
  registerBootRoute(routes, boot);
  registerAuditRoutes(routes, knex);
  registerSettingsRoutes(routes, { settings: kernel.settings, stripe: config.stripe, baseUrl });
  registerOverviewRoutes(routes, {
    ...{ knex, home: config.home, version, faultHours: health.faultHours },
    sells: () => kernel.billing.stripe !== undefined,
    permits: ({ roles }, permission) => accounts.permissions.permits(roles, permission),
  });
  registerWorkRoutes(routes, knex, () => {
    kernel.queue.nudge();
  });
}
