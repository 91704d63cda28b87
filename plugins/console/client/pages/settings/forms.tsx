import type { ComponentChildren, JSX } from 'preact';
import { texts } from '../../texts.ts';
import { ApiProblem, send } from '../../ui/api.ts';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import { Notice } from '../../ui/parts.tsx';
import { serverName } from '../../ui/server-name.ts';
import { GYM, STRIPE, type ServerSettings } from './settings.ts';

interface FormProps {
  settings: ServerSettings;
  submit: string;
  onSaved: () => unknown;
  children?: ComponentChildren;
}

export function GymNameForm({ settings, submit, onSaved, children }: FormProps): JSX.Element {
  return (
    <SchemaForm
      schema={GYM}
      value={settings.gymName === null ? {} : { gymName: settings.gymName }}
      submit={submit}
      onSubmit={async (body) => {
        const { data } = await send<ServerSettings>('PATCH', '/admin/settings', { body });
        serverName.value = data.gymName ?? undefined;
        await onSaved();
      }}
    >
      {children}
    </SchemaForm>
  );
}

/** The keys of Stripe, and where Stripe is to send its events. */
export function StripeForm({ settings, submit, onSaved, children }: FormProps): JSX.Element {
  const { stripe, webhookUrl } = settings;
  const words = texts.settings;
  if (stripe.source === 'environment') {
    return (
      <>
        <Notice tone="good">{words.fromEnvironment}</Notice>
        {children}
      </>
    );
  }
  return (
    <>
      <ol class="steps">
        <li>{words.stepKey}</li>
        <li>
          {words.stepWebhook} <code>{webhookUrl}</code>
        </li>
      </ol>
      <SchemaForm
        schema={STRIPE}
        value={{ ...(stripe.secretKey !== null && { secretKey: stripe.secretKey }), ...(stripe.webhookSecret !== null && { webhookSecret: stripe.webhookSecret }) }}
        submit={submit}
        onSubmit={async (keys) => {
          await send('PATCH', '/admin/settings', { body: { stripe: keys } }).catch(atTheirFields);
          await onSaved();
        }}
      >
        {children}
      </SchemaForm>
    </>
  );
}

/** The keys are a part of the settings, and the whole of the form. */
function atTheirFields(error: unknown): never {
  if (!(error instanceof ApiProblem)) throw error;
  const details = [...error.fields].map(([path, message]) => ({ path: path.replace(/^\/stripe/, ''), message }));
  throw new ApiProblem(error.code, error.message, error.status, details);
}
