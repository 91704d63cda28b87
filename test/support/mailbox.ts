import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Headers and parts, with what was wrapped and encoded put together again. */
  content: string;
}

/** A real SMTP server that keeps what it is sent. */
export class Mailbox {
  readonly mails: ReceivedMail[] = [];
  /** Refuses the next so many mails for now, as a server that is busy does. */
  refuseNext = 0;
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (this.refuseNext > 0) {
            this.refuseNext -= 1;
            callback(Object.assign(new Error('try again later'), { responseCode: 451 }));
            return;
          }
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom === false ? '' : mailFrom.address;
          this.mails.push({ from, to: rcptTo.map(({ address }) => address), content: decode(Buffer.concat(chunks).toString()) });
          callback();
        });
      },
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `smtp://127.0.0.1:${String((this.#server.server.address() as AddressInfo).port)}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** The first mail to an address whose subject holds the words, as soon as it is there. */
  async next(to: string, subject: string): Promise<ReceivedMail> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const found = this.mails.findIndex((mail) => mail.to.includes(to) && mail.content.includes(`Subject: ${subject}`));
      const [mail] = found === -1 ? [] : this.mails.splice(found, 1);
      if (mail !== undefined) return mail;
      if (Date.now() > deadline) throw new Error(`No mail to ${to} named "${subject}"; there are: ${this.mails.map((m) => m.to.join()).join(' ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function decode(raw: string): string {
  return raw
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** The token behind the # of a mail's link. */
export function tokenOf(mail: ReceivedMail): string {
  return /\/account\/[a-z-]+#([\w-]{20,})/.exec(mail.content)?.[1] ?? '';
}
