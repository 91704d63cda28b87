/** How a date of three numbers is to be read; one that begins with a four-digit year is understood with any of them. */
export const DATE_ORDERS = ['ymd', 'dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** A day, with the time of the clock on the wall when it is known. */
export interface Moment {
  /** `YYYY-MM-DD` */
  date: string;
  /** `HH:mm:ss` */
  time?: string;
}

/** Languages in which a month may be named; no name means two different months in them. */
const LOCALES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'el', 'nl', 'sv', 'da', 'nb', 'pl', 'tr', 'ru', 'hu', 'ro'];
const EARLIEST_YEAR = 1900;
const LONGEST_MOMENT = 60;
const LONGEST_ZONE_LEAD_MS = 14 * 3_600_000;

const TIME = /(?<!\d)\d{1,2}:\d{2}/;
const TIME_PARTS = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([ap])\.?\s?m\.?)?$/i;
const ZONE = /\s?(?:Z|[+-]\d{2}:?\d{2})$/i;
const NUMBERS = /^(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})$/;
const DAY_MONTH = /^(\d{1,2})\.?\s+(?:de\s+)?(\p{L}+)\.?\s+(?:de\s+)?(\d{4})$/u;
const MONTH_DAY = /^(\p{L}+)\.?\s+(\d{1,2}),?\s+(\d{4})$/u;

let monthsByName: Map<string, number> | undefined;

/**
 * Reads `2026-04-08 17:15:30`, `8 Apr 2026, 17:15`, `Apr 8, 2026, 5:15 PM`, `8 de abr. de 2026, 17:15` and, told the
 * order, `08.04.2026`. A zone is ignored: what counts is what the clock showed. Undefined when it is no date of the
 * calendar.
 */
export function parseMoment(text: string, order: DateOrder = 'ymd'): Moment | undefined {
  if (text.length > LONGEST_MOMENT) return undefined;
  const whole = text.normalize('NFC').trim();
  const timeAt = whole.search(TIME);
  if (timeAt === -1) {
    const date = parseDate(whole, order);
    return date === undefined ? undefined : { date };
  }
  const date = parseDate(withoutLink(whole.slice(0, timeAt)), order);
  const time = parseTime(whole.slice(timeAt).replace(ZONE, ''));
  return date === undefined || time === undefined ? undefined : { date, time };
}

/** The latest day that it can be anywhere on earth: what is dated later lies in the future. */
export function latestDate(now: Date): string {
  return new Date(now.getTime() + LONGEST_ZONE_LEAD_MS).toISOString().slice(0, 10);
}

/** Whether `YYYY-MM-DD` is a day of the calendar. */
export function isCalendarDate(text: string): boolean {
  const [year, month, day] = text.split('-').map(Number);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && calendarDate(year, month, day) === text;
}

function parseDate(text: string, order: DateOrder): string | undefined {
  const numbers = NUMBERS.exec(text);
  if (numbers) return dateOfNumbers([numbers[1] ?? '', numbers[3] ?? '', numbers[4] ?? ''], order);
  const dayMonth = DAY_MONTH.exec(text);
  if (dayMonth) return calendarDate(Number(dayMonth[3]), monthNamed(dayMonth[2]), Number(dayMonth[1]));
  const monthDay = MONTH_DAY.exec(text);
  if (monthDay) return calendarDate(Number(monthDay[3]), monthNamed(monthDay[1]), Number(monthDay[2]));
  return undefined;
}

function dateOfNumbers([first, second, third]: [string, string, string], order: DateOrder): string | undefined {
  if (first.length === 4) return calendarDate(Number(first), Number(second), Number(third));
  if (order === 'ymd' || third.length !== 4) return undefined;
  const [day, month] = order === 'dmy' ? [first, second] : [second, first];
  return calendarDate(Number(third), Number(month), Number(day));
}

function calendarDate(year?: number, month?: number, day?: number): string | undefined {
  if (year === undefined || month === undefined || day === undefined || year < EARLIEST_YEAR) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : undefined;
}

/** What stands between the date and the time: `T`, a comma, `at`, `um`, `à`. */
function withoutLink(text: string): string {
  return text
    .trimEnd()
    .replace(/(?:T|,|\s\p{L}{1,3})$/u, '')
    .trimEnd();
}

function parseTime(text: string): string | undefined {
  const [, hour, minute, second = '00', half] = TIME_PARTS.exec(text) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return undefined;
  const noon = half?.toLowerCase() === 'p' ? 12 : 0;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + noon;
  if (hours > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${String(hours).padStart(2, '0')}:${minute}:${second}`;
}

function monthNamed(name: string | undefined): number | undefined {
  monthsByName ??= nameMonths();
  return monthsByName.get(plainLetters(name ?? ''));
}

function nameMonths(): Map<string, number> {
  const names = new Map<string, number>();
  for (const locale of LOCALES) {
    for (const width of ['short', 'long'] as const) {
      // Some languages decline a month when it stands with a day.
      const formats = [{ month: width }, { month: width, day: 'numeric' }] as const;
      for (const format of formats.map((options) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }))) {
        for (let month = 1; month <= 12; month += 1) {
          const parts = format.formatToParts(Date.UTC(2024, month - 1, 15));
          names.set(plainLetters(parts.find((part) => part.type === 'month')?.value ?? ''), month);
        }
      }
    }
  }
  return names;
}

function plainLetters(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\P{L}+/gu, '');
}
