import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { ApiProblem, send } from '../../ui/api.ts';
import { Button, Field, TextInput } from '../../ui/parts.tsx';
import { navigate } from '../../ui/router.tsx';
import { FormDialog } from '../../ui/security/form-dialog.tsx';
import { toast } from '../../ui/toasts.tsx';

interface Uploaded {
  id: string;
  version: string;
  isNew: boolean;
}

const words = texts.plugins;

/** Brings a plugin as a file. It is off afterwards: its page is where it is switched on, or brought to the newer version. */
export function UploadButton(): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => { setOpen(true); }}>{words.upload}</Button>
      {isOpen && <UploadDialog onClose={() => { setOpen(false); }} />}
    </>
  );
}

function UploadDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [file, setFile] = useState<File>();
  const [password, setPassword] = useState('');
  const [needsPassword, setNeedsPassword] = useState(false);
  const upload = async (): Promise<void> => {
    const body = new FormData();
    if (password !== '') body.append('currentPassword', password);
    if (file !== undefined) body.append('archive', file);
    try {
      const { data } = await send<Uploaded>('POST', '/admin/plugins', { body });
      toast((data.isNew ? words.uploaded : words.uploadedBefore)(data.id, data.version));
      navigate(`/plugins/${data.id}`);
    } catch (error) {
      if (error instanceof ApiProblem && error.fields.has('/currentPassword')) setNeedsPassword(true);
      throw error;
    }
  };
  return (
    <FormDialog title={words.upload} submit={words.uploadSubmit} onSubmit={upload} onClose={onClose} fields={['/currentPassword', '/files']}>
      {(errors) => (
        <>
          <p>{words.uploadText}</p>
          <Field label={words.uploadFile} hint={words.uploadFileHint} error={errors.get('/files')} isRequired>
            {({ id, describedBy }) => <input id={id} type="file" accept=".tgz,.gz,application/gzip" required aria-describedby={describedBy} onChange={({ currentTarget }) => { setFile(currentTarget.files?.[0]); }} />}
          </Field>
          {needsPassword && <TextInput label={words.uploadPassword} type="password" autocomplete="current-password" value={password} onInput={setPassword} error={errors.get('/currentPassword')} isRequired />}
        </>
      )}
    </FormDialog>
  );
}
