import { randomUUID } from 'node:crypto';
import { ApiError, type Caller, type PluginKernel, type Transaction } from 'musclemap';
import {
  changePool,
  countParticipants,
  deleteParticipant,
  findFinishers,
  findStanding,
  insertParticipant,
  lockCompetition,
  lockDueCompetition,
  setRanks,
  setStatus,
  takeFees,
  updateCompetition,
  type Competition,
  type NewCompetition,
} from '../models/competitions.ts';
import { isInvited } from '../models/invitations.ts';
import { rankFinishers, splitPrizes } from './prizes.ts';
import { checkRules } from './rules.ts';
import type { Scoring } from './scoring.ts';

const FIRST_TAKES_ALL = [100];
/** What nobody may change once somebody has joined on these terms. */
const TERMS = ['type', 'startDate', 'endDate', 'entryFee', 'rules'] as const;

/** Joining and leaving, starting and ending: membership, fees and prizes move in one transaction, one competition at a time. */
export class Competitions {
  readonly #kernel: PluginKernel;
  readonly #scoring: Scoring;

  constructor(kernel: PluginKernel, scoring: Scoring) {
    this.#kernel = kernel;
    this.#scoring = scoring;
  }

  /** @throws ApiError NOT_FOUND, CONFLICT when it is full, over or joined already, INSUFFICIENT_CREDITS. */
  async join(trx: Transaction, id: string, user: Caller): Promise<void> {
    const competition = await this.#lock(trx, id);
    await this.#refuseStranger(trx, competition, user);
    this.#refuseLate(competition);
    if ((await findStanding(trx, id, user.id)) !== undefined) throw new ApiError('CONFLICT', 'You take part already.');
    const { maxParticipants, entryFee: fee, name } = competition;
    if (maxParticipants !== null && (await countParticipants(trx, id)) >= maxParticipants) {
      throw new ApiError('CONFLICT', 'This competition is full.');
    }
    const userId = user.id;
    const paid =
      fee === 0
        ? undefined
        : await this.#kernel.credits.take(trx, {
            ...{ userId, amount: fee, action: 'competition.fee', key: randomUUID() },
            metadata: { competitionId: id, name },
          });
    await insertParticipant(trx, { competitionId: id, userId, fee, feeEntryId: paid?.entryId ?? null });
    if (competition.status === 'active') await this.#scoring.rescoreMember(trx, userId);
    this.#kernel.events.emit(trx, 'competition.joined', { competitionId: id, userId, name });
  }

  /** Before the start the fee goes back, afterwards it stays in the pool. @throws ApiError NOT_FOUND, CONFLICT when it is over. */
  async leave(trx: Transaction, id: string, user: Caller): Promise<{ refunded: number }> {
    const competition = await this.#lock(trx, id);
    if (competition.status === 'completed' || competition.status === 'canceled') throw new ApiError('CONFLICT', 'This competition is over.');
    const gone = await deleteParticipant(trx, id, user.id);
    if (gone === undefined) throw new ApiError('NOT_FOUND', 'You do not take part in this competition.');
    const isRefunded = gone.feeEntryId !== null && competition.status === 'draft' && competition.startDate > this.#kernel.clock.now();
    if (!isRefunded || gone.feeEntryId === null) return { refunded: 0 };
    await this.#refundAll(trx, competition, [{ userId: user.id, entryId: gone.feeEntryId }]);
    await changePool(trx, id, -competition.entryFee);
    return { refunded: competition.entryFee };
  }

  /** Gives every fee back. @throws ApiError NOT_FOUND, FORBIDDEN for who neither made nor moderates it, CONFLICT when it is over. */
  async cancel(trx: Transaction, id: string, user: Caller): Promise<void> {
    const competition = await this.#lock(trx, id);
    await this.#refuseStranger(trx, competition, user);
    if (competition.creatorId !== user.id && !moderates(user)) throw new ApiError('FORBIDDEN', 'Only who made a competition may cancel it.');
    if (competition.status === 'canceled') return;
    if (competition.status === 'completed') throw new ApiError('CONFLICT', 'This competition has been completed.');
    await this.#callOff(trx, competition);
  }

  /** Begins it before its date. @throws ApiError NOT_FOUND, FORBIDDEN for who neither made nor moderates it, CONFLICT. */
  async start(trx: Transaction, id: string, user: Caller): Promise<void> {
    const competition = await this.#lock(trx, id);
    await this.#refuseStranger(trx, competition, user);
    if (competition.creatorId !== user.id && !moderates(user)) throw new ApiError('FORBIDDEN', 'Only who made a competition may start it.');
    if (competition.status !== 'draft') throw new ApiError('CONFLICT', `This competition is ${competition.status}.`);
    const now = this.#kernel.clock.now();
    if (competition.endDate <= now) throw new ApiError('CONFLICT', 'This competition is over.');
    const needed = competition.rules.minParticipants ?? 0;
    const participants = await countParticipants(trx, id);
    if (participants < needed) throw new ApiError('CONFLICT', `${String(needed)} people have to take part, ${String(participants)} do.`);
    const startDate = competition.startDate < now ? competition.startDate : now;
    await updateCompetition(trx, id, { startDate });
    await this.#begin(trx, { ...competition, startDate });
  }

  /** @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT for terms on which people have joined, VALIDATION_ERROR. */
  async change(trx: Transaction, id: string, user: Caller, change: Partial<NewCompetition>): Promise<void> {
    const competition = await this.#lock(trx, id);
    await this.#refuseStranger(trx, competition, user);
    if (competition.creatorId !== user.id) throw new ApiError('FORBIDDEN', 'Only who made a competition may change it.');
    if (competition.status !== 'draft') {
      const settled = Object.keys(change).find((key) => key !== 'name' && key !== 'description');
      if (settled !== undefined) throw new ApiError('CONFLICT', `${settled} cannot change once the competition has begun.`);
    }
    const participants = await countParticipants(trx, id);
    const term = TERMS.find((name) => change[name] !== undefined && JSON.stringify(change[name]) !== JSON.stringify(competition[name]));
    if (participants > 0 && term !== undefined) throw new ApiError('CONFLICT', `People have joined on these terms: ${term} cannot change any more.`);
    const { maxParticipants } = change;
    if (typeof maxParticipants === 'number' && maxParticipants < participants) {
      throw new ApiError('CONFLICT', `${String(participants)} people take part already.`);
    }
    checkTerms({ ...competition, ...change }, this.#kernel.clock.now(), change.startDate !== undefined);
    await updateCompetition(trx, id, change);
  }

  /** Starts and ends what is due, each in a transaction of its own: one that fails holds up no other. */
  async advance(): Promise<void> {
    while (await this.#advanceOne('start', (trx, competition) => this.#begin(trx, competition)));
    while (await this.#advanceOne('end', (trx, competition) => this.#complete(trx, competition)));
  }

  async #advanceOne(moment: 'start' | 'end', work: (trx: Transaction, competition: Competition) => Promise<void>): Promise<boolean> {
    return this.#kernel.database.transaction(async (trx) => {
      const competition = await lockDueCompetition(trx, moment, this.#kernel.clock.now());
      if (competition !== undefined) await work(trx, competition);
      return competition !== undefined;
    });
  }

  async #begin(trx: Transaction, competition: Competition): Promise<void> {
    const { id, rules } = competition;
    if ((await countParticipants(trx, id)) < (rules.minParticipants ?? 0)) {
      await this.#callOff(trx, competition);
      return;
    }
    await setStatus(trx, id, 'active');
    await this.#scoring.rescoreAll(trx, competition);
    await this.#tell(trx, id, 'competition.started', {});
  }

  /** The last score counts what is in the history now, whatever was missed on the way. */
  async #complete(trx: Transaction, competition: Competition): Promise<void> {
    const { id, name, prizePool, rules } = competition;
    await this.#scoring.rescoreAll(trx, competition);
    const finishers = rankFinishers(await findFinishers(trx, id));
    const prizes = splitPrizes(prizePool, rules.split ?? FIRST_TAKES_ALL, finishers);
    await setRanks(trx, id, finishers);
    await this.#kernel.credits.grantAll(
      trx,
      [...prizes].map(([userId, amount]) => ({
        ...{ userId, amount, action: 'competition.prize', key: `${id}:${userId}` },
        metadata: { competitionId: id, name, rank: finishers.find((finisher) => finisher.userId === userId)?.rank },
      })),
    );
    await setStatus(trx, id, 'completed');
    const participants = finishers.length;
    for (const { userId, rank } of finishers) {
      const prize = prizes.get(userId) ?? 0;
      this.#kernel.events.emit(trx, 'competition.completed', { competitionId: id, userId, name, rank, prize, participants });
      await this.#kernel.plugin('tips').services?.milestones.recheck(trx, userId);
    }
    await this.#tell(trx, id, 'competition.completed', {});
  }

  async #callOff(trx: Transaction, competition: Competition): Promise<void> {
    await setStatus(trx, competition.id, 'canceled');
    await this.#refundAll(trx, competition, await takeFees(trx, competition.id));
    await this.#tell(trx, competition.id, 'competition.canceled', {});
  }

  /** Gives fees back under the entries that paid them, so that none goes back twice. */
  async #refundAll(trx: Transaction, { id, name, entryFee }: Competition, paid: readonly { userId: string; entryId: string }[]): Promise<void> {
    await this.#kernel.credits.grantAll(
      trx,
      paid.map(({ userId, entryId }) => ({
        ...{ userId, amount: entryFee, action: 'competition.refund', key: entryId },
        metadata: { competitionId: id, name, feeEntryId: entryId },
      })),
    );
  }

  async #lock(trx: Transaction, id: string): Promise<Competition> {
    const competition = await lockCompetition(trx, id);
    if (competition === undefined) throw notFound();
    return competition;
  }

  /** A private competition is there for who was asked, takes part or made it; for others it does not exist. */
  async #refuseStranger(trx: Transaction, competition: Competition, user: Caller): Promise<void> {
    const { id, isPublic, creatorId } = competition;
    if (isPublic || creatorId === user.id || moderates(user)) return;
    if (await isInvited(trx, { competitionId: id }, user.id)) return;
    if ((await findStanding(trx, id, user.id)) === undefined) throw notFound();
  }

  #refuseLate({ status, endDate, rules }: Competition): void {
    if (status === 'completed' || status === 'canceled' || endDate <= this.#kernel.clock.now()) {
      throw new ApiError('CONFLICT', 'This competition is over.');
    }
    if (status === 'active' && rules.lateJoin === false) throw new ApiError('CONFLICT', 'This competition has begun.');
  }

  async #tell(trx: Transaction, id: string, event: string, data: object): Promise<void> {
    await this.#kernel.realtime.publish(`competition:${id}`, event, { competitionId: id, ...data }, { trx });
  }
}

export function notFound(): ApiError {
  return new ApiError('NOT_FOUND', 'No competition has this id.');
}

export function moderates({ roles }: Pick<Caller, 'roles'>): boolean {
  return roles.includes('moderator') || roles.includes('admin');
}

/** @throws ApiError VALIDATION_ERROR for dates or rules that make no sense together. */
export function checkTerms(
  terms: Pick<NewCompetition, 'type' | 'rules' | 'startDate' | 'endDate'>,
  now: Date,
  isStartNew: boolean,
): void {
  const problem = (path: string, message: string): ApiError =>
    new ApiError('VALIDATION_ERROR', undefined, { details: [{ path, message }] });
  if (terms.endDate <= terms.startDate) throw problem('/body/endDate', 'must be after startDate');
  if (isStartNew && terms.startDate < now) throw problem('/body/startDate', 'must not be in the past');
  checkRules(terms.type, terms.rules);
}
