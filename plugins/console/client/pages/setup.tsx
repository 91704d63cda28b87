import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { sendOpenly } from '../ui/api.ts';
import { SchemaForm } from '../ui/form/schema-form.tsx';
import type { JsonSchema } from '../ui/form/schema.ts';
import { Loading, Notice } from '../ui/parts.tsx';
import { navigate } from '../ui/router.tsx';
import type { Tokens } from '../ui/refresh.ts';
import { begin, may, session } from '../ui/session.ts';
import { toast } from '../ui/toasts.tsx';
import { SetupGym, SetupPayments, SetupPlugins } from './setup/steps.tsx';

const words = texts.setup;

const ACCOUNT: JsonSchema = {
  type: 'object',
  required: ['email', 'username', 'password'],
  properties: {
    email: { type: 'string', format: 'email', maxLength: 254, title: words.email },
    username: { type: 'string', minLength: 3, maxLength: 30, title: words.username, description: words.usernameHint },
    displayName: { type: 'string', minLength: 1, maxLength: 80, title: words.displayName },
    password: { type: 'string', minLength: 8, maxLength: 128, format: 'password', title: words.password, description: words.passwordHint },
  },
};

const STEPS = ['account', 'gym', 'plugins', 'payments'] as const;
type StepName = (typeof STEPS)[number];

/** The first minutes of a gym: its owner, its name, its plugins, how it is paid. */
export default function SetupPage(): JSX.Element {
  const [step, setStep] = useState<StepName>('account');
  const [token] = useState(() => window.location.hash.slice(1));
  const isOwner = session.value ? may('admin') : false;
  useEffect(() => {
    document.title = `${words.title} – MuscleMap`;
  }, []);
  useEffect(() => {
    // Who comes back to the page goes on where the account is made already.
    if (isOwner && step === 'account') setStep('gym');
  }, [isOwner]);
  const done = (): void => {
    toast(words.done);
    navigate('/', { replace: true });
  };
  return (
    <main class="gate">
      <div class="gate-card wide">
        <p class="brand">MuscleMap</p>
        <Progress step={step} />
        <h1>{words.steps[step].title}</h1>
        <p class="muted">{words.steps[step].text}</p>
        {session.value === undefined && <Loading />}
        {session.value !== undefined && step === 'account' && <AccountStep token={token} />}
        {step === 'gym' && <SetupGym onDone={() => { setStep('plugins'); }} />}
        {step === 'plugins' && <SetupPlugins onDone={() => { setStep('payments'); }} />}
        {step === 'payments' && <SetupPayments onDone={done} />}
      </div>
    </main>
  );
}

function Progress({ step }: { step: StepName }): JSX.Element {
  const at = STEPS.indexOf(step);
  return (
    <ol class="progress" aria-label={words.progress}>
      {STEPS.map((name, index) => (
        <li key={name} class={index < at ? 'past' : ''} aria-current={index === at ? 'step' : undefined}>
          {words.steps[name].name}
        </li>
      ))}
    </ol>
  );
}

function AccountStep({ token }: { token: string }): JSX.Element {
  if (token === '') return <Notice tone="warn">{words.noToken}</Notice>;
  return (
    <SchemaForm
      schema={ACCOUNT}
      submit={words.makeAccount}
      onSubmit={async (account) => {
        const { data } = await sendOpenly<Tokens>('POST', '/auth/setup', { body: { ...account, token } });
        // The token is used up; who copies the address copies nothing of it.
        history.replaceState(null, '', window.location.pathname);
        await begin(data);
      }}
    />
  );
}
