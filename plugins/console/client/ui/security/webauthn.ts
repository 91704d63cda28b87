import { texts } from '../../texts.ts';

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

/** Browsers keep passkeys for sites with a name, on https or on the machine itself. */
export function mayUsePasskeys(): boolean {
  const isAddress = /^[\d.]+$|:/.test(window.location.hostname);
  return window.isSecureContext && !isAddress && 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** Has the device make a passkey. @throws Error in words for a person. */
export async function makePasskey(options: CreationOptions): Promise<unknown> {
  return explained(() => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));
}

/** Has the device sign with a passkey that its owner picks. @throws Error in words for a person. */
export async function usePasskey(options: RequestOptions): Promise<unknown> {
  return explained(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));
}

async function explained(ceremony: () => Promise<Credential | null>): Promise<unknown> {
  const { refusals } = texts.security;
  try {
    const credential = await ceremony();
    if (credential instanceof PublicKeyCredential) return credential.toJSON();
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    throw new Error(refusals[name] ?? refusals.other, { cause: error });
  }
  throw new Error(refusals.other);
}

/** What to call a passkey of this device until somebody knows better. */
export function deviceName(): string {
  return deviceOf(navigator.userAgent) ?? texts.security.passkey;
}

/** What to call the device of a browser that calls itself `agent`. */
export function deviceOf(agent: string): string | undefined {
  return texts.security.devices.find(([word]) => agent.includes(word))?.[1];
}
