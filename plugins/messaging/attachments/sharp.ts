import type Sharp from 'sharp';

/** Loaded with the first picture, for the 20 MB of memory that it takes. */
export async function loadSharp(): Promise<typeof Sharp> {
  const { default: sharp } = await import('sharp');
  // One thread for a picture, so that a big one does not take the whole machine; nothing is kept between two of them.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
