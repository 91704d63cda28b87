import assert from 'node:assert/strict';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { Authenticator, type Made, type Signed, type Twist } from '../../support/authenticator.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { startCopy } from '../../support/setup.ts';

export const ORIGIN = 'https://gym.example';
export const OTHER_SITE = 'https://app.gym.example';

type CreationOptions = Parameters<Authenticator['make']>[0];
type RequestOptions = Parameters<Authenticator['sign']>[0];

export interface Member {
  user: TestUser;
  device: Authenticator;
  passkeyId: string;
  recoveryCodes: string[];
}

/** Two instances of a gym whose administrators need a second factor, with its mail, and what members do there with passkeys. */
export class PasskeyGym {
  readonly mailbox = new Mailbox();
  kernel!: TestKernel;
  other!: Kernel;

  async start(): Promise<void> {
    const { accounts } = testConfig();
    const smtpUrl = await this.mailbox.start();
    const config = {
      ...{ publicUrl: ORIGIN, corsOrigins: [OTHER_SITE], mail: { smtpUrl, from: 'MuscleMap <hello@gym.example>' } },
      ...{ jwtSecret: 'the one secret that both instances share', accounts: { ...accounts, adminNeedsSecondFactor: true } },
    };
    this.kernel = await startCopy({ config });
    this.other = await startKernel({ config: testConfig(config), databaseUrl: this.kernel.databaseUrl });
  }

  async stop(): Promise<void> {
    await this.other.stop();
    await this.kernel.stop();
    await this.mailbox.stop();
  }

  post(path: string, as: TestUser | undefined, body?: object): Promise<TestAnswer> {
    return this.kernel.post(`/api${path}`, { as, ...(body && { body }) });
  }

  login({ username, password }: TestUser): Promise<TestAnswer> {
    return this.post('/auth/login', undefined, { username, password });
  }

  async renew(user: TestUser): Promise<TestUser> {
    return { ...user, ...(await this.post('/auth/refresh', undefined, { refreshToken: user.refreshToken })).body.data };
  }

  async options(user: TestUser): Promise<CreationOptions> {
    const answer = await this.post('/users/me/passkeys/options', user, { password: user.password });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.data.publicKey;
  }

  add(user: TestUser, credential: Made, name?: string): Promise<TestAnswer> {
    return this.post('/users/me/passkeys', user, { credential, ...(name !== undefined && { name }) });
  }

  /** Gives somebody a passkey, and a new access token where the first one asks for that. */
  async enrol(from?: TestUser, device = new Authenticator(ORIGIN)): Promise<Member> {
    const user = from ?? (await this.kernel.signUp());
    const answer = await this.add(user, device.make(await this.options(user)));
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    const { passkey, recoveryCodes } = answer.body.data;
    return { user: recoveryCodes === null ? user : await this.renew(user), device, passkeyId: passkey.id, recoveryCodes: recoveryCodes ?? [] };
  }

  async challenge(): Promise<RequestOptions> {
    return (await this.post('/auth/passkey/options', undefined)).body.data.publicKey;
  }

  enter(credential: Signed): Promise<TestAnswer> {
    return this.post('/auth/passkey', undefined, { credential });
  }

  async signIn(device: Authenticator, twist?: Twist): Promise<TestAnswer> {
    return this.enter(device.sign(await this.challenge(), twist));
  }

  async expire(purpose: string): Promise<void> {
    await this.kernel.knex('account_tokens').where({ purpose }).update({ expires_at: new Date(0) });
  }
}

export const addressOf = ({ username }: TestUser): string => `${username}@example.org`;
export const problemOf = ({ body }: TestAnswer): string => body.error.details[0].path;
