import { ApiError, type PluginKernel, type Transaction } from 'musclemap';
import {
  addMember,
  findGroup,
  findRole,
  isAtLeast,
  lockGroup,
  removeMember,
  setRole,
  transferOwnership,
  type Group,
  type GroupRole,
} from './models/groups.ts';
import { invite, isInvited } from './models/invitations.ts';

/** Who may do what in a group. Every change of its members holds the group still, so that two at once cannot leave it ownerless. */
export class Groups {
  readonly #kernel: PluginKernel;

  constructor(kernel: PluginKernel) {
    this.#kernel = kernel;
  }

  /** @throws ApiError NOT_FOUND for a group that does not exist or that the reader may not see. */
  async get(id: string, me: string, trx?: Transaction): Promise<Group> {
    const group = await findGroup(trx ?? this.#kernel.database.knex, id, me);
    if (group === undefined) throw new ApiError('NOT_FOUND', 'No group has this id.');
    return group;
  }

  /** Holds a group, for somebody with at least this role in it. @throws ApiError NOT_FOUND, FORBIDDEN. */
  async hold(trx: Transaction, id: string, me: string, least: GroupRole): Promise<Group> {
    await lockGroup(trx, id);
    const group = await this.get(id, me, trx);
    if (!isAtLeast(group.myRole, least)) throw new ApiError('FORBIDDEN', `This is for role ${least} of the group.`);
    return group;
  }

  async join(trx: Transaction, id: string, me: string): Promise<void> {
    await lockGroup(trx, id);
    const group = await this.get(id, me, trx);
    if (group.settings.joinPolicy === 'invitation' && !(await isInvited(trx, { groupId: id }, me))) {
      throw new ApiError('FORBIDDEN', 'One is invited into this group.');
    }
    const isWelcome = await this.#kernel.users.mayContact({ fromId: me, toIds: [group.ownerId], kind: 'group', trx });
    if (!isWelcome) throw new ApiError('BLOCKED');
    if (!(await addMember(trx, id, me))) throw new ApiError('CONFLICT', 'You are in this group already.');
  }

  async leave(trx: Transaction, id: string, me: string): Promise<void> {
    const group = await this.hold(trx, id, me, 'member');
    if (group.myRole === 'owner') throw new ApiError('CONFLICT', 'The owner cannot leave: make somebody else the owner, or delete the group.');
    await removeMember(trx, id, me);
  }

  /** Asks somebody in. */
  async invite(trx: Transaction, id: string, me: string, userId: string): Promise<string> {
    const group = await this.hold(trx, id, me, 'member');
    if (!isAtLeast(group.myRole, group.settings.mayInvite)) throw new ApiError('FORBIDDEN', `Only role ${group.settings.mayInvite} may invite.`);
    if ((await findRole(trx, id, userId)) !== null) throw new ApiError('CONFLICT', 'This person is in the group already.');
    if (!(await this.#kernel.users.mayContact({ fromId: me, toIds: [userId], kind: 'invitation', trx }))) throw new ApiError('BLOCKED');
    const invitation = await invite(trx, { groupId: id }, userId, me);
    if (invitation === undefined) throw new ApiError('NOT_FOUND', 'No user has this id.');
    await this.#kernel.realtime.publish(`user:${userId}`, 'group.invited', { invitationId: invitation, groupId: id, name: group.name }, { trx });
    return invitation;
  }

  /** Gives a member another role: one may give and take the roles below one's own; the owner hands the group over. */
  async assign(trx: Transaction, id: string, me: string, userId: string, role: GroupRole): Promise<void> {
    const group = await this.hold(trx, id, me, 'admin');
    const current = await this.#roleOf(trx, id, userId);
    if (role === 'owner') {
      if (group.myRole !== 'owner') throw new ApiError('FORBIDDEN', 'Only the owner hands a group over.');
      await transferOwnership(trx, id, userId);
      return;
    }
    if (current === 'owner') throw new ApiError('CONFLICT', 'The owner stays the owner until somebody else is.');
    this.#refuseUnlessBelow(group, current);
    this.#refuseUnlessBelow(group, role);
    await setRole(trx, id, userId, role);
  }

  async remove(trx: Transaction, id: string, me: string, userId: string): Promise<void> {
    if (userId === me) {
      await this.leave(trx, id, me);
      return;
    }
    const group = await this.hold(trx, id, me, 'moderator');
    this.#refuseUnlessBelow(group, await this.#roleOf(trx, id, userId));
    await removeMember(trx, id, userId);
  }

  async #roleOf(trx: Transaction, id: string, userId: string): Promise<GroupRole> {
    const role = await findRole(trx, id, userId);
    if (role === null) throw new ApiError('NOT_FOUND', 'This person is not in the group.');
    return role;
  }

  #refuseUnlessBelow({ myRole }: Group, role: GroupRole): void {
    if (isAtLeast(role, myRole ?? 'member')) throw new ApiError('FORBIDDEN', `This is not for you to decide: ${role} is not below your own role.`);
  }
}
