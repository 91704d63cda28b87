import type { JSX } from 'preact';
import { send } from '../../../ui/api.ts';
import { confirm } from '../../../ui/dialog.tsx';
import { Button } from '../../../ui/parts.tsx';
import { texts } from '../../texts.ts';
import type { Import } from './imports.ts';

const words = texts.imports;

/** How far an import is, and the way to stop it. */
export function Progress({ of: { id, percent, state }, onStopped }: { of: Pick<Import, 'id' | 'percent' | 'state'>; onStopped: () => Promise<void> }): JSX.Element {
  const stop = async (): Promise<void> => {
    if (!(await confirm({ title: words.stop, text: words.stopText, confirm: words.stop, isDangerous: true }))) return;
    await send('DELETE', `/workouts/imports/${id ?? ''}`);
    await onStopped();
  };
  return (
    <div class="import-progress" role="status">
      <progress max={100} value={percent} aria-label={words.states[state]} />
      <span class="muted">
        {words.states[state]}, {words.percent(percent)}
      </span>
      {state !== 'undoing' && <Button onClick={stop}>{words.stop}</Button>}
    </div>
  );
}
