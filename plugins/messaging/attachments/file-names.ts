const LONGEST = 100;
/** What no file system takes, what steers a terminal, and what turns the direction of writing. */
const UNWANTED = /[\p{C}<>:"|?*]/gu;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name that is safe to save a file under: no folder, nothing invisible, and the ending of what the file really is. */
export function cleanFileName(name: string, extension: string): string {
  // Browsers write a quote like this in a form.
  const last = name.normalize('NFC').replaceAll('%22', '').split(/[\\/]/).at(-1) ?? '';
  const visible = last.replace(UNWANTED, '').replace(/\s+/g, ' ');
  const stem = visible.replace(/\.[a-z0-9]{1,10}$/i, '').replace(/^[\s.]+|[\s.]+$/g, '');
  const short = Array.from(stem).slice(0, LONGEST).join('');
  return `${short === '' || RESERVED.test(short) ? 'file' : short}.${extension}`;
}
