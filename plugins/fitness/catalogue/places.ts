import type { Location } from './types.ts';

export const ANYWHERE: readonly Location[] = ['gym', 'home', 'park', 'hotel', 'office', 'travel'];
export const GYM: readonly Location[] = ['gym'];
/** Where a barbell or a sled may stand. */
export const GYM_HOME: readonly Location[] = ['gym', 'home'];
/** Where dumbbells or kettlebells are found. */
export const FREE_WEIGHTS: readonly Location[] = ['gym', 'home', 'hotel'];
/** Where a bar to hang from is found. */
export const BARS: readonly Location[] = ['gym', 'home', 'park'];
/** Indoors, with walls, doors and furniture. */
export const INDOORS: readonly Location[] = ['gym', 'home', 'hotel', 'office', 'travel'];
/** Where there is room to jump or to run a few steps. */
export const ROOMY: readonly Location[] = ['gym', 'home', 'park', 'hotel', 'travel'];
export const OPEN_AIR: readonly Location[] = ['park', 'travel', 'home', 'hotel'];
export const POOLS: readonly Location[] = ['gym', 'hotel', 'travel'];
