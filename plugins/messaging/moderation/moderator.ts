import { buffer } from 'node:stream/consumers';
import type { Assessment, ModeratedContent } from 'musclemap';
import { loadSharp } from '../attachments/sharp.ts';
import { Classifier, SIDE, type Scores } from './classifier.ts';

const LARGEST = 20 * 1024 * 1024;

/**
 * The bundled moderator: has the offline model look at every frame of a picture. Undefined for what is no picture, and on a server
 * without the model.
 */
export async function assessPicture(classifier: Classifier, content: ModeratedContent): Promise<Assessment | undefined> {
  if (!content.type.startsWith('image/') || content.size > LARGEST || !Classifier.isInstalled) return undefined;
  const bytes = await buffer(await content.open());
  const sharp = await loadSharp();
  const { pages = 1 } = await sharp(bytes).metadata();
  let worst: Scores | undefined;
  for (let page = 0; page < pages; page++) {
    const pixels = await sharp(bytes, { page }).resize(SIDE, SIDE, { fit: 'fill' }).flatten({ background: '#fff' }).toColourspace('srgb').removeAlpha().raw().toBuffer();
    const scores = await classifier.classify(pixels);
    if (worst === undefined || riskOf(scores) > riskOf(worst)) worst = scores;
  }
  return worst && { risk: riskOf(worst), reason: likeliest(worst), scores: worst };
}

/**
 * What shows sex is not to be seen. Bare skin alone is half as bad: in a gym it is a person at work, for whom a moderator may have to
 * decide, and is never rejected by itself.
 */
export function riskOf({ porn, hentai, sexy }: Scores): number {
  return Math.min(1, Math.max(porn + hentai, sexy / 2));
}

function likeliest(scores: Scores): string {
  const [first] = Object.entries(scores).sort(([, a], [, b]) => b - a);
  return first?.[0] ?? 'unknown';
}
