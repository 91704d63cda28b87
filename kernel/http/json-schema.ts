import { Ajv2020 } from 'ajv/dist/2020.js';

/** ajv works out for each instance what a schema may say, which takes longer than the schemas of a plugin: one does it for all. */
const meta = new Ajv2020();

/** What every other instance is made with: its schemas are held to JSON Schema by `refuseWrongSchema`, or are the kernel's own. */
export const CHECKED_ELSEWHERE = { meta: false, validateSchema: false } as const;

/** @throws Error saying what is wrong with a schema that is none of JSON Schema 2020-12. */
export function refuseWrongSchema(schema: object): void {
  void meta.validateSchema(schema, true);
}
