/** What other plugins may hear of a member's archetype and levels. Types only. */
declare module 'musclemap' {
  interface EventPayloads {
    /**
     * A member has reached a level of their archetype for the first time: once per level, lower ones first, also when
     * several are reached at once by an import or by choosing an archetype with a history. Nobody reaches level 1.
     */
    'level.reached': { userId: string; archetypeId: string; level: number; levelName: string; totalTU: number };
    /** A member has chosen an archetype, or changed it. */
    'archetype.selected': { userId: string; archetypeId: string; previousId: string | null };
  }
}

export {};
