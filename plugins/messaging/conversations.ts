import { ApiError, invalid, type PluginKernel, type Transaction } from 'musclemap';
import { Attachments } from './attachments/attachments.ts';
import type { NewAttachment } from './attachments/intake.ts';
import './hooks.ts';
import { deleteAttachments } from './models/attachments.ts';
import {
  addParticipants,
  clearConversation,
  deleteConversation,
  directConversationId,
  findConversation,
  findExisting,
  insertConversation,
  lockConversation,
  removeParticipant,
  takeMoment,
  type ConversationRow,
} from './models/conversations.ts';
import { deleteMessage, editMessage, insertMessage, isIn, lockMessage, type MessageRow } from './models/messages.ts';

export interface MessagingConfig {
  editMinutes: number;
  mostParticipants: number;
  /** The risks from which on an attachment is rejected, or waits for a person. */
  rejectAt: number;
  reviewAt: number;
  keepRejectedDays: number;
  fileTypes: readonly string[];
}

/** Who talks with whom, and what may be done to what was said. Every change holds the conversation's row: messages have one order. */
export class Conversations {
  readonly #kernel: PluginKernel<MessagingConfig>;
  readonly #attachments: Attachments;

  constructor(kernel: PluginKernel<MessagingConfig>, attachments: Attachments) {
    this.#kernel = kernel;
    this.#attachments = attachments;
  }

  /** @throws ApiError NOT_FOUND for a conversation that the member does not take part in. */
  async get(id: string | undefined, me: string, trx?: Transaction): Promise<ConversationRow> {
    const conversation = await findConversation(trx ?? this.#kernel.database.knex, id ?? '', me);
    if (conversation === undefined) throw new ApiError('NOT_FOUND', 'No conversation has this id.');
    return conversation;
  }

  /** Starts a conversation; two people have one, which is found again however often and by whom it is started. */
  async start(
    trx: Transaction,
    me: string,
    wanted: { type: 'direct' | 'group'; participantIds: readonly string[]; name: string | null },
  ): Promise<{ conversation: ConversationRow; isNew: boolean }> {
    const others = [...new Set(wanted.participantIds)].filter((id) => id !== me);
    if (wanted.type === 'direct' && others.length !== 1) throw invalid('/body/participantIds', 'names the one other person of a direct conversation');
    if (others.length + 1 > this.#kernel.config.mostParticipants) throw this.#tooMany();
    await this.#refuseUnreachable(trx, me, others);
    const id = wanted.type === 'direct' ? directConversationId(me, others[0] ?? '') : null;
    const made = await insertConversation(trx, { ...wanted, id, createdBy: me, participantIds: [me, ...others] });
    if (made.isNew) await this.#tellPeople(trx, others, 'conversation.started', { conversationId: made.id });
    return { conversation: await this.get(made.id, me, trx), isNew: made.isNew };
  }

  async send(trx: Transaction, id: string, me: string, message: { content: string | null; replyToId: string | null; files: readonly NewAttachment[] }): Promise<MessageRow> {
    const conversation = await this.#hold(trx, id, me);
    if (message.content === null && message.files.length === 0) throw invalid('/body/content', 'is required in a message without files');
    const others = conversation.participants.map(({ userId }) => userId).filter((userId) => userId !== me);
    if (conversation.type === 'direct') await this.#refuseUnreachable(trx, me, others);
    if (message.replyToId !== null && !(await isIn(trx, id, message.replyToId))) throw invalid('/body/replyToId', 'is no message of this conversation');
    const { files, ...text } = message;
    const moment = await takeMoment(trx, id);
    const inserted = await insertMessage(trx, { ...text, conversationId: id, senderId: me, contentType: contentTypeOf(files), moment });
    const sent = { ...inserted, attachments: await this.#attachments.attach(trx, inserted.id, files) };
    this.#kernel.events.emit(trx, 'message.sent', { messageId: sent.id, conversationId: id, senderId: me });
    await this.#tell(trx, id, 'message.sent', publicMessage(sent));
    await this.#tellPeople(trx, others, 'message.received', { conversationId: id, messageId: sent.id, senderId: me });
    return sent;
  }

  /** @throws ApiError NOT_FOUND, FORBIDDEN for another's message or after the time for it, CONFLICT for a deleted one. */
  async edit(trx: Transaction, id: string, me: string, content: string): Promise<MessageRow> {
    const message = await this.#own(trx, id, me);
    if (message.deletedAt !== null) throw new ApiError('CONFLICT', 'This message has been deleted.');
    const minutes = this.#kernel.config.editMinutes;
    if (this.#kernel.clock.now().getTime() - message.createdAt.getTime() > minutes * 60_000) {
      throw new ApiError('FORBIDDEN', `A message can be edited for ${String(minutes)} minutes.`);
    }
    const edited = await editMessage(trx, id, content);
    if (edited === undefined) throw new TypeError('A message that was held is gone.');
    await this.#tell(trx, message.conversationId, 'message.edited', publicMessage(edited));
    return edited;
  }

  async remove(trx: Transaction, id: string, me: string): Promise<void> {
    const message = await this.#own(trx, id, me);
    if (message.deletedAt !== null) return;
    await deleteMessage(trx, id);
    await deleteAttachments(trx, id);
    await this.#attachments.discardAfter(trx);
    await this.#tell(trx, message.conversationId, 'message.deleted', { id, conversationId: message.conversationId });
  }

  async add(trx: Transaction, id: string, me: string, userIds: readonly string[]): Promise<ConversationRow> {
    const conversation = await this.#holdGroup(trx, id, me);
    if (conversation.participants.length + userIds.length > this.#kernel.config.mostParticipants) throw this.#tooMany();
    await this.#refuseUnreachable(trx, me, userIds);
    const added = await addParticipants(trx, id, userIds);
    if (added.length > 0) await this.#tell(trx, id, 'participants.added', { conversationId: id, userIds: added });
    await this.#tellPeople(trx, added, 'conversation.started', { conversationId: id });
    return this.get(id, me, trx);
  }

  /** Takes somebody else out of a group, as its owner. */
  async expel(trx: Transaction, id: string, me: string, userId: string): Promise<void> {
    const conversation = await this.#holdGroup(trx, id, me);
    if (!conversation.participants.some((participant) => participant.userId === userId)) {
      throw new ApiError('NOT_FOUND', 'This person is not in the conversation.');
    }
    await this.#part(trx, id, userId);
  }

  async leave(trx: Transaction, id: string, me: string): Promise<void> {
    const conversation = await this.#hold(trx, id, me);
    if (conversation.type === 'direct') throw new ApiError('CONFLICT', 'A conversation of two cannot be left; clear or mute it.');
    await this.#part(trx, id, me);
  }

  /** A group ends for all when its owner deletes it; for everybody else, and with two, the history is cleared for the one who asks. */
  async delete(trx: Transaction, id: string, me: string): Promise<void> {
    const conversation = await this.#hold(trx, id, me);
    if (conversation.type === 'direct' || conversation.myRole !== 'owner') await clearConversation(trx, id, me);
    else {
      await this.#tellPeople(trx, conversation.participants.map(({ userId }) => userId), 'conversation.deleted', { conversationId: id });
      await deleteConversation(trx, id);
      await this.#attachments.discardAfter(trx);
    }
  }

  /** The owner of a group, holding it. */
  async holdAsOwner(trx: Transaction, id: string, me: string): Promise<ConversationRow> {
    return this.#holdGroup(trx, id, me);
  }

  async #part(trx: Transaction, id: string, userId: string): Promise<void> {
    await removeParticipant(trx, id, userId);
    await this.#attachments.discardAfter(trx);
    await this.#tell(trx, id, 'participant.left', { conversationId: id, userId });
    this.#kernel.events.emit(trx, 'conversation.left', { conversationId: id, userId });
  }

  async #hold(trx: Transaction, id: string, me: string): Promise<ConversationRow> {
    await lockConversation(trx, id);
    return this.get(id, me, trx);
  }

  async #holdGroup(trx: Transaction, id: string, me: string): Promise<ConversationRow> {
    const conversation = await this.#hold(trx, id, me);
    if (conversation.type === 'direct') throw new ApiError('CONFLICT', 'A conversation of two stays one of two; start a group.');
    if (conversation.myRole !== 'owner') throw new ApiError('FORBIDDEN', 'Only the owner of the conversation may do this.');
    return conversation;
  }

  async #own(trx: Transaction, id: string, me: string): Promise<MessageRow> {
    const message = await lockMessage(trx, id, me);
    if (message === undefined) throw new ApiError('NOT_FOUND', 'No message has this id.');
    if (message.senderId !== me) throw new ApiError('FORBIDDEN', 'This is not your message.');
    return message;
  }

  async #refuseUnreachable(trx: Transaction, me: string, others: readonly string[]): Promise<void> {
    const known = await findExisting(trx, others);
    const unknown = others.findIndex((id) => !known.has(id));
    if (unknown >= 0) throw new ApiError('NOT_FOUND', `No user has the id ${others[unknown] ?? ''}.`);
    if (!(await this.#kernel.users.mayContact({ fromId: me, toIds: others, kind: 'message', trx }))) throw new ApiError('BLOCKED');
  }

  #tooMany(): ApiError {
    return new ApiError('UNPROCESSABLE', `A conversation has at most ${String(this.#kernel.config.mostParticipants)} participants.`);
  }

  async #tell(trx: Transaction, id: string, event: string, data: object): Promise<void> {
    await this.#kernel.realtime.publish(`conversation:${id}`, event, data, { trx });
  }

  async #tellPeople(trx: Transaction, userIds: readonly string[], event: string, data: object): Promise<void> {
    await Promise.all(userIds.map((userId) => this.#kernel.realtime.publish(`user:${userId}`, event, data, { trx })));
  }
}

function contentTypeOf(files: readonly NewAttachment[]): MessageRow['contentType'] {
  if (files.length === 0) return 'text';
  return files.every(({ fileType }) => fileType.startsWith('image/')) ? 'image' : 'file';
}

/** A message without what only the list needs. */
export function publicMessage({ position: _position, ...message }: MessageRow): Omit<MessageRow, 'position'> {
  return message;
}
