import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get, send } from '../ui/api.ts';
import { confirm } from '../ui/dialog.tsx';
import { Badge, Button, Card, ErrorBox, Loading, PageHead } from '../ui/parts.tsx';
import { toast } from '../ui/toasts.tsx';
import { useLoad } from '../ui/use-load.ts';
import { GymNameForm, StripeForm } from './settings/forms.tsx';
import type { ServerSettings } from './settings/settings.ts';

const words = texts.settings;

/** What an owner sets once: the name of the gym, and how it is paid. */
export default function SettingsPage(): JSX.Element {
  const { data: settings, problem, reload } = useLoad((signal) => get<ServerSettings>('/admin/settings', {}, signal), []);
  const saved = async (): Promise<void> => {
    toast(texts.common.saved);
    await reload();
  };
  const removeKeys = async (): Promise<void> => {
    if (!(await confirm({ title: words.removeKeys, text: words.removeKeysText, confirm: words.removeKeys, isDangerous: true }))) return;
    await send('PATCH', '/admin/settings', { body: { stripe: null } });
    await saved();
  };
  return (
    <>
      <PageHead title={words.title} />
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {settings === undefined && problem === undefined && <Loading />}
      {settings && (
        <div class="grid">
          <Card title={words.gym}>
            <GymNameForm settings={settings} submit={texts.common.save} onSaved={saved} />
          </Card>
          <Card title={words.payments} actions={<Badge tone={settings.stripe.source === null ? 'neutral' : 'good'}>{settings.stripe.source === null ? words.off : words.on}</Badge>}>
            <StripeForm key={settings.stripe.source} settings={settings} submit={texts.common.save} onSaved={saved}>
              {settings.stripe.source === 'settings' && <Button kind="danger" onClick={removeKeys}>{words.removeKeys}</Button>}
            </StripeForm>
          </Card>
        </div>
      )}
    </>
  );
}
