import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { send } from '../../ui/api.ts';
import { ask, confirm } from '../../ui/dialog.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Button } from '../../ui/parts.tsx';
import { navigate } from '../../ui/router.tsx';
import { toast } from '../../ui/toasts.tsx';
import { isOn, type AdminPlugin } from './plugin.ts';
import { PlanDialog, planOf, type Planned } from './switching.tsx';

/** What is done with the versions of a plugin that did not come with MuscleMap, and how it leaves. */
export function PluginInstalls({ plugin, onChanged }: { plugin: AdminPlugin; onChanged: () => Promise<void> }): JSX.Element | null {
  const [planned, setPlanned] = useState<Planned>();
  const { id, displayName, installedVersion, diskVersion, bundled, upload } = plugin;
  if (installedVersion === null) {
    return (
      <>
        {plugin.remains !== null && <DeleteRemains plugin={plugin} />}
        {upload !== null && <RemoveUpload plugin={plugin} />}
      </>
    );
  }
  if (bundled) return null;
  const isNewer = diskVersion !== null && diskVersion !== installedVersion;
  const rollBack = async (): Promise<void> => {
    const { rollback, rollbackText } = texts.plugins;
    if (!(await confirm({ title: `${rollback}: ${displayName}`, text: rollbackText, confirm: rollback, isDangerous: true }))) return;
    await send('POST', `/admin/plugins/${id}/rollback`);
    toast(texts.plugins.rolledBack);
    await onChanged();
  };
  const uninstall = async (): Promise<void> => {
    if (!(await confirm({ title: `${texts.plugins.uninstall}: ${displayName}`, text: texts.plugins.uninstallText, confirm: texts.plugins.uninstall, isDangerous: true }))) return;
    await send('POST', `/admin/plugins/${id}/uninstall`, { body: {} });
    toast(texts.plugins.uninstalled);
    navigate('/plugins');
  };
  return (
    <div class="actions">
      {isNewer && <Button kind="primary" onClick={async () => { setPlanned(await planOf(id, 'upgrade')); }}>{texts.plugins.upgradeTo(diskVersion)}</Button>}
      {planned && <PlanDialog plugin={plugin} planned={planned} onClose={() => { setPlanned(undefined); }} onChanged={onChanged} />}
      <Button onClick={rollBack}>{texts.plugins.rollback}</Button>
      {!isOn(plugin) && (
        <>
          <Button onClick={uninstall}>{texts.plugins.uninstall}</Button>
          <Button kind="danger" onClick={() => purge(plugin, texts.plugins.purge)}>{texts.plugins.purge}</Button>
        </>
      )}
    </div>
  );
}

/** Takes everything away that a plugin has stored, once its id is typed. */
async function purge({ id, displayName }: AdminPlugin, verb: string): Promise<void> {
  const typed = await ask({ title: `${verb}: ${displayName}`, text: texts.plugins.purgeText, confirm: verb, isDangerous: true, isFinal: true, typed: id });
  if (typed === undefined) return;
  await send('POST', `/admin/plugins/${id}/uninstall`, { query: { purge: true }, body: { confirm: typed } });
  toast(texts.plugins.purged);
  navigate('/plugins');
}

/** For a plugin that is not installed any more and has left data. */
function DeleteRemains({ plugin }: { plugin: AdminPlugin }): JSX.Element {
  const { remainsText, deleteRemains } = texts.plugins;
  return (
    <>
      <p class="muted">{remainsText(plugin.remains?.tables ?? 0, plugin.remains?.files ?? 0, formatBytes(plugin.remains?.size ?? 0))}</p>
      <div class="actions">
        <Button kind="danger" onClick={() => purge(plugin, deleteRemains)}>{deleteRemains}</Button>
      </div>
    </>
  );
}

/** For a plugin that came as a file and is not installed. */
function RemoveUpload({ plugin: { id, displayName } }: { plugin: AdminPlugin }): JSX.Element {
  const remove = async (): Promise<void> => {
    const { remove: verb, removeText } = texts.plugins;
    if (!(await confirm({ title: `${verb}: ${displayName}`, text: removeText, confirm: verb, isDangerous: true }))) return;
    await send('DELETE', `/admin/plugins/${id}`);
    toast(texts.plugins.removed);
    navigate('/plugins');
  };
  return (
    <div class="actions">
      <Button kind="danger" onClick={remove}>{texts.plugins.remove}</Button>
    </div>
  );
}
