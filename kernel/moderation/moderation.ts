import type { Readable } from 'node:stream';
import type { DecisionHook } from '../plugins/hooks.ts';

/** Something that a member wants to show to others. */
export interface ModeratedContent {
  /** The media type that was found in the content itself, as `image/webp`. */
  type: string;
  /** In bytes. */
  size: number;
  /** Who wants to show it. */
  userId: string;
  /** Where, as `message`. */
  context: string;
  /** The bytes; every call begins anew. */
  open(): Promise<Readable>;
}

/** What a moderator thinks of a content. What follows from it is decided by whoever asked. */
export interface Assessment {
  /** How likely it is that nobody should see it: from 0 (harmless) to 1 (certainly not). */
  risk: number;
  /** What speaks against it most, in a word or two, for the people who decide. */
  reason: string;
  /** Every figure behind it, by name. */
  scores: Record<string, number>;
}

/** Has contents looked at before others see them. */
export interface ModerationService {
  /**
   * What the taps on `moderate` think; undefined when none of them can tell, so that a person has to look. It may take a
   * minute, so ask in a job.
   */
  assess(content: ModeratedContent): Promise<Assessment | undefined>;
}

/** Asks the hook of the composition that serves, and takes no answer for one that makes no sense. */
export function createModeration(hook: () => DecisionHook<ModeratedContent, Assessment | undefined>): ModerationService {
  return {
    assess: async (content) => {
      // tapable answers an empty value of its own kind when no tap does.
      const answer = (await hook().promise(content)) as Assessment | null | undefined;
      return typeof answer?.risk === 'number' && answer.risk >= 0 && answer.risk <= 1 ? answer : undefined;
    },
  };
}
