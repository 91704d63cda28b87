import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { asProblem, sendOpenly } from './api.ts';
import { Button, Notice, TextInput } from './parts.tsx';
import { serverName } from './server-name.ts';
import { signIn, takeSecondStep } from './session.ts';

type Step = { name: 'password' } | { name: 'code'; token: string } | { name: 'forgotten' } | { name: 'sent' };

/** Who is nobody yet signs in here. */
export function SignIn({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  const [step, setStep] = useState<Step>({ name: 'password' });
  useEffect(() => {
    document.title = `${texts.signIn.title} – MuscleMap`;
  }, []);
  return (
    <main class="gate">
      <div class="gate-card">
        <p class="brand">{serverName.value ?? 'MuscleMap'}</p>
        <h1>{title}</h1>
        {step.name === 'password' && <PasswordStep onStep={setStep} />}
        {step.name === 'code' && <CodeStep token={step.token} onStep={setStep} />}
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
    const token = await signIn(email, password);
    if (token !== undefined) onStep({ name: 'code', token });
  };
  return (
    <>
      <Step submit={texts.signIn.submit} onSubmit={enter}>
        <TextInput label={texts.signIn.email} value={email} onInput={setEmail} autocomplete="username" isRequired />
        <TextInput label={texts.signIn.password} type="password" value={password} onInput={setPassword} autocomplete="current-password" isRequired />
      </Step>
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

function CodeStep({ token, onStep: _onStep }: StepProps & { token: string }): JSX.Element {
  const [code, setCode] = useState('');
  return (
    <Step submit={texts.signIn.submit} onSubmit={() => takeSecondStep(token, code)}>
      <TextInput label={texts.signIn.code} hint={texts.signIn.codeHint} value={code} onInput={setCode} autocomplete="one-time-code" isRequired />
    </Step>
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
