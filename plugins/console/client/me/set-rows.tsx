import type { JSX } from 'preact';
import { Button, Card } from '../ui/parts.tsx';
import { Icon } from '../ui/icons.tsx';
import type { DraftExercise, DraftSet } from './draft.ts';
import { texts } from './texts.ts';

interface SetRowsProps {
  exercise: DraftExercise;
  /** Undefined takes the exercise away. */
  onChange: (changed: DraftExercise | undefined) => void;
}

/** The sets of one exercise, a line each. */
export function SetRows({ exercise, onChange }: SetRowsProps): JSX.Element {
  const { name, isTimed, sets } = exercise;
  const put = (index: number, changes: Partial<DraftSet>): void => {
    onChange({ ...exercise, sets: sets.map((set, at) => (at === index ? { ...set, ...changes } : set)) });
  };
  const last = sets.at(-1);
  return (
    <Card
      title={name}
      actions={
        <Button kind="quiet" icon="trash" label={texts.log.removeExercise(name)} onClick={() => { onChange(undefined); }}>
          {''}
        </Button>
      }
    >
      <div class="set-rows">
        <div class="set-row head" aria-hidden="true">
          <span>{texts.log.set}</span>
          <span>{texts.log.kg}</span>
          <span>{isTimed ? texts.log.seconds : texts.log.repsShort}</span>
          <span>{texts.log.warmup}</span>
          <span />
        </div>
        {sets.map((set, index) => (
          <div class="set-row" key={index}>
            <span class="set-number">{index + 1}</span>
            <Number label={texts.log.weightOf(name, index + 1)} value={set.weight} step="any" onInput={(weight) => { put(index, { weight }); }} />
            {isTimed ? (
              <Number label={texts.log.secondsOf(name, index + 1)} value={set.seconds} onInput={(seconds) => { put(index, { seconds }); }} />
            ) : (
              <Number label={texts.log.repsOf(name, index + 1)} value={set.reps} onInput={(reps) => { put(index, { reps }); }} />
            )}
            <input type="checkbox" class="tick" aria-label={`${texts.log.warmup} ${String(index + 1)}`} checked={set.kind === 'warmup'} onChange={({ currentTarget }) => { put(index, { kind: currentTarget.checked ? 'warmup' : 'normal' }); }} />
            <button type="button" class="icon-button" disabled={sets.length === 1} aria-label={texts.log.removeSet(name, index + 1)} onClick={() => { onChange({ ...exercise, sets: sets.filter((_, at) => at !== index) }); }}>
              <Icon name="close" size={16} />
            </button>
          </div>
        ))}
      </div>
      {last && (
        <Button icon="plus" onClick={() => { onChange({ ...exercise, sets: [...sets, { ...last, kind: 'normal' }] }); }}>
          {texts.log.addSet}
        </Button>
      )}
    </Card>
  );
}

function Number({ label, value, step = '1', onInput }: { label: string; value: string; step?: string; onInput: (value: string) => void }): JSX.Element {
  return <input type="number" inputMode="decimal" min={0} step={step} aria-label={label} value={value} onInput={({ currentTarget }) => { onInput(currentTarget.value); }} />;
}
