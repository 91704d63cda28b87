import assert from 'node:assert/strict';
import type { TestUser } from '../../kernel/testing.ts';
import { gym, visit, type Visit } from './support/visit.ts';

const HEADER = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE';

/** As Strong writes it: two workouts that are understood, two with names that nobody knows, and one row without a date. */
const STRONG = [
  HEADER,
  '2025-03-03 18:00:00,"Push",1h,"Bench Press (Barbell)",1,60,8,0,0,"","",',
  '2025-03-03 18:00:00,"Push",1h,"Bench Press (Barbell)",2,60,7,0,0,"","",',
  '2025-03-05 18:00:00,"Pull",1h,"Deadlift (Barbell)",1,100,5,0,0,"","",',
  '2025-03-07 18:00:00,"Odd",1h,"Benchh Presss Zercherr",1,40,10,0,0,"","",',
  '2025-03-09 18:00:00,"Rest",1h,"Sauna xyzzy",1,0,1,0,600,"","",',
  'yesterday,"Push",1h,"Bench Press (Barbell)",1,60,8,0,0,"","",',
  '',
].join('\n');

/** More than a mebibyte, which is imported in the background. */
const LONG = [
  HEADER,
  ...Array.from({ length: 130 }, (_, day) => {
    const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
    return `${date} 18:00:00,"Long",1h,"Bench Press (Barbell)",1,60,8,0,0,"","${'It went well. '.repeat(640)}",`;
  }),
  '',
].join('\n');

/** Of an app that nobody knows: a column whose name tells nothing, a name that nobody knows, and a weight that is none. */
const LIFTS = [
  'Datum;Übung;Aufgelegt;Wdh.;Stimmung',
  '24.12.2025;Kniebeuge xyzzy;102,5;5;gut',
  '26.12.2025;Bench Press (Barbell);100;5;gut',
  '26.12.2025;Bench Press (Barbell);heavy;5;gut',
  '',
].join('\n');

describe('the import of a history in a browser', function () {
  this.timeout(240_000);
  let member: TestUser;
  before(async () => {
    member = await gym().signUp();
  });

  const choose = ({ page }: Visit, name: string, content: string): Promise<void> =>
    page.getByLabel('File', { exact: true }).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  const workouts = async (): Promise<number> => (await gym().get('/api/workouts?limit=100', { as: member })).body.data.length;

  it('looks through a file, has its names decided, brings it in once, and takes it back', async () => {
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/me/history');
        await page.getByRole('link', { name: 'Bring a history of another app' }).click();
        await page.getByText('Nothing has been brought in yet.').waitFor();
        await one.look('me-import-empty');
        await choose(one, 'strong.csv', STRONG);
        await page.getByLabel('Weights without a unit are in').selectOption('lb');
        await page.getByRole('button', { name: 'Look through the file' }).click();
        await page.getByText('Weights are read as lb: the file does not name their unit.').waitFor();
        const lines = page.getByRole('table', { name: 'What is left out' }).getByRole('cell').filter({ hasText: /^[567]$/ });
        await lines.nth(2).waitFor();
        assert.deepEqual(await lines.allTextContents(), ['5', '6', '7'], 'in the order of the file');
        assert.equal(await workouts(), 0, 'nothing is stored by looking');

        await page.getByLabel('“Benchh Presss Zercherr” is').selectOption({ label: 'Another exercise …' });
        await page.getByLabel('Find an exercise').fill('barbell curl');
        await page.getByRole('button', { name: /^It is .*Curl/ }).first().click();
        await page.getByLabel('“Sauna xyzzy” is').selectOption({ label: 'An exercise of my own' });
        await one.look('me-import-looked');
        await page.getByRole('button', { name: 'Remember, and look again' }).click();
        await page.getByRole('button', { name: 'Bring 4 workouts in' }).click();
        await page.getByRole('heading', { name: 'What came in' }).waitFor();
        await page.getByRole('button', { name: /^Take it back/ }).waitFor();
        await one.look('me-import-done');
      },
      { as: member },
    );
    const { data } = (await gym().get('/api/workouts', { as: member })).body;
    assert.equal(data.length, 4);
    const [, , , first] = data as { exerciseData: { setDetails: { weight: number }[] }[] }[];
    assert.ok(Math.abs((first?.exerciseData[0]?.setDetails[0]?.weight ?? 0) - 27.2155422) < 1e-6, 'the weights were pounds');

    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/me/history/import');
        await choose(one, 'strong.csv', STRONG);
        await page.getByLabel('Weights without a unit are in').selectOption('lb');
        await page.getByRole('button', { name: 'Look through the file' }).click();
        await page.getByText('There is nothing new in this file.').waitFor();
        await page.getByRole('button', { name: /^What was left out/ }).click();
        await page.getByRole('dialog').getByRole('cell', { name: '7' }).waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Forget “Sauna xyzzy”' }).click();
        await page.getByText('“Sauna xyzzy” is forgotten.').waitFor();
        await page.getByRole('button', { name: /^Take it back/ }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
        await page.getByText('taken back', { exact: true }).waitFor();
        await one.look('me-import-dark');
      },
      { as: member, scheme: 'dark' },
    );
    assert.equal(await workouts(), 0);
  });

  it('tells how far a long file is, and what came of it', async () => {
    await visit(
      async (one) => {
        const { page } = one;
        const states: number[] = [];
        page.on('response', (response) => {
          if (response.url().includes('/api/workouts/import')) states.push(response.status());
        });
        await one.open('/me/history/import');
        await choose(one, 'long.csv', LONG);
        await page.getByRole('button', { name: 'Look through the file' }).click();
        await page.getByRole('button', { name: 'Bring 130 workouts in' }).click({ timeout: 60_000 });
        await page.getByRole('heading', { name: 'What came in' }).waitFor({ timeout: 60_000 });
        assert.equal(states.filter((status) => status === 202).length, 2, 'it was looked through and brought in beside other work');
        await page.getByText('only looked through').waitFor();
        await one.look('me-import-long');
      },
      { as: member },
    );
    assert.equal(await workouts(), 100, 'a full page of them is there');
  });

  it('has the columns of an unknown app named, guesses what it can, looks through the file with them, and knows them the next time', async () => {
    const other = await gym().signUp();
    await visit(
      async (one) => {
        const { page } = one;
        one.expect(/422/);
        await one.open('/me/history/import');
        await choose(one, 'lifts.csv', LIFTS);
        await page.getByRole('button', { name: 'Look through the file' }).click();
        await page.getByRole('heading', { name: 'What the columns are' }).waitFor();
        const chosen = (name: RegExp): Promise<string> => page.getByLabel(name).inputValue();
        assert.deepEqual([await chosen(/^Date \*/), await chosen(/^Exercise \*/), await chosen(/^Repetitions$/)], ['Datum', 'Übung', 'Wdh.']);
        assert.equal(await chosen(/^Weight$/), '', 'nobody calls it that');
        assert.equal(await chosen(/^Dates such as 24\.12\.2025/), 'dmy');
        assert.equal(await page.getByLabel('Weights without a unit are in').count(), 0, 'it is not asked for before there are weights');
        await one.look('me-import-columns');
        // By the keyboard alone: a letter chooses in a list, Tab and Enter go on.
        await page.getByLabel(/^Weight$/).focus();
        await page.keyboard.press('A');
        await page.getByText('Such as 102,5, 100').waitFor();
        await page.getByLabel('Weights without a unit are in').selectOption('lb');
        await page.getByRole('button', { name: 'Look through it with these columns' }).focus();
        await page.keyboard.press('Enter');
        const problems = page.getByRole('table', { name: 'What is left out' });
        await problems.getByRole('row', { name: '4 Aufgelegt heavy is not a number' }).waitFor();
        await page.getByLabel('“Kniebeuge xyzzy” is').selectOption({ label: 'An exercise of my own' });
        await page.getByRole('button', { name: 'Remember, and look again' }).click();
        await page.getByRole('button', { name: 'Bring 2 workouts in' }).waitFor();
        await one.look('me-import-mapped');
        await page.getByRole('button', { name: 'Bring 2 workouts in' }).click();
        await page.getByRole('heading', { name: 'What came in' }).waitFor();
      },
      { as: other },
    );
    const { data } = (await gym().get('/api/workouts', { as: other })).body;
    assert.deepEqual(data.map(({ date }: { date: string }) => date).sort(), ['2025-12-24', '2025-12-26']);
    await visit(
      async (one) => {
        one.expect(/422/);
        await one.open('/me/history/import');
        await choose(one, 'more.csv', LIFTS.replaceAll('2025', '2024'));
        await one.page.getByRole('button', { name: 'Look through the file' }).click();
        await one.page.getByText(/its columns are taken as you named them then/).waitFor();
        assert.deepEqual([await one.page.getByLabel(/^Weight$/).inputValue(), await one.page.getByLabel('Weights without a unit are in').inputValue()], ['Aufgelegt', 'lb']);
        await one.look('me-import-columns-dark');
        await one.page.getByRole('button', { name: 'Look through it with these columns' }).click();
        await one.page.getByRole('button', { name: 'Bring 2 workouts in' }).waitFor();
      },
      { as: other, scheme: 'dark' },
    );
  });

  it('says in words what is wrong with a file that holds no workouts', async () => {
    await visit(
      async (one) => {
        one.expect(/422/);
        await one.open('/me/history/import');
        await choose(one, 'nothing.csv', '\n\n');
        await one.page.getByRole('button', { name: 'Look through the file' }).click();
        await one.page.getByText('The file is empty.').waitFor();
        await choose(one, 'money.csv', 'When,How much\n2025-01-01,12\n');
        await one.page.getByRole('button', { name: 'Look through the file' }).click();
        await one.page.getByText('Still to be chosen: Exercise.').waitFor();
        assert.ok(await one.page.getByRole('button', { name: 'Look through it with these columns' }).isDisabled());
      },
      { as: member },
    );
  });
});
