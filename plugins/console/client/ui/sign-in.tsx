import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { asProblem, sendOpenly } from './api.ts';
import { Button, Notice, TextInput } from './parts.tsx';
import { serverName, siteName } from './server-name.ts';
import { mayUsePasskeys, usePasskey } from './security/webauthn.ts';
import { signIn, signInByPasskey, takeSecondStep, type SecondStep } from './session.ts';

type Step = { name: 'password' } | { name: 'second'; second: SecondStep } | { name: 'forgotten' } | { name: 'sent' };

/** Who is nobody yet signs in here. */
export function SignIn({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  const [step, setStep] = useState<Step>({ name: 'password' });
  useEffect(() => {
    document.title = `${texts.signIn.title} – ${siteName()}`;
  }, [serverName.value]);
  return (
    <main class="gate">
      <div class="gate-card">
        <p class="brand">{siteName()}</p>
        <h1>{title}</h1>
        {step.name === 'password' && <PasswordStep onStep={setStep} />}
        {step.name === 'second' && <SecondSteps {...step.second} />}
        {step.name === 'forgotten' && <ForgottenStep onStep={setStep} />}
        {step.name === 'sent' && <Notice tone="good">{texts.signIn.sent}</Notice>}
        {step.name !== 'password' && (
          <Button
            kind="quiet"
            icon="back"
            onClick={() => {
              setStep({ name: 'password' });
            }}
          >
            {texts.signIn.again}
          </Button>
        )}
        {children}
      </div>
    </main>
  );
}

/** One form of the way in: what it throws stands below its fields. */
function Step({ submit, onSubmit, children }: { submit: string; onSubmit: () => Promise<void>; children: ComponentChildren }): JSX.Element {
  const [message, setMessage] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setMessage(undefined);
    try {
      await onSubmit();
    } catch (error) {
      setMessage(asProblem(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {children}
      {message !== undefined && (
        <div role="alert">
          <Notice tone="bad">{message}</Notice>
        </div>
      )}
      <Button type="submit" kind="primary" isBusy={isBusy}>
        {submit}
      </Button>
    </form>
  );
}

interface StepProps {
  onStep: (step: Step) => void;
}

function PasswordStep({ onStep }: StepProps): JSX.Element {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const enter = async (): Promise<void> => {
    const second = await signIn(email, password);
    if (second !== undefined) onStep({ name: 'second', second });
  };
  return (
    <>
      <Step submit={texts.signIn.submit} onSubmit={enter}>
        <TextInput label={texts.signIn.email} value={email} onInput={setEmail} autocomplete="username" isRequired />
        <TextInput label={texts.signIn.password} type="password" value={password} onInput={setPassword} autocomplete="current-password" isRequired />
      </Step>
      {mayUsePasskeys() && (
        <Button icon="key" onClick={signInByPasskey}>
          {texts.signIn.passkey}
        </Button>
      )}
      <Button
        kind="quiet"
        onClick={() => {
          onStep({ name: 'forgotten' });
        }}
      >
        {texts.signIn.forgotten}
      </Button>
    </>
  );
}

function SecondSteps({ token, methods, publicKey }: SecondStep): JSX.Element {
  const [code, setCode] = useState('');
  const { signIn: words } = texts;
  return (
    <>
      {publicKey !== null && mayUsePasskeys() && (
        <Button icon="key" onClick={async () => takeSecondStep(token, { credential: await usePasskey(publicKey) })}>
          {words.passkey}
        </Button>
      )}
      <Step submit={words.submit} onSubmit={() => takeSecondStep(token, { code })}>
        <TextInput label={words.code} hint={methods.includes('app') ? words.codeHint : words.recoveryHint} value={code} onInput={setCode} autocomplete="one-time-code" isRequired />
      </Step>
    </>
  );
}

function ForgottenStep({ onStep }: StepProps): JSX.Element {
  const [email, setEmail] = useState('');
  const request = async (): Promise<void> => {
    await sendOpenly('POST', '/auth/password-reset', { body: { email } });
    onStep({ name: 'sent' });
  };
  return (
    <Step submit={texts.signIn.requestMail} onSubmit={request}>
      <TextInput label={texts.signIn.onlyEmail} type="email" value={email} onInput={setEmail} autocomplete="email" isRequired />
    </Step>
  );
}
