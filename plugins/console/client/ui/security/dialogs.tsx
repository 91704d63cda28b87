import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { send } from '../api.ts';
import { Dialog } from '../dialog.tsx';
import { Button, Notice, TextInput } from '../parts.tsx';
import { saveFile } from '../save-file.ts';
import { toast } from '../toasts.tsx';
import { FormDialog } from './form-dialog.tsx';
import { Password } from './password.tsx';
import { deviceName, makePasskey, usePasskey, type CreationOptions, type RequestOptions } from './webauthn.ts';

export interface Passkey {
  id: string;
  name: string;
  backedUp: boolean;
  createdAt: string;
  lastUsedAt: string | null;
}

interface DoneProps {
  onDone: () => Promise<void>;
  onClose: () => void;
}

const words = texts.security;

/** Adds a passkey of this device, or of one that the browser finds. Hands on recovery codes when there are new ones. */
export function AddDialog({ onAdded, onClose }: { onAdded: (recoveryCodes: readonly string[] | null) => Promise<void>; onClose: () => void }): JSX.Element {
  const [name, setName] = useState(deviceName);
  const [password, setPassword] = useState('');
  const add = async (): Promise<void> => {
    const { data: asked } = await send<{ publicKey: CreationOptions }>('POST', '/users/me/passkeys/options', { body: { password } });
    const credential = await makePasskey(asked.publicKey);
    const { data } = await send<{ recoveryCodes: string[] | null }>('POST', '/users/me/passkeys', { body: { name, credential } });
    await onAdded(data.recoveryCodes);
  };
  return (
    <FormDialog title={words.add} submit={words.goOn} onSubmit={add} onClose={onClose} fields={['/name', '/password']}>
      {(errors) => (
        <>
          <p>{words.addText}</p>
          <TextInput label={words.name} hint={words.nameHint} value={name} onInput={setName} error={errors.get('/name')} isRequired />
          <Password value={password} onInput={setPassword} error={errors.get('/password')} />
        </>
      )}
    </FormDialog>
  );
}

export function RenameDialog({ passkey, onDone, onClose }: DoneProps & { passkey: Passkey }): JSX.Element {
  const [name, setName] = useState(passkey.name);
  const rename = async (): Promise<void> => {
    await send('PATCH', `/users/me/passkeys/${passkey.id}`, { body: { name } });
    await onDone();
  };
  return (
    <FormDialog title={words.rename} submit={texts.common.save} onSubmit={rename} onClose={onClose} fields={['/name']}>
      {(errors) => <TextInput label={words.name} value={name} onInput={setName} error={errors.get('/name')} isRequired />}
    </FormDialog>
  );
}

/** Removes a passkey. The last second factor goes with itself, or with a recovery code. */
export function RemoveDialog({ passkey, isLast, onDone, onClose }: DoneProps & { passkey: Passkey; isLast: boolean }): JSX.Element {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const remove = async (): Promise<void> => {
    const proof = !isLast ? {} : code.trim() !== '' ? { code: code.trim() } : { credential: await show() };
    await send('POST', `/users/me/passkeys/${passkey.id}/remove`, { body: { password, ...proof } });
    toast(words.removed(passkey.name));
    await onDone();
  };
  return (
    <FormDialog title={words.remove} submit={texts.common.remove} isDangerous onSubmit={remove} onClose={onClose} fields={['/password', '/code']}>
      {(errors) => (
        <>
          <p>{words.removeText(passkey.name)}</p>
          <Password value={password} onInput={setPassword} error={errors.get('/password')} />
          {isLast && <Notice>{words.removeLast}</Notice>}
          {isLast && <TextInput label={words.recoveryCode} hint={words.recoveryCodeHint} value={code} onInput={setCode} autocomplete="one-time-code" error={errors.get('/code')} />}
        </>
      )}
    </FormDialog>
  );
}

async function show(): Promise<unknown> {
  const { data } = await send<{ publicKey: RequestOptions }>('POST', '/users/me/passkeys/proof');
  return usePasskey(data.publicKey);
}

/** New codes instead of those that are lost or used up. */
export function RenewDialog({ onRenewed, onClose }: { onRenewed: (recoveryCodes: readonly string[]) => Promise<void>; onClose: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const renew = async (): Promise<void> => {
    const { data } = await send<{ recoveryCodes: string[] }>('POST', '/users/me/second-factor/recovery-codes', { body: { password } });
    await onRenewed(data.recoveryCodes);
  };
  return (
    <FormDialog title={words.renew} submit={words.goOn} onSubmit={renew} onClose={onClose} fields={['/password']}>
      {(errors) => (
        <>
          <p>{words.renewText}</p>
          <Password value={password} onInput={setPassword} error={errors.get('/password')} />
        </>
      )}
    </FormDialog>
  );
}

/** Shown this once. */
export function CodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }): JSX.Element {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(codes.join('\n'));
    toast(texts.common.copied);
  };
  const download = (): void => {
    saveFile(words.codesFile, new Blob([`${codes.join('\n')}\n`], { type: 'text/plain' }));
  };
  return (
    <Dialog
      title={words.codes}
      onClose={onClose}
      actions={
        <>
          {window.isSecureContext && <Button onClick={copy}>{texts.common.copy}</Button>}
          <Button onClick={download}>{words.download}</Button>
          <Button kind="primary" onClick={onClose}>
            {words.kept}
          </Button>
        </>
      }
    >
      <p>{words.codesText}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
