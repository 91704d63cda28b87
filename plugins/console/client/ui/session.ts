import { signal } from '@preact/signals';
import { ApiProblem, asNetworkProblem, get, read, sendOpenly, send, useCredentials } from './api.ts';
import { exchange, STORED, type Exchange, type Tokens } from './refresh.ts';
import { usePasskey, type RequestOptions } from './security/webauthn.ts';

export interface Me {
  id: string;
  email: string;
  username: string;
  displayName: string | null;
  roles: string[];
}

export interface Session {
  me: Me;
  /** What the person may do beyond what everybody may. */
  permissions: readonly string[];
}

/** What a sign-in asks for after the password. */
export interface SecondStep {
  token: string;
  methods: readonly ('app' | 'passkey' | 'recovery-code')[];
  /** For a passkey; null when there is none, or it cannot be used at this address. */
  publicKey: RequestOptions | null;
}

type SignIn = ({ user: Me } & Tokens) | { secondStep: SecondStep };

/** Undefined until it is known; null for nobody. */
export const session = signal<Session | null | undefined>(undefined);

const EARLY_MS = 20_000;

let access: { token: string; goodUntil: number } | undefined;
let renewing: Promise<boolean> | undefined;

/** From now on requests are signed in, and what other tabs do with the session holds here. */
export function startSession(): void {
  useCredentials({ accessToken, renew });
  addEventListener('storage', (event) => {
    if (event.key === STORED && event.newValue === null) forget();
    if (event.key === STORED && event.oldValue === null && session.value === null) void enter();
  });
}

/** Whether who is being let in is an administrator, as the token says before anything else is known of them. */
export async function isAdministrator(): Promise<boolean> {
  const [, payload = ''] = (await accessToken())?.split('.') ?? [];
  if (payload === '') return false;
  const { roles } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { roles?: string[] };
  return roles?.includes('admin') === true;
}

/** Finds out who is signed in, and what they may do by now. @throws ApiProblem */
export async function enter(): Promise<void> {
  if (localStorage.getItem(STORED) === null) {
    session.value = null;
    return;
  }
  try {
    const [me, permissions] = await Promise.all([get<Me>('/users/me'), get<string[]>('/users/me/permissions')]);
    session.value = { me, permissions };
  } catch (error) {
    if (error instanceof ApiProblem && error.status !== 401 && error.status !== 403) throw error;
    forget();
  }
}

/** Signs in. Answers the second step when the password is not enough. @throws ApiProblem */
export async function signIn(email: string, password: string): Promise<SecondStep | undefined> {
  const { data } = await sendOpenly<SignIn>('POST', '/auth/login', { body: { email, password } });
  if ('secondStep' in data) return data.secondStep;
  await begin(data);
  return undefined;
}

/** @throws ApiProblem */
export async function takeSecondStep(token: string, proof: { code: string } | { credential: unknown }): Promise<void> {
  await begin((await sendOpenly<Tokens>('POST', '/auth/second-step', { body: { token, ...proof } })).data);
}

/** Signs in by a passkey alone. @throws ApiProblem, or Error when the device does not sign. */
export async function signInByPasskey(): Promise<void> {
  const { data } = await sendOpenly<{ publicKey: RequestOptions }>('POST', '/auth/passkey/options');
  const credential = await usePasskey(data.publicKey);
  await begin((await sendOpenly<Tokens>('POST', '/auth/passkey', { body: { credential } })).data);
}

/** Goes on with the tokens that a sign-in, a sign-up or the setup has answered. */
export async function begin(tokens: Tokens): Promise<void> {
  keep(tokens);
  await enter();
}

/** Ends the session. Who leaves on purpose leaves nothing of theirs on the device, also where the server cannot be reached. */
export async function signOut(): Promise<void> {
  const refreshToken = localStorage.getItem(STORED);
  if (refreshToken !== null) await send('POST', '/auth/logout', { body: { refreshToken } }).catch(() => undefined);
  for (const key of Object.keys(localStorage)) if (key.endsWith(`.${session.value?.me.id ?? '-'}`)) localStorage.removeItem(key);
  forget();
}

/** What the server answers of the account that somebody has changed. */
export function changeMe(me: Me): void {
  const current = session.value;
  if (current) session.value = { ...current, me };
}

/** Whether the person may do what a page or a button needs: a role, or one of the permissions. */
export function may(needs: string | undefined): boolean {
  const current = session.value;
  if (needs === undefined) return true;
  if (!current) return false;
  const { me, permissions } = current;
  if (me.roles.includes('admin')) return true;
  return me.roles.includes(needs) || permissions.includes(needs);
}

async function accessToken(): Promise<string | undefined> {
  if (access !== undefined && access.goodUntil > Date.now()) return access.token;
  if (localStorage.getItem(STORED) === null) return undefined;
  await renew(access?.token ?? '');
  return access?.token;
}

/** The one that has begun before this script ran, the first time. */
function renew(refused: string): Promise<boolean> {
  if (access !== undefined && access.token !== refused && access.goodUntil > Date.now()) return Promise.resolve(true);
  renewing ??= takeUp(globalThis.musclemapExchange ?? exchange()).finally(() => {
    renewing = undefined;
  });
  globalThis.musclemapExchange = undefined;
  return renewing;
}

async function takeUp(exchanging: Promise<Exchange | undefined>): Promise<boolean> {
  const done = await exchanging.catch(asNetworkProblem);
  if (done === undefined) return false;
  if ('tokens' in done) {
    keep(done.tokens);
    return true;
  }
  if (done.refusal.status !== 401 && done.refusal.status !== 403) await read(done.refusal);
  forget();
  return false;
}

function keep({ accessToken: token, refreshToken, expiresIn }: Tokens): void {
  localStorage.setItem(STORED, refreshToken);
  access = { token, goodUntil: Date.now() + expiresIn * 1000 - EARLY_MS };
}

/** Nobody is signed in here any more; the server is not told. */
export function forget(): void {
  access = undefined;
  localStorage.removeItem(STORED);
  session.value = null;
}
