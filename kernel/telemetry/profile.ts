import { Session, type Profiler } from 'node:inspector';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const INTERVAL_MICROSECONDS = 5_000;

/**
 * Samples what the event loop's thread does for a while, and answers the share of that time that each owner's code took: with all
 * that it calls, until somebody else's is called. Starting stops the loop for some tens of milliseconds.
 */
export async function profileOwners(milliseconds: number, ownerOf: (url: string) => string | undefined): Promise<Map<string, number>> {
  const session = new Session();
  session.connect();
  try {
    const post = promisify(session.post.bind(session)) as (method: string, params?: object) => Promise<unknown>;
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
    await post('Profiler.start');
    await delay(milliseconds);
    const { profile } = (await post('Profiler.stop')) as Profiler.StopReturnType;
    return sharesOf(profile, ownerOf);
  } finally {
    session.disconnect();
  }
}

function sharesOf({ nodes, samples = [] }: Profiler.Profile, ownerOf: (url: string) => string | undefined): Map<string, number> {
  const owners = new Map<number, string | undefined>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  // A node comes before its children.
  for (const { id, callFrame, children = [] } of nodes) {
    const owner = ownerOf(callFrame.url) ?? owners.get(id);
    for (const child of [id, ...children]) if (byId.has(child)) owners.set(child, owner);
  }
  // Samples are counted, not timed: the time before the first is the sampler's own.
  const counts = new Map<string, number>();
  for (const id of samples) {
    const owner = owners.get(id);
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return new Map([...counts].map(([owner, count]) => [owner, count / samples.length]));
}
