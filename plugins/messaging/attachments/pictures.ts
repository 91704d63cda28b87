import { ApiError, type StorageService } from 'musclemap';
import type { OutputInfo, ResizeOptions, Sharp } from 'sharp';
import { loadSharp } from './sharp.ts';

/** The media types of pictures that are taken, each with libvips' name of what it must turn out to be. */
export const PICTURE_TYPES: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', 'jpeg'],
  ['image/png', 'png'],
  ['image/apng', 'png'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
  ['image/avif', 'heif'],
]);

/** What the copy of every picture is. */
export const STORED_TYPE = { mime: 'image/webp', extension: 'webp' };

const MEGAPIXELS = 50;
const FRAMES = 100;
const LONGEST_SIDE = 2560;
const THUMBNAIL_SIDE = 320;
const SECONDS = 25;
const LARGEST_COPY = 20 * 1024 * 1024;

/** A picture as it was stored: made anew from its pixels, so that nothing else of the original is left. */
export interface StoredPicture {
  fileId: string;
  size: number;
  thumbnailId: string;
  width: number;
  height: number;
  frames: number;
}

/**
 * Stores a copy of a picture and a thumbnail. The copy has the pixels, the right way up, in sRGB and at most 2560 of them on a side; no
 * place, no camera, no comment, nothing that followed the picture in its file. Animations keep moving.
 *
 * @throws ApiError UNPROCESSABLE for what is no whole picture of its type, or a larger one than fits into memory.
 */
export async function storePicture(storage: StorageService, path: string, format: string): Promise<StoredPicture> {
  const isMoving = await refusing(async () => (await countFrames(path, format)) > 1);
  const whole = await refusing(async () => store(storage, await copyOf(path, isMoving)));
  // The animation's first picture stands for all of it.
  const thumbnail = await refusing(async () => store(storage, await thumbnailOf(path)));
  return { fileId: whole.id, size: whole.size, thumbnailId: thumbnail.id, width: whole.width, height: whole.height, frames: whole.frames };
}

async function open(path: string, isMoving: boolean): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(path, { limitInputPixels: MEGAPIXELS * 1_000_000, failOn: 'warning', sequentialRead: true, animated: isMoving }).timeout({ seconds: SECONDS });
}

async function countFrames(path: string, format: string): Promise<number> {
  const found = await (await open(path, false)).metadata();
  if (found.format !== format) throw new Error(`begins like ${format} and is ${found.format}`);
  const { pages = 1 } = found;
  if (pages > FRAMES) throw new ApiError('UNPROCESSABLE', `A file moves in more than ${String(FRAMES)} pictures.`);
  return pages;
}

async function copyOf(path: string, isMoving: boolean): Promise<Sharp> {
  const picture = await open(path, isMoving);
  return (isMoving ? picture : picture.autoOrient()).resize(fit(LONGEST_SIDE)).webp({ quality: 82, effort: 3 });
}

async function thumbnailOf(path: string): Promise<Sharp> {
  return (await open(path, false)).autoOrient().resize(fit(THUMBNAIL_SIDE)).webp({ quality: 75 });
}

function fit(side: number): ResizeOptions {
  return { width: side, height: side, fit: 'inside', withoutEnlargement: true };
}

async function store(storage: StorageService, picture: Sharp): Promise<{ id: string; size: number; width: number; height: number; frames: number }> {
  // What was written counts: of an animation that is cut off fewer pictures than it says to have.
  const made = { width: 0, height: 0, frames: 1 };
  picture.once('info', (info: OutputInfo) => {
    Object.assign(made, { width: info.width, height: info.pageHeight ?? info.height, frames: info.pages ?? 1 });
  });
  return { ...(await storage.put(picture, { maxBytes: LARGEST_COPY })), ...made };
}

/** Turns what libvips says into something that the sender can act on. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (!(error instanceof Error) || 'code' in error) throw error;
    const message = /pixel limit/i.test(error.message)
      ? `A picture has more than ${String(MEGAPIXELS)} megapixels.`
      : 'A picture is damaged, cut off, or not what it begins like.';
    throw new ApiError('UNPROCESSABLE', message, { cause: error });
  }
}
