import type { Knex } from 'knex';
import type { Transporter } from 'nodemailer';
import type { KeyRing } from '../accounts/key-ring.ts';
import { currentAddress } from '../accounts/users.ts';
import type { Config } from '../config/config.ts';
import type { Transaction } from '../database/transaction.ts';
import type { WorkQueue } from '../events/queue.ts';
import type { JobRegistrar } from '../plugins/contract.ts';
import type { Logger } from '../telemetry/logger.ts';
import { renderMail, type MailTemplate, type MailValues } from './template.ts';

export interface MailContext {
  knex: Knex;
  log: Logger;
  ring: KeyRing;
  queue: Pick<WorkQueue, 'enqueue'>;
  settings: Config['mail'];
  /** Where the server is reached, for links. */
  baseUrl(): string;
}

export interface OutgoingMail {
  /** A user, who is written to at the address that they have when the mail leaves; or an address. */
  to: { userId: string } | { address: string };
  template: MailTemplate;
  values?: MailValues;
}

const JOB = 'mail';
const SEAL = 'mail';

/**
 * Sends mail in the background: what is to be sent is queued in the caller's transaction, sealed, since it holds addresses
 * and tokens; a server that is away is tried again. Without SMTP_URL mails are written to the log.
 */
export class Mail {
  readonly #context: MailContext;
  #transport: Transporter | undefined;

  constructor(context: MailContext) {
    this.#context = context;
  }

  /** Registers the job that sends. */
  register(jobs: JobRegistrar): void {
    jobs.add<{ sealed: string }>(JOB, { retries: 8, timeLimitSeconds: 90 }, ({ sealed }, { id }) => this.#deliver(sealed, id));
  }

  async send(trx: Transaction, mail: OutgoingMail): Promise<void> {
    // Rendered now, so that a template with a gap fails whoever sends it, not a job later.
    const { queue, ring } = this.#context;
    const rendered = renderMail(mail.template, mail.values ?? {}, this.#context.baseUrl());
    await queue.enqueue('kernel', JOB, { sealed: ring.seal(SEAL, { to: mail.to, ...rendered }) }, { trx });
  }

  stop(): void {
    this.#transport?.close();
  }

  async #deliver(sealed: string, runId: string): Promise<void> {
    const { knex, log, ring, settings } = this.#context;
    const mail = ring.open(SEAL, sealed) as { to: OutgoingMail['to']; subject: string; text: string; html: string };
    const { to: recipient, ...content } = mail;
    const to = 'address' in recipient ? recipient.address : await currentAddress(knex, recipient.userId);
    if (to === undefined) return;
    const transport = await this.#connect();
    if (transport === undefined) {
      log.info({ mail: { to, subject: content.subject, text: content.text } }, `mail to ${to}: ${content.subject}`);
      return;
    }
    const domain = settings.from.replace(/^.*@|>.*$/g, '');
    await transport.sendMail({ ...content, to: { name: '', address: to }, from: settings.from, messageId: `<${runId}@${domain}>` });
  }

  /** With the first mail; the library is loaded by who sends any. */
  async #connect(): Promise<Transporter | undefined> {
    const { smtpUrl } = this.#context.settings;
    if (smtpUrl === undefined) return undefined;
    const { createTransport } = await import('nodemailer');
    this.#transport ??= createTransport({ url: smtpUrl, pool: true, connectionTimeout: 10_000, socketTimeout: 30_000 });
    return this.#transport;
  }
}
