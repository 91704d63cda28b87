import type { Knex } from 'knex';
import type { Logger } from '../telemetry/logger.ts';
import { readAfter, readHead, sequenceEvents, type EventRun } from './event-log.ts';
import { FanOut, type FanOutContext, type Whisper } from './fan-out.ts';
import { outgoing, type Subscribers } from './subscribers.ts';

const POLL_MS = 1_000;

/**
 * Brings every published event to the readers of this instance, once and in the one order: its own at once, those of other
 * instances when they tell of them, and whatever got lost on the way from the event log.
 */
export class Broker {
  readonly #knex: Knex;
  readonly #log: Logger;
  readonly #fanOut: FanOut;
  readonly #subscribers: Subscribers;
  readonly #recheck: (channel: string, userId: string) => void;
  #cursor = 0;
  #deliveries: Promise<void> = Promise.resolve();
  #sequencing: Promise<void> | undefined;
  #isSequencingDue = false;
  #isCatchUpDue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: FanOutContext, subscribers: Subscribers, recheck: (channel: string, userId: string) => void) {
    this.#knex = context.knex;
    this.#log = context.log;
    this.#fanOut = new FanOut(context);
    this.#subscribers = subscribers;
    this.#recheck = recheck;
  }

  /** The position up to which this instance has delivered. */
  get cursor(): number {
    return this.#cursor;
  }

  async start(): Promise<void> {
    this.#cursor = (await readHead(this.#knex)).position;
    await this.#fanOut.start({
      run: (run) => {
        this.#deliver(run);
      },
      news: () => {
        this.#catchUp();
      },
      whisper: (whisper) => {
        this.#hear(whisper);
      },
    });
    this.#schedulePoll();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sequencing;
    await this.#deliveries;
    await this.#fanOut.stop();
  }

  /** Says that events have been committed here. */
  nudge(): void {
    this.#isSequencingDue = true;
    this.#sequencing ??= this.#sequence().finally(() => {
      this.#sequencing = undefined;
    });
  }

  /** Tells all readers on all instances something that need not be kept. */
  async whisper(whisper: Whisper): Promise<void> {
    this.#hear(whisper);
    await this.#fanOut.whisper(whisper);
  }

  /** While one round runs, everything that is committed waits for the next: one transaction for many events. */
  async #sequence(): Promise<void> {
    try {
      while (this.#isSequencingDue) {
        this.#isSequencingDue = false;
        const run = await sequenceEvents(this.#knex);
        if (run === undefined) continue;
        this.#isSequencingDue = true;
        this.#deliver(run);
        await this.#fanOut.announce(run);
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'published events wait until the database answers again');
    }
  }

  #hear(whisper: Whisper): void {
    if (whisper.kind === 'recheck') this.#recheck(whisper.channel, whisper.userId);
    else this.#enqueue(() => this.#subscribers.deliver(outgoing(whisper)));
  }

  #deliver(run: EventRun): void {
    this.#enqueue(async () => {
      if (run.after > this.#cursor) await this.#readMissed();
      await this.#deliverNew(run.events);
    });
  }

  #catchUp(): void {
    if (this.#isCatchUpDue) return;
    this.#isCatchUpDue = true;
    this.#enqueue(async () => {
      this.#isCatchUpDue = false;
      await this.#readMissed();
    });
  }

  async #readMissed(): Promise<void> {
    for (;;) {
      const events = await readAfter(this.#knex, this.#cursor);
      if (events.length === 0) return;
      await this.#deliverNew(events);
    }
  }

  async #deliverNew(events: EventRun['events']): Promise<void> {
    for (const event of events) {
      if (event.position <= this.#cursor) continue;
      this.#cursor = event.position;
      await this.#subscribers.deliver(outgoing(event));
    }
  }

  /** One delivery after the other; one that fails is made up for by the next poll. */
  #enqueue(step: () => Promise<void>): void {
    this.#deliveries = this.#deliveries.then(step).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'events could not be delivered yet');
    });
  }

  #schedulePoll(): void {
    this.#timer = setTimeout(() => {
      void this.#poll().finally(() => {
        if (this.#timer !== undefined) this.#schedulePoll();
      });
    }, POLL_MS);
    this.#timer.unref();
  }

  /** Finds what no instance told of: a message got lost, or its instance died between commit and sequencing. */
  async #poll(): Promise<void> {
    try {
      const { position, hasWaiting } = await readHead(this.#knex);
      if (hasWaiting) this.nudge();
      if (position > this.#cursor) this.#catchUp();
    } catch (error) {
      this.#log.debug({ err: error }, 'the event log could not be read');
    }
  }
}
