const LANGUAGE = 'en';

const numbers = new Intl.NumberFormat(LANGUAGE);
const short = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 1 });
const dates = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium' });
const times = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short' });
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });

export const formatNumber = (value: number): string => numbers.format(value);
export const formatShort = (value: number): string => short.format(value);
export const formatDate = (iso: string): string => dates.format(new Date(iso));
export const formatTime = (iso: string): string => times.format(new Date(iso));
/** As `3 May`. */
export const formatDay = (iso: string): string => days.format(new Date(iso));

/** The zone that times are shown in, as `Europe/Berlin`. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function formatMoney(cents: number, currency: string): string {
  return new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency }).format(cents / 100);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** As `2 hours ago`. */
export function formatAgo(iso: string): string {
  const seconds = (new Date(iso).getTime() - Date.now()) / 1000;
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return unit === undefined ? relative.format(Math.round(seconds), 'second') : relative.format(Math.round(seconds / unit[1]), unit[0]);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}
