import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../../ui/api.ts';
import { Button, Card, TextInput } from '../../../ui/parts.tsx';
import { FormDialog } from '../../../ui/security/form-dialog.tsx';
import { Password } from '../../../ui/security/password.tsx';
import { forget } from '../../../ui/session.ts';
import { toast } from '../../../ui/toasts.tsx';
import { texts } from '../../texts.ts';

const words = texts.account;

/** The end of an account: what it means, and a way that nobody takes by mistake. */
export function Leaving(): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => {
    setOpen(false);
  };
  return (
    <Card title={words.leave}>
      <Meaning />
      <div class="actions below">
        <Button kind="danger" onClick={() => { setOpen(true); }}>
          {words.leave}
        </Button>
      </div>
      {isOpen && <LeaveDialog onClose={close} />}
    </Card>
  );
}

function Meaning(): JSX.Element {
  return (
    <ul class="meaning">
      {words.leaveText.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function LeaveDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [word, setWord] = useState('');
  const [password, setPassword] = useState('');
  const [isWrong, setWrong] = useState(false);
  const leave = async (): Promise<void> => {
    const isMeant = word.trim().toLowerCase() === words.leaveWord;
    setWrong(!isMeant);
    if (!isMeant) return;
    await send('DELETE', '/users/me', { body: { password } });
    forget();
    toast(words.left);
  };
  return (
    <FormDialog title={words.leave} submit={words.leave} isDangerous onSubmit={leave} onClose={onClose} fields={['/password']}>
      {(errors) => (
        <>
          <Meaning />
          <p>{words.leaveBefore}</p>
          <TextInput label={words.typeWord(words.leaveWord)} value={word} onInput={setWord} autocomplete="off" error={isWrong ? words.wordWrong(words.leaveWord) : undefined} isRequired />
          <Password value={password} onInput={setPassword} error={errors.get('/password')} />
        </>
      )}
    </FormDialog>
  );
}
