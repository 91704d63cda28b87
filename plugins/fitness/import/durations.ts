/**
 * Seconds in `2h 38m`, `51m`, `11s`, `0:09:21`, `09:21`, `120` or `120.0`; undefined when it is none of these. Not
 * bounded: what is too long is for the caller to say.
 */
export function parseSeconds(text: string): number | undefined {
  const clock = /^(?:(\d+):)?(\d{1,3}):(\d{2})(?:\.\d+)?$/.exec(text);
  if (clock) return Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  // `45 min` is `45m`.
  const short = text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/(?<=\d[hms])[a-z]+/g, '');
  const units = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(short);
  if (units && short !== '') return Number(units[1] ?? 0) * 3600 + Number(units[2] ?? 0) * 60 + Number(units[3] ?? 0);
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
