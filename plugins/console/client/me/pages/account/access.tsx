import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, send } from '../../../ui/api.ts';
import { Badge, Button, Card, ErrorBox, Loading, TextInput } from '../../../ui/parts.tsx';
import { Link } from '../../../ui/router.tsx';
import { FormDialog } from '../../../ui/security/form-dialog.tsx';
import { Password } from '../../../ui/security/password.tsx';
import { changeMe, type Me } from '../../../ui/session.ts';
import { toast } from '../../../ui/toasts.tsx';
import { useLoad } from '../../../ui/use-load.ts';
import { texts } from '../../texts.ts';

type Account = Me & { flags: { emailConfirmed: boolean } };

const words = texts.account;

/** The address and the password. */
export function Access(): JSX.Element {
  const { data: account, problem, reload } = useLoad((signal) => get<Account>('/users/me', {}, signal), []);
  const [open, setOpen] = useState<'email' | 'password'>();
  const close = (): void => {
    setOpen(undefined);
  };
  const changed = async (): Promise<void> => {
    close();
    await reload();
  };
  const mailAgain = async (): Promise<void> => {
    await send('POST', '/users/me/email/confirm');
    toast(words.mailed);
  };
  const isConfirmed = account?.flags.emailConfirmed === true;
  return (
    <Card title={words.access}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {account === undefined && problem === undefined && <Loading />}
      {account && (
        <p class="address">
          <strong>{account.email}</strong> <Badge tone={isConfirmed ? 'good' : 'warn'}>{isConfirmed ? words.confirmed : words.notConfirmed}</Badge>
        </p>
      )}
      <div class="actions below">
        <Button onClick={() => { setOpen('email'); }}>{words.changeEmail}</Button>
        <Button onClick={() => { setOpen('password'); }}>{words.changePassword}</Button>
        {account && !isConfirmed && <Button kind="quiet" onClick={mailAgain}>{words.confirmAgain}</Button>}
      </div>
      <p class="below">
        <Link to="/security">{words.signingIn}</Link>
      </p>
      {open === 'email' && <EmailDialog onDone={changed} onClose={close} />}
      {open === 'password' && <PasswordDialog onDone={changed} onClose={close} />}
    </Card>
  );
}

interface DialogProps {
  onDone: () => Promise<void>;
  onClose: () => void;
}

function EmailDialog({ onDone, onClose }: DialogProps): JSX.Element {
  const [email, setEmail] = useState('');
  const [currentPassword, setPassword] = useState('');
  const change = async (): Promise<void> => {
    const { data } = await send<Me>('PATCH', '/users/me', { body: { email, currentPassword } });
    changeMe(data);
    toast(words.emailChanged(data.email));
    await onDone();
  };
  return (
    <FormDialog title={words.changeEmail} submit={words.save} onSubmit={change} onClose={onClose} fields={['/email', '/currentPassword']}>
      {(errors) => (
        <>
          <p>{words.changeEmailText}</p>
          <TextInput label={words.newEmail} type="email" autocomplete="email" value={email} onInput={setEmail} error={errors.get('/email')} isRequired />
          <Password value={currentPassword} onInput={setPassword} error={errors.get('/currentPassword')} />
        </>
      )}
    </FormDialog>
  );
}

function PasswordDialog({ onDone, onClose }: DialogProps): JSX.Element {
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const change = async (): Promise<void> => {
    await send('POST', '/auth/password', { body: { currentPassword, newPassword } });
    toast(words.passwordChanged);
    await onDone();
  };
  return (
    <FormDialog title={words.changePassword} submit={words.save} onSubmit={change} onClose={onClose} fields={['/currentPassword', '/newPassword']}>
      {(errors) => (
        <>
          <p>{words.passwordText}</p>
          <Password value={currentPassword} onInput={setCurrent} error={errors.get('/currentPassword')} />
          <TextInput label={words.newPassword} hint={texts.join.passwordHint} type="password" autocomplete="new-password" value={newPassword} onInput={setNew} error={errors.get('/newPassword')} isRequired />
        </>
      )}
    </FormDialog>
  );
}
