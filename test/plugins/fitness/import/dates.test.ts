import assert from 'node:assert/strict';
import { isCalendarDate, latestDate, parseMoment } from '../../../../plugins/fitness/import/dates.ts';

describe('parseMoment', () => {
  const known: [text: string, date: string, time?: string][] = [
    ['2026-04-08', '2026-04-08'],
    ['2026-04-08 17:15:30', '2026-04-08', '17:15:30'],
    ['2026-04-08T07:15', '2026-04-08', '07:15:00'],
    ['2026-04-08T07:15:30.250+02:00', '2026-04-08', '07:15:30'],
    ['2026/4/8 7:05', '2026-04-08', '07:05:00'],
    ['2026-04-08 5:15:30\u202fPM', '2026-04-08', '17:15:30'],
    ['2026-04-08 12:00 AM', '2026-04-08', '00:00:00'],
    ['8 Apr 2026, 17:15', '2026-04-08', '17:15:00'],
    ['8 Apr 2026, 17:15:09', '2026-04-08', '17:15:09'],
    ['8 April 2026', '2026-04-08'],
    ['Apr 8, 2026, 5:15 PM', '2026-04-08', '17:15:00'],
    ['29 Feb 2024', '2024-02-29'],
    ['8. Apr. 2026, 17:15', '2026-04-08', '17:15:00'],
    ['8 Dez. 2026 um 17:15', '2026-12-08', '17:15:00'],
    ['8 févr. 2026, 17:15', '2026-02-08', '17:15:00'],
    ['8 août 2026 à 17:15', '2026-08-08', '17:15:00'],
    ['8 ene 2026, 17:15', '2026-01-08', '17:15:00'],
    ['8 gen 2026, 17:15', '2026-01-08', '17:15:00'],
    ['8 de fev. de 2026, 17:15', '2026-02-08', '17:15:00'],
    ['8 Μαΐ 2026, 17:15', '2026-05-08', '17:15:00'],
    ['8 Ιουλίου 2026', '2026-07-08'],
    ['8 paź 2026, 17:15', '2026-10-08', '17:15:00'],
    ['8 мая 2026, 17:15', '2026-05-08', '17:15:00'],
  ];
  for (const [text, date, time] of known) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseMoment(text), time === undefined ? { date } : { date, time });
    });
  }

  it('reads months as people of many languages write them', () => {
    for (const locale of [
      'en-GB',
      'en-US',
      'de',
      'fr',
      'es',
      'it',
      'pt',
      'el',
      'nl',
      'sv',
      'da',
      'nb',
      'pl',
      'tr',
      'ru',
      'ro',
    ]) {
      for (let month = 0; month < 12; month += 1) {
        const date = new Date(Date.UTC(2025, month, 17));
        for (const width of ['short', 'long'] as const) {
          const text = new Intl.DateTimeFormat(locale, {
            day: 'numeric',
            month: width,
            year: 'numeric',
            timeZone: 'UTC',
          }).format(date);
          const words = text.replace(/ г\.$/, '');
          assert.equal(parseMoment(words)?.date, date.toISOString().slice(0, 10), `${locale}: ${text}`);
        }
      }
    }
  });

  it('reads three numbers only in the order that it is told', () => {
    assert.equal(parseMoment('03/04/2026 18:00'), undefined);
    assert.deepEqual(parseMoment('03/04/2026 18:00', 'dmy'), { date: '2026-04-03', time: '18:00:00' });
    assert.deepEqual(parseMoment('03/04/2026', 'mdy'), { date: '2026-03-04' });
    assert.deepEqual(parseMoment('24.12.2025', 'dmy'), { date: '2025-12-24' });
    assert.equal(parseMoment('24.12.2025', 'mdy'), undefined);
    assert.equal(parseMoment('24.12.25', 'dmy'), undefined);
    assert.equal(parseMoment('24.12/2025', 'dmy'), undefined);
  });

  it('refuses what is no date of the calendar and no time of a clock', () => {
    const wrong = [
      '',
      'today',
      '2026-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-04-31',
      '1899-12-30',
      '8 Foo 2026',
      '31 Jun 2026',
      '2026-04-08 24:00',
      '2026-04-08 10:60',
    ];
    for (const text of [...wrong, '2026-04-08 13:00 PM', '46120', '0000-00-00', `8 ${'a'.repeat(100)} 2026`])
      assert.equal(parseMoment(text), undefined, text);
  });
});

describe('latestDate', () => {
  it('is today where the day begins first', () => {
    assert.equal(latestDate(new Date('2026-12-31T09:59:59Z')), '2026-12-31');
    assert.equal(latestDate(new Date('2026-12-31T10:00:00Z')), '2027-01-01');
  });
});

describe('isCalendarDate', () => {
  it('knows the days that there are', () => {
    assert.deepEqual(['2024-02-29', '2026-02-29', '2026-1-1', '2026-01-01T00:00', 'x'].map(isCalendarDate), [
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
