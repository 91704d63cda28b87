import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, sendOpenly } from '../ui/api.ts';
import { Button, Notice, TextInput } from '../ui/parts.tsx';
import { plainErrors } from '../ui/plain-errors.ts';
import { Link, navigate } from '../ui/router.tsx';
import { serverName, siteName } from '../ui/server-name.ts';
import { begin } from '../ui/session.ts';
import { texts } from './texts.ts';

/** Below the sign-in. */
export function JoinLink(): JSX.Element {
  return (
    <p>
      {texts.join.question} <Link to="/join">{texts.join.link}</Link>
    </p>
  );
}

/** Makes an account and goes on with it. */
export function Join(): JSX.Element {
  const [fields, setFields] = useState({ email: '', username: '', password: '' });
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [message, setMessage] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${texts.join.title} – ${siteName()}`;
  }, [serverName.value]);
  const set = (name: keyof typeof fields) => (value: string) => {
    setFields((before) => ({ ...before, [name]: value }));
  };
  const join = async (): Promise<void> => {
    setBusy(true);
    setErrors(new Map());
    setMessage(undefined);
    try {
      await begin((await sendOpenly<Parameters<typeof begin>[0]>('POST', '/auth/register', { body: fields })).data);
      navigate('/');
    } catch (error) {
      const problem = asProblem(error);
      setErrors(plainErrors(problem, { '/username': texts.join.usernameWrong }));
      if (problem.fields.size === 0) setMessage(problem.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="gate">
      <div class="gate-card">
        <p class="brand">{siteName()}</p>
        <h1>{texts.join.title}</h1>
        <p class="muted">{texts.join.lead}</p>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void join();
          }}
        >
          <TextInput label={texts.join.email} type="email" autocomplete="email" value={fields.email} onInput={set('email')} error={errors.get('/email')} isRequired />
          <TextInput label={texts.join.username} hint={texts.join.usernameHint} autocomplete="username" value={fields.username} onInput={set('username')} error={errors.get('/username')} isRequired />
          <TextInput label={texts.join.password} hint={texts.join.passwordHint} type="password" autocomplete="new-password" value={fields.password} onInput={set('password')} error={errors.get('/password')} isRequired />
          {message !== undefined && (
            <div role="alert">
              <Notice tone="bad">{message}</Notice>
            </div>
          )}
          <Button type="submit" kind="primary" isBusy={isBusy}>
            {texts.join.submit}
          </Button>
        </form>
        <p>
          <Link to="/">{texts.join.back}</Link>
        </p>
      </div>
    </main>
  );
}
