import assert from 'node:assert/strict';
import { parseSeconds } from '../../../../plugins/fitness/import/durations.ts';

describe('parseSeconds', () => {
  const known: [text: string, seconds: number][] = [
    ['2h 38m', 9480],
    ['51m', 3060],
    ['11s', 11],
    ['1h', 3600],
    ['1h 2m 3s', 3723],
    ['264h 1m', 950_460],
    ['45 min', 2700],
    ['0:09:21', 561],
    ['30:00', 1800],
    ['120.0', 120],
    ['0', 0],
  ];
  for (const [text, seconds] of known) {
    it(`reads ${text}`, () => {
      assert.equal(parseSeconds(text), seconds);
    });
  }

  it('knows what is no duration', () => {
    for (const text of ['', 'h', '1:2', '-5m', '5 apples', '1m 2h', '1:00:00:00'])
      assert.equal(parseSeconds(text), undefined, text);
  });
});
