import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { send } from '../api.ts';
import { Badge, Button, Card, TextInput } from '../parts.tsx';
import { toast } from '../toasts.tsx';
import { FormDialog } from './form-dialog.tsx';
import { Password } from './password.tsx';
import { QrCode } from './qr-code.tsx';

const words = texts.authenticator;

/** Whether there is an app that shows codes, and the ways to have one and to be rid of it. */
export function AppCard({ isOn, onAdd, onRemove }: { isOn: boolean; onAdd: () => void; onRemove: () => void }): JSX.Element {
  return (
    <Card title={words.title} actions={isOn ? <Button onClick={onRemove}>{words.remove}</Button> : <Button onClick={onAdd}>{words.add}</Button>}>
      <p>
        {words.lead} {isOn && <Badge tone="good">{words.isOn}</Badge>}
      </p>
    </Card>
  );
}

interface Asked {
  secret: string;
  uri: string;
}

/** Asks for the password, shows the key for the app, and switches it on by a first code. Hands on the recovery codes. */
export function AddAppDialog({ onAdded, onClose }: { onAdded: (recoveryCodes: readonly string[]) => Promise<void>; onClose: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [asked, setAsked] = useState<Asked>();
  if (asked !== undefined) return <ConfirmAppDialog {...asked} onAdded={onAdded} onClose={onClose} />;
  const begin = async (): Promise<void> => {
    const { data } = await send<Asked>('POST', '/users/me/second-factor', { body: { password } });
    setAsked(data);
  };
  return (
    <FormDialog key="password" title={words.add} submit={texts.security.goOn} onSubmit={begin} onClose={onClose} fields={['/password']}>
      {(errors) => (
        <>
          <p>{words.addText}</p>
          <Password value={password} onInput={setPassword} error={errors.get('/password')} />
        </>
      )}
    </FormDialog>
  );
}

interface ConfirmProps extends Asked {
  onAdded: (recoveryCodes: readonly string[]) => Promise<void>;
  onClose: () => void;
}

function ConfirmAppDialog({ secret, uri, onAdded, onClose }: ConfirmProps): JSX.Element {
  const [code, setCode] = useState('');
  const confirm = async (): Promise<void> => {
    const { data } = await send<{ recoveryCodes: string[] }>('POST', '/users/me/second-factor/confirm', { body: { code } });
    toast(words.isAdded);
    await onAdded(data.recoveryCodes);
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(secret);
    toast(texts.common.copied);
  };
  return (
    <FormDialog key="code" title={words.add} submit={words.confirm} onSubmit={confirm} onClose={onClose} fields={['/code']}>
      {(errors) => (
        <>
          <p>{words.scan}</p>
          <QrCode text={uri} label={words.picture} />
          <p>
            <a href={uri}>{words.open}</a>
          </p>
          <p>{words.type}</p>
          <div class="secret">
            <code>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
            {window.isSecureContext && <Button onClick={copy}>{texts.common.copy}</Button>}
          </div>
          <p class="hint">{words.kind}</p>
          <TextInput label={words.code} hint={words.codeHint} value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" error={errors.get('/code')} isRequired />
        </>
      )}
    </FormDialog>
  );
}

export function RemoveAppDialog({ onDone, onClose }: { onDone: () => Promise<void>; onClose: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const remove = async (): Promise<void> => {
    await send('POST', '/users/me/second-factor/remove', { body: { password, code } });
    toast(words.removed);
    await onDone();
  };
  return (
    <FormDialog title={words.remove} submit={words.remove} isDangerous onSubmit={remove} onClose={onClose} fields={['/password', '/code']}>
      {(errors) => (
        <>
          <p>{words.removeText}</p>
          <Password value={password} onInput={setPassword} error={errors.get('/password')} />
          <TextInput label={words.removeCode} value={code} onInput={setCode} autocomplete="one-time-code" error={errors.get('/code')} isRequired />
        </>
      )}
    </FormDialog>
  );
}
