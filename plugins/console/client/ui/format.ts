/** Numbers, money and times are written as the reader writes them; words are in the language of the page. */
const READER = navigator.languages;
const PAGE = document.documentElement.lang;

const numbers = new Intl.NumberFormat(READER);
const short = new Intl.NumberFormat(READER, { notation: 'compact', maximumFractionDigits: 1 });
const times = new Intl.DateTimeFormat(READER, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(PAGE, { numeric: 'auto' });

export const formatNumber = (value: number): string => numbers.format(value);
export const formatShort = (value: number): string => short.format(value);
export const formatTime = (iso: string): string => times.format(new Date(iso));
export const formatDate = dayFormat({ dateStyle: 'medium' });
/** As `3 May`. */
export const formatDay = dayFormat({ day: 'numeric', month: 'short' });

/** A moment falls on the day that it is where the reader is; a day without a time is that day everywhere. */
function dayFormat(options: Intl.DateTimeFormatOptions): (iso: string) => string {
  const here = new Intl.DateTimeFormat(READER, options);
  const everywhere = new Intl.DateTimeFormat(READER, { ...options, timeZone: 'UTC' });
  return (iso) => (iso.includes('T') ? here : everywhere).format(new Date(iso));
}

/** The zone that times are shown in, as `Europe/Berlin`. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * Digits behind the point of what Stripe calls the smallest unit of a currency, where they are not two. Browsers write some currencies
 * without cents, as the forint, which are charged in cents all the same: what they say of digits is not asked.
 */
const UNIT_DIGITS: Readonly<Record<string, number>> = {
  ...{ bif: 0, clp: 0, djf: 0, gnf: 0, jpy: 0, kmf: 0, krw: 0, mga: 0, pyg: 0, rwf: 0, vnd: 0, vuv: 0, xaf: 0, xof: 0, xpf: 0 },
  ...{ bhd: 3, jod: 3, kwd: 3, omr: 3, tnd: 3 },
};

const unitDigits = (currency: string): number => UNIT_DIGITS[currency.toLowerCase()] ?? 2;

/** An amount in the smallest unit of its currency, as `$4.99`. */
export function formatMoney(amount: number, currency: string): string {
  const digits = unitDigits(currency);
  const isWhole = amount % 10 ** digits === 0;
  // What is charged is never rounded.
  const fraction = isWhole ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(READER, { style: 'currency', currency, ...fraction }).format(amount / 10 ** digits);
}

/** An amount as it is typed, as `4.99`: without its currency, nothing in between thousands. */
export function writeMoney(amount: number, currency: string): string {
  const digits = unitDigits(currency);
  return new Intl.NumberFormat(READER, { useGrouping: false, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount / 10 ** digits);
}

/** What was typed, in the smallest unit of its currency: with a point or a comma, whichever the reader writes. Undefined for what is no amount of it. */
export function parseMoney(typed: string, currency: string): number | undefined {
  const digits = unitDigits(currency);
  const [, whole = '', fraction = ''] = /^(\d{1,12})(?:[.,](\d*))?$/.exec(typed.trim()) ?? [];
  if (whole === '' || fraction.length > digits) return undefined;
  return Number(whole + fraction.padEnd(digits, '0'));
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
  const amount = new Intl.NumberFormat(READER, { maximumFractionDigits: power === 0 ? 0 : 1 }).format(bytes / 1000 ** power);
  return `${amount} ${units[power] ?? ''}`;
}
