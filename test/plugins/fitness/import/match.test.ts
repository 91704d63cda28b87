import assert from 'node:assert/strict';
import { normalizeExerciseName } from '../../../../plugins/fitness/catalogue/names.ts';
import { ExerciseMatcher } from '../../../../plugins/fitness/import/match.ts';

const CATALOGUE = [
  { id: 'bench_press', name: 'Barbell Bench Press', aliases: ['Bench Press', 'Bench Press (Barbell)'] },
  { id: 'dumbbell_bench_press', name: 'Dumbbell Bench Press', aliases: [] },
  { id: 'incline_dumbbell_press', name: 'Incline Dumbbell Press', aliases: [] },
  { id: 'decline_dumbbell_press', name: 'Decline Dumbbell Press', aliases: [] },
  { id: 'back_squat', name: 'Barbell Back Squat', aliases: ['Kniebeuge (Langhantel)'] },
  { id: 'goblet_squat', name: 'Goblet Squat', aliases: [] },
  { id: 'pullups', name: 'Pullups', aliases: [] },
  { id: 'lat_pulldown', name: 'Lat Pulldown', aliases: ['Développé'] },
  { id: 'barbell_curl', name: 'Barbell Curl', aliases: ['Goblet squat'] },
];
const matcher = new ExerciseMatcher(CATALOGUE);

function idsFor(name: string): string[] {
  return matcher.suggest(name).map((suggestion) => suggestion.exerciseId);
}

describe('normalizeExerciseName', () => {
  it('keeps letters and digits of any script, in lower case, without diacritics', () => {
    assert.equal(normalizeExerciseName('  Développé-couché (Haltère)  '), 'developpe couche haltere');
    assert.equal(normalizeExerciseName('T-Bar Row [45°]'), 't bar row 45');
    assert.equal(normalizeExerciseName('Άρση Θανάτου'), 'αρση θανατου');
    assert.equal(normalizeExerciseName('!!!'), '');
  });
});

describe('ExerciseMatcher', () => {
  it('matches a name or an alias, whatever its case, brackets and diacritics', () => {
    for (const name of ['Bench Press (Barbell)', 'BENCH  PRESS', 'barbell-bench-press']) {
      assert.deepEqual(matcher.match(name), { name, exerciseId: 'bench_press', suggestions: [] });
    }
    assert.equal(matcher.match('developpe').exerciseId, 'lat_pulldown');
    assert.equal(matcher.match('kniebeuge langhantel').exerciseId, 'back_squat');
  });

  it("prefers a name to another exercise's alias", () => {
    assert.equal(matcher.match('Goblet Squat').exerciseId, 'goblet_squat');
  });

  it('matches a name that tells the kit in another place, the plural, or words as one', () => {
    for (const name of ['Bench Press (Dumbbell)', 'DB bench press', 'bench press dumbbells', 'Benchpress (Dumbbell)']) {
      assert.equal(matcher.find(name), 'dumbbell_bench_press', name);
    }
    assert.equal(matcher.find('Pull Ups'), 'pullups');
    assert.equal(matcher.find('Barbell Curls'), 'barbell_curl');
  });

  it('does not match where two exercises would be meant, nor another kit', () => {
    const twins = new ExerciseMatcher([
      { id: 'a', name: 'Step Up (Box)', aliases: [] },
      { id: 'b', name: 'Stepup Bench', aliases: ['Stepup (Box)'] },
    ]);
    assert.deepEqual([twins.find('Step Ups (Box)'), twins.find('step up (box)')], [undefined, 'a']);
    assert.equal(matcher.find('Goblet Squat (Kettlebell)'), undefined);
  });

  it('suggests the same words in another order with a score of 1, and does not call it a match', () => {
    const { exerciseId, suggestions } = matcher.match('Press Bench (Dumbbell)');
    assert.equal(exerciseId, undefined);
    assert.deepEqual(suggestions[0], { exerciseId: 'dumbbell_bench_press', name: 'Dumbbell Bench Press', score: 1 });
  });

  it('sees through slips of the keyboard and words written together or apart', () => {
    assert.equal(idsFor('bench pres barbell')[0], 'bench_press');
    assert.equal(idsFor('Barbel Back Sqaut')[0], 'back_squat');
    assert.equal(idsFor('Pull Up')[0], 'pullups');
    assert.equal(idsFor('db bench press')[0], 'dumbbell_bench_press');
  });

  it('lets the kit in brackets decide between exercises of one name', () => {
    assert.equal(idsFor('Flat Bench Press (Dumbbell)')[0], 'dumbbell_bench_press');
    assert.equal(idsFor('Flat Bench Press (Barbell)')[0], 'bench_press');
  });

  it('keeps incline and decline apart', () => {
    assert.equal(idsFor('Incline Press (Dumbbell)')[0], 'incline_dumbbell_press');
    assert.equal(idsFor('Decline Press (Dumbbell)')[0], 'decline_dumbbell_press');
  });

  it('suggests at most three, each exercise once, best first, and the same each time', () => {
    const { suggestions } = matcher.match('Dumbbell Press');
    assert.equal(suggestions.length, 3);
    assert.equal(new Set(suggestions.map((suggestion) => suggestion.exerciseId)).size, 3);
    assert.deepEqual(
      suggestions.map((suggestion) => suggestion.score),
      suggestions.map((suggestion) => suggestion.score).sort((a, b) => b - a),
    );
    assert.deepEqual(new ExerciseMatcher(CATALOGUE).match('Dumbbell Press').suggestions, suggestions);
  });

  it('suggests nothing for a name that is like none, or that shares only the kit', () => {
    for (const name of ['Schwimmen', '', '!!!', 'Wrist Roller (Barbell)'])
      assert.deepEqual(matcher.match(name), { name, suggestions: [] });
  });
});
