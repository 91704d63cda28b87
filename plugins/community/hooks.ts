/** What other plugins may hear of the community. Types only. */
declare module 'musclemap' {
  interface EventPayloads {
    'competition.joined': { competitionId: string; userId: string; name: string };
    /** Once for every participant, after the prizes have been paid. */
    'competition.completed': { competitionId: string; userId: string; name: string; rank: number; prize: number; participants: number };
    'high-five.given': { activityId: string; fromId: string; toId: string };
    'user.blocked': { blockerId: string; blockedId: string };
  }
}

export {};
