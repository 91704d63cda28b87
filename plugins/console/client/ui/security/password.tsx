import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { TextInput } from '../parts.tsx';

/** The password that somebody has, as a proof that it is they. */
export function Password({ value, onInput, error }: { value: string; onInput: (value: string) => void; error: string | undefined }): JSX.Element {
  return <TextInput label={texts.security.password} type="password" autocomplete="current-password" value={value} onInput={onInput} error={error} isRequired />;
}
