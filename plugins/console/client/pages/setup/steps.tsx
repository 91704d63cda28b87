import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { get } from '../../ui/api.ts';
import { Button, ErrorBox, Loading } from '../../ui/parts.tsx';
import { useLoad, type Loaded } from '../../ui/use-load.ts';
import { GymNameForm, StripeForm } from '../settings/forms.tsx';
import type { ServerSettings } from '../settings/settings.ts';
import { readPlugins } from '../plugins/plugin.ts';
import { PluginSwitch } from '../plugins/switching.tsx';

interface StepProps {
  onDone: () => void;
}

const words = texts.setup;
const useSettings = (): Loaded<ServerSettings> => useLoad((signal) => get<ServerSettings>('/admin/settings', {}, signal), []);

export function SetupGym({ onDone }: StepProps): JSX.Element {
  const { data, problem, reload } = useSettings();
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  return data === undefined ? <Loading /> : <GymNameForm settings={data} submit={words.next} onSaved={onDone} />;
}

/** Every plugin with its switch; the console itself stays on. */
export function SetupPlugins({ onDone }: StepProps): JSX.Element {
  const { data, problem, reload } = useLoad(readPlugins, []);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading />;
  const offered = data.filter(({ id, diskVersion }) => id !== 'console' && diskVersion !== null);
  return (
    <>
      <ul class="plain choices">
        {offered.map((plugin) => (
          <li key={plugin.id}>
            <div>
              <strong>{plugin.displayName}</strong>
              <p class="muted">{plugin.description}</p>
            </div>
            <PluginSwitch plugin={plugin} onChanged={reload} />
          </li>
        ))}
      </ul>
      <div class="actions">
        <Button kind="primary" onClick={onDone}>{words.next}</Button>
      </div>
    </>
  );
}

export function SetupPayments({ onDone }: StepProps): JSX.Element {
  const { data, problem, reload } = useSettings();
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading />;
  return (
    <StripeForm settings={data} submit={words.finish} onSaved={onDone}>
      <Button kind={data.stripe.source === 'environment' ? 'primary' : 'plain'} onClick={onDone}>{data.stripe.source === 'environment' ? words.finish : words.later}</Button>
    </StripeForm>
  );
}
