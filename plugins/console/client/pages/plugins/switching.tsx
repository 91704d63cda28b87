import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, send } from '../../ui/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Button, Notice } from '../../ui/parts.tsx';
import { pluginName } from '../../ui/names.ts';
import { report, toast } from '../../ui/toasts.tsx';
import { PlanText } from './plan-text.tsx';
import { canSwitch, isOn, type AdminPlugin, type ChangeDone, type Plan } from './plugin.ts';

type Verb = 'enable' | 'disable' | 'upgrade';

export interface Planned {
  verb: Verb;
  cascade: boolean;
  plan: Plan;
}

interface SwitchingProps {
  plugin: AdminPlugin;
  onChanged: () => unknown;
}

/** Switches a plugin on or off: what will change is shown first, and only that happens. */
export function PluginSwitch({ plugin, onChanged }: SwitchingProps): JSX.Element {
  const [planned, setPlanned] = useState<Planned>();
  const [isBusy, setBusy] = useState(false);
  const verb: Verb = isOn(plugin) ? 'disable' : 'enable';
  const look = async (): Promise<void> => {
    setBusy(true);
    try {
      setPlanned(await planOf(plugin.id, verb));
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  const label = texts.plugins[verb];
  return (
    <>
      <button type="button" role="switch" class="toggle" aria-checked={verb === 'disable'} aria-busy={isBusy} aria-label={`${label}: ${plugin.displayName}`} disabled={isBusy || !canSwitch(plugin)} onClick={() => void look()}>
        <span class="toggle-thumb" />
      </button>
      {planned && (
        <PlanDialog
          plugin={plugin}
          planned={planned}
          onClose={() => {
            setPlanned(undefined);
          }}
          onChanged={onChanged}
        />
      )}
    </>
  );
}

/** The plan for the plugin and for all that have to change with it. */
export async function planOf(id: string, verb: Verb): Promise<Planned> {
  const plan = await get<Plan>(`/admin/plugins/${id}/plan`, { for: verb, ...(verb === 'upgrade' ? { acceptScopes: true } : { cascade: true }) });
  return { verb, cascade: plan.plugins.some((other) => other.id !== id), plan };
}

interface PlanDialogProps extends SwitchingProps {
  planned: Planned;
  onClose: () => void;
}

/** Shows what will change, and changes that and nothing else. */
export function PlanDialog({ plugin, planned: { verb, cascade, plan }, onClose, onChanged }: PlanDialogProps): JSX.Element {
  const carryOut = async (): Promise<void> => {
    const query = { ...(verb === 'upgrade' ? { acceptScopes: true } : { cascade: true }), plan: verb === 'disable' ? undefined : plan.hash };
    const { data } = await send<ChangeDone>('POST', `/admin/plugins/${plugin.id}/${verb}`, { query });
    onClose();
    const undo = async (): Promise<void> => {
      await switchBack(plugin.id, verb, data.changed);
      await onChanged();
    };
    toast(doneText(verb, data.changed), verb === 'upgrade' ? {} : { undo });
    await onChanged();
  };
  const label = texts.plugins[verb];
  return (
    <Dialog
      title={texts.plugins.planTitle(plugin.displayName, label)}
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button kind={verb === 'disable' ? 'danger' : 'primary'} onClick={carryOut}>
            {cascade ? texts.plugins.withOthers : label}
          </Button>
        </>
      }
    >
      {plugin.id === 'console' && verb === 'disable' && <Notice tone="warn">{texts.plugins.consoleOff}</Notice>}
      {cascade && <Notice tone="warn">{texts.plugins.needsOthers}: {plan.plugins.filter(({ id }) => id !== plugin.id).map(({ id }) => pluginName(id)).join(', ')}.</Notice>}
      <PlanText plan={plan} />
    </Dialog>
  );
}

/** On again with all that went off along with it; off again, and then each that was switched on for it. */
async function switchBack(id: string, verb: Verb, changed: readonly string[]): Promise<void> {
  const off = new Set<string>();
  const others = verb === 'enable' ? changed.filter((other) => other !== id) : [];
  for (const one of [id, ...others]) {
    if (off.has(one)) continue;
    const { data } = await send<ChangeDone>('POST', `/admin/plugins/${one}/${verb === 'enable' ? 'disable' : 'enable'}`, { query: { cascade: true } });
    for (const other of data.changed) off.add(other);
  }
}

function doneText(verb: Verb, changed: readonly string[]): string {
  if (changed.length === 0) return texts.plugins.unchanged;
  if (verb === 'upgrade') return texts.plugins.upgraded;
  return (verb === 'enable' ? texts.plugins.enabled : texts.plugins.disabled)(changed.map(pluginName).join(', '));
}
