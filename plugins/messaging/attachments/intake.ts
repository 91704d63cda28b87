import { createReadStream } from 'node:fs';
import type { FileTypeResult } from 'file-type';
import { ApiError, type StorageService, type UploadedFile } from 'musclemap';
import { cleanFileName } from './file-names.ts';
import { Gate } from './gate.ts';
import { PICTURE_TYPES, STORED_TYPE, storePicture } from './pictures.ts';

export const MOST_FILES = 5;
export const LARGEST_FILE = 10 * 1024 * 1024;

/** A file that has been looked at and stored, and belongs to no message yet. */
export interface NewAttachment {
  fileName: string;
  fileType: string;
  fileSize: number;
  fileId: string;
  thumbnailId: string | null;
  /** Of a picture, in pixels. */
  width: number | null;
  height: number | null;
  frames: number | null;
}

/** Pictures are decoded two at a time: each may need 200 MB for a moment. */
const decoding = new Gate(2);

/** Stores what came with a message: pictures as copies without anything but their pixels, other files of allowed types as they are. */
export async function takeIn(storage: StorageService, files: readonly UploadedFile[], fileTypes: readonly string[]): Promise<NewAttachment[]> {
  const taken: NewAttachment[] = [];
  for (const [index, file] of files.entries()) taken.push(await takeInOne(storage, file, fileTypes, index));
  return taken;
}

async function takeInOne(storage: StorageService, file: UploadedFile, fileTypes: readonly string[], index: number): Promise<NewAttachment> {
  try {
    const found = file.size === 0 ? undefined : await typeOf(file.path);
    const format = PICTURE_TYPES.get(found?.mime ?? '');
    if (format !== undefined) return await takeInPicture(storage, file, format);
    if (found === undefined || !fileTypes.includes(found.mime)) throw unsupported(fileTypes);
    const { id, size } = await storage.put(createReadStream(file.path), { maxBytes: LARGEST_FILE });
    const name = cleanFileName(file.name, found.ext);
    return { fileName: name, fileType: found.mime, fileSize: size, fileId: id, thumbnailId: null, width: null, height: null, frames: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.code, error.message, { cause: error, details: [{ path: `/files/${String(index)}`, message: error.message }] });
  }
}

async function takeInPicture(storage: StorageService, file: UploadedFile, format: string): Promise<NewAttachment> {
  const { size, ...picture } = await decoding.run(() => storePicture(storage, file.path, format));
  return { fileName: cleanFileName(file.name, STORED_TYPE.extension), fileType: STORED_TYPE.mime, fileSize: size, ...picture };
}

async function typeOf(path: string): Promise<FileTypeResult | undefined> {
  const { fileTypeFromFile } = await import('file-type');
  return fileTypeFromFile(path);
}

function unsupported(fileTypes: readonly string[]): ApiError {
  const types = [...PICTURE_TYPES.keys(), ...fileTypes].join(', ');
  return new ApiError('UNSUPPORTED_MEDIA_TYPE', `A file is none of these by its content: ${types}.`);
}
