import type { AuditActor } from '../../audit/audit.ts';
import { ApiError, type Problem } from '../../http/errors.ts';
import type { FoundPlugin } from '../discovery.ts';
import type { PluginHost } from '../host.ts';
import { createConfigCheck } from '../manifest.ts';
import { agreeOnUpgrade, instancesWithout } from './agreement.ts';
import { change, type Change, type Outcome } from './changes.ts';
import * as edits from './edits.ts';
import { describePlan, type Plan } from './plan.ts';
import { prepareRollback } from './rollback.ts';
import { prepareUninstall } from './uninstall.ts';

/** What can be done with a plugin, as a route or the command line asks for it. */
export type PluginCommand =
  | ({ verb: 'enable'; plan?: string | undefined } & edits.EnableOptions)
  | { verb: 'disable'; cascade?: boolean | undefined }
  | { verb: 'configure'; config: Record<string, unknown> }
  | ({ verb: 'upgrade'; plan?: string | undefined } & edits.UpgradeOptions)
  | { verb: 'rollback'; version?: string | undefined }
  | UninstallCommand;

export interface UninstallCommand {
  verb: 'uninstall';
  cascade?: boolean | undefined;
  /** Takes the plugin's data away as well. */
  purge?: boolean | undefined;
  /** The plugin's id once more, for a purge. */
  confirm?: string | undefined;
  /** Goes on when the plugin's own code cannot run. */
  force?: boolean | undefined;
}

/** Carries a command out. @throws ApiError saying why not; everything is as it was then. */
export async function runCommand(
  host: PluginHost,
  id: string,
  command: PluginCommand,
  actor: AuditActor,
): Promise<Outcome> {
  if (host.isSafe && command.verb !== 'disable' && command.verb !== 'configure') {
    throw new ApiError('CONFLICT', 'The server runs in safe mode: plugins can be disabled and configured, nothing else.');
  }
  const request: Change = { action: `plugin.${command.verb}`, id, actor, ...toChange(host, id, command, false) };
  const before = host.desired.plugins.get(id);
  if (command.verb !== 'upgrade' || before?.enabled !== true) return change(host, request);
  const without = await instancesWithout(host, id);
  const outcome = await change(host, request);
  await agreeOnUpgrade(host, { id, from: before.version, outcome, without });
  return outcome;
}

/** What a command would do: it is done, without install and start taps, and undone. */
export async function planCommand(host: PluginHost, id: string, command: PluginCommand): Promise<Plan> {
  const actor: AuditActor = { kind: 'kernel' };
  let plan: Plan | undefined;
  await change(host, {
    ...{ action: `plugin.${command.verb}`, id, actor, isRehearsal: true },
    ...toChange(host, id, command, true),
    inspect: async (trx, result) => {
      plan = await describePlan(host, trx, result);
    },
  });
  if (plan === undefined) throw new TypeError('The rehearsal ended without a plan.');
  return plan;
}

function toChange(
  host: PluginHost,
  id: string,
  command: PluginCommand,
  isRehearsal: boolean,
): Pick<Change, 'edit' | 'prepare' | 'inspect'> {
  switch (command.verb) {
    case 'enable':
      return { edit: (context) => edits.enable(context, id, command), ...checkingPlan(host, command.plan) };
    case 'disable':
      return { edit: (context) => edits.disable(context, id, command) };
    case 'configure':
      return { edit: (context) => edits.configure(context, id, sealConfig(host, context, id, command.config)) };
    case 'upgrade':
      return { edit: (context) => edits.upgrade(context, id, command), ...checkingPlan(host, command.plan) };
    case 'rollback':
      return prepareRollback(host, id, command);
    case 'uninstall':
      return prepareUninstall(host, id, command, isRehearsal);
  }
}

/** What was planned is what happens, or nothing. */
function checkingPlan(host: PluginHost, plan: string | undefined): Pick<Change, 'inspect'> {
  if (plan === undefined) return {};
  return {
    inspect: async (trx, result) => {
      if ((await describePlan(host, trx, result)).hash === plan) return;
      throw new ApiError('CONFLICT', 'What would happen is not what the plan says. Look at the plan again.');
    },
  };
}

/** The configuration as it is stored. @throws ApiError VALIDATION_ERROR naming each wrong property. */
function sealConfig(
  host: PluginHost,
  context: edits.EditContext,
  id: string,
  config: Record<string, unknown>,
): Record<string, unknown> {
  const found = context.codes.get(id) ?? context.discovery.found.get(id);
  if (found === undefined) {
    edits.getInstalled(context, id);
    throw new ApiError('CONFLICT', `${id} cannot be configured: its folder or package is gone.`);
  }
  const schema = found.manifest.config;
  const sealed = host.secrets.seal(id, schema, config, context.plugins.get(id)?.config ?? null);
  refuseInvalid(found, host.builder.openConfig(found, sealed));
  return sealed;
}

function refuseInvalid({ manifest }: FoundPlugin, config: Record<string, unknown>): void {
  const validate = createConfigCheck(manifest.config);
  if (validate(structuredClone(config))) return;
  const details = (validate.errors ?? []).map((error): Problem => {
    const params = error.params as Record<string, unknown>;
    const field = params.missingProperty ?? params.additionalProperty;
    const path = `/body${error.instancePath}${typeof field === 'string' ? `/${field}` : ''}`;
    if (error.keyword === 'additionalProperties') return { path, message: 'is not known' };
    return { path, message: error.keyword === 'required' ? 'is required' : (error.message ?? 'is not valid') };
  });
  throw new ApiError('VALIDATION_ERROR', undefined, { details });
}
