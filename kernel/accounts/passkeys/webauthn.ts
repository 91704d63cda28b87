import { createHash } from 'node:crypto';
import type { RelyingParty } from './relying-party.ts';
import type { Assertion, CreationOptions, NewCredential, RequestOptions } from './schemas.ts';

/** ECDSA with P-256 and RSA: every authenticator has one of them. */
const ALGORITHMS = [-7, -257];
const TIMEOUT_MS = 300_000;

/** What a device has made: the public half, which is kept. */
export interface MadeCredential {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  backedUp: boolean;
}

/** What a device says when it has signed. */
export interface Use {
  counter: number;
  backedUp: boolean;
}

export interface Descriptor {
  credentialId: string;
  transports: readonly string[];
}

/** Certificates and ASN.1 make the library slow to load: only a server whose members have passkeys bears it. */
export async function loadWebAuthn(): Promise<typeof import('@simplewebauthn/server') & typeof import('@simplewebauthn/server/helpers')> {
  const [server, helpers] = await Promise.all([import('@simplewebauthn/server'), import('@simplewebauthn/server/helpers')]);
  return { ...server, ...helpers };
}

export function describeCreation(
  party: RelyingParty,
  user: { id: string; username: string; displayName: string | null },
  challenge: string,
  known: readonly Descriptor[],
): CreationOptions {
  return {
    challenge,
    rp: { id: party.id, name: 'MuscleMap' },
    user: { id: userHandleOf(user.id), name: user.username, displayName: user.displayName ?? user.username },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: TIMEOUT_MS,
    attestation: 'none',
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    excludeCredentials: known.map(toDescriptor),
  };
}

/** Without `allowed`, the device shows what it has for the site, so that nobody has to say who they are. */
export function describeRequest(
  party: RelyingParty,
  challenge: string,
  { userVerification, allowed = [] }: { userVerification: 'required' | 'preferred'; allowed?: readonly Descriptor[] },
): RequestOptions {
  return { challenge, rpId: party.id, timeout: TIMEOUT_MS, userVerification, allowCredentials: allowed.map(toDescriptor) };
}

/** @throws Error saying what is wrong with what a device has made. */
export async function verifyMade(party: RelyingParty, challenge: string, credential: NewCredential): Promise<MadeCredential> {
  const { verifyRegistrationResponse, decodeAttestationObject, isoBase64URL } = await loadWebAuthn();
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(credential.response.attestationObject));
  // A certificate was not asked for, and checking one can make the library fetch what stands in it.
  if (attestation.get('attStmt').get('x5c') !== undefined || !['none', 'packed'].includes(attestation.get('fmt'))) {
    throw new Error('There is an attestation, which was not asked for.');
  }
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: { ...credential, response: { ...credential.response, transports: [] }, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...party.origins],
    expectedRPID: party.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  });
  if (!verified || credential.id !== registrationInfo.credential.id) throw new Error('The attestation is wrong.');
  const { id, publicKey, counter } = registrationInfo.credential;
  return { credentialId: id, publicKey: Buffer.from(publicKey), counter, backedUp: registrationInfo.credentialBackedUp };
}

/** What is said by who signed with the key; undefined when it is not the key's signature for what was asked. */
export async function verifyUse(
  party: RelyingParty,
  challenge: string,
  credential: Assertion,
  { publicKey, needsVerifiedUser }: { publicKey: Buffer; needsVerifiedUser: boolean },
): Promise<Use | undefined> {
  const { verifyAuthenticationResponse } = await loadWebAuthn();
  const { userHandle, ...response } = credential.response;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...credential, response: { ...response, ...(userHandle != null && { userHandle }) }, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: needsVerifiedUser,
      // Its own look at the counter comes before the signature is checked, when anybody could have written the counter.
      credential: { id: credential.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    return verified ? { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp } : undefined;
  } catch {
    // The library throws for whatever is wrong, cut bytes included; whoever sends it is not told what.
    return undefined;
  }
}

/** The challenge that a device says it has signed; empty when there is none. */
export function challengeIn(clientDataJSON: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
}

/** The challenge that stands for a one-use token: used with it and gone with it. */
export function challengeOf(token: string): string {
  return createHash('sha256').update(`passkey-challenge:${token}`).digest('base64url');
}

export function userHandleOf(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}

function toDescriptor({ credentialId, transports }: Descriptor): RequestOptions['allowCredentials'][number] {
  return { type: 'public-key', id: credentialId, transports: [...transports] };
}
