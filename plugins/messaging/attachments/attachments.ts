import type { PluginKernel, Transaction } from 'musclemap';
import type { MessagingConfig } from '../conversations.ts';
import { forgetRejected, insertAttachments, takeDiscarded, type Attachment } from '../models/attachments.ts';
import { discardFiles, findUnassessed, judge, type Judged, type Verdict } from '../models/moderation.ts';
import type { NewAttachment } from './intake.ts';

export const ASSESS_JOB = 'assess-attachment';
export const DISCARD_JOB = 'discard-files';
const BATCH = 100;

/** Files that belong to messages: kept with them, judged after them, gone when they go. */
export class Attachments {
  readonly #kernel: PluginKernel<MessagingConfig>;

  constructor(kernel: PluginKernel<MessagingConfig>) {
    this.#kernel = kernel;
  }

  /** Makes stored files part of a message. Nobody sees them until they have been approved. */
  async attach(trx: Transaction, messageId: string, files: readonly NewAttachment[]): Promise<Attachment[]> {
    if (files.length === 0) return [];
    await this.#kernel.storage.keep(trx, files.flatMap(({ fileId, thumbnailId }) => (thumbnailId === null ? [fileId] : [fileId, thumbnailId])));
    const attachments = await insertAttachments(trx, messageId, files);
    for (const { id } of attachments) await this.#kernel.jobs.enqueue(ASSESS_JOB, { id }, { trx });
    return attachments;
  }

  /** The job: asks what to think of an attachment, and lets it through, rejects it, or leaves it to a person. */
  async assess({ id }: { id: string }): Promise<void> {
    const { database, moderation, storage } = this.#kernel;
    const found = await findUnassessed(database.knex, id);
    if (found === undefined) return;
    const assessment = await moderation.assess({
      ...{ type: found.fileType, size: found.fileSize, userId: found.senderId, context: 'message' },
      open: async () => {
        const file = await storage.open(found.fileId);
        if (file === undefined) throw new Error(`The file of the attachment ${id} is not there.`);
        return file.bytes;
      },
    });
    const verdict: Verdict =
      assessment === undefined
        ? { id, status: 'pending', result: 'Nothing could tell; a person has to look' }
        : { id, status: this.#follow(assessment.risk), result: `${assessment.reason} (${assessment.risk.toFixed(2)})`, scores: assessment.scores };
    await database.transaction((trx) => this.#judge(trx, verdict, false));
  }

  /** What a moderator decides; undefined when there is nothing to decide on any more. */
  async decide(trx: Transaction, id: string, status: 'approved' | 'rejected'): Promise<Judged | undefined> {
    const judged = await this.#judge(trx, { id, status, result: 'Decided by a moderator' }, true);
    if (judged === undefined || status === 'approved') return judged;
    await discardFiles(trx, id);
    await this.discardAfter(trx);
    return judged;
  }

  /** Has the files of what is deleted in `trx` taken away after its commit. */
  async discardAfter(trx: Transaction): Promise<void> {
    await this.#kernel.jobs.enqueue(DISCARD_JOB, {}, { trx });
  }

  /** The job: takes away the files that nothing refers to any more. */
  async discard(): Promise<void> {
    const { database, storage, clock, config } = this.#kernel;
    const before = new Date(clock.now().getTime() - config.keepRejectedDays * 86_400_000);
    await database.transaction((trx) => forgetRejected(trx, before));
    for (let taken = BATCH; taken === BATCH; ) {
      taken = await database.transaction(async (trx) => {
        const ids = await takeDiscarded(trx, BATCH);
        if (ids.length > 0) await storage.remove(trx, ids);
        return ids.length;
      });
    }
  }

  #follow(risk: number): Verdict['status'] {
    const { rejectAt, reviewAt } = this.#kernel.config;
    if (risk >= rejectAt) return 'rejected';
    return risk >= reviewAt ? 'pending' : 'approved';
  }

  async #judge(trx: Transaction, verdict: Verdict, isPerson: boolean): Promise<Judged | undefined> {
    const judged = await judge(trx, verdict, isPerson);
    if (judged === undefined) return undefined;
    const { realtime } = this.#kernel;
    const { id, status } = verdict;
    if (status === 'pending') await realtime.publish('moderation', 'attachment.waiting', { id }, { trx });
    else await realtime.publish(`conversation:${judged.conversationId}`, 'attachment.moderated', { id, status, ...judged }, { trx });
    return judged;
  }
}
