import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asProblem, send } from '../../../ui/api.ts';
import { plainErrors } from '../../../ui/plain-errors.ts';
import { Button, Card, Notice, TextInput } from '../../../ui/parts.tsx';
import { changeMe, session, type Me } from '../../../ui/session.ts';
import { toast } from '../../../ui/toasts.tsx';
import { texts } from '../../texts.ts';

const words = texts.account;

/** The names that others read. */
export function Profile(): JSX.Element {
  const me = session.value?.me;
  const [displayName, setDisplayName] = useState(me?.displayName ?? '');
  const [username, setUsername] = useState(me?.username ?? '');
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [message, setMessage] = useState<string>();
  const save = async (): Promise<void> => {
    setErrors(new Map());
    setMessage(undefined);
    try {
      const name = displayName.trim();
      changeMe((await send<Me>('PATCH', '/users/me', { body: { displayName: name === '' ? null : name, username } })).data);
      toast(words.saved);
    } catch (error) {
      const problem = asProblem(error);
      setErrors(plainErrors(problem, { '/username': texts.join.usernameWrong }));
      if (problem.fields.size === 0) setMessage(problem.message);
    }
  };
  return (
    <Card title={words.profile}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); }}>
        <TextInput label={words.displayName} hint={words.displayNameHint} autocomplete="name" value={displayName} onInput={setDisplayName} error={errors.get('/displayName')} />
        <TextInput label={words.username} hint={texts.join.usernameHint} autocomplete="username" value={username} onInput={setUsername} error={errors.get('/username')} isRequired />
        {message !== undefined && (
          <div role="alert">
            <Notice tone="bad">{message}</Notice>
          </div>
        )}
        <div class="actions">
          <Button type="submit" kind="primary" onClick={save}>
            {words.save}
          </Button>
        </div>
      </form>
    </Card>
  );
}
