import type { Trial } from './registrations.ts';

/** What is asked of names beyond what is refused at registration. */
export function checkNames({ activation, composition }: Trial, id: string): string[] {
  const actions = [...composition.creditActions.values()].filter(({ owner }) => owner === id);
  const hooks = [...activation.offered.keys()].filter((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name));
  return [
    ...hooks.map((name) => `The hook "${name}" is not named in camelCase.`),
    ...actions.filter(({ name }) => name.trim() === '').map((action) => `The credit action ${action.id} has no name that people can read.`),
    ...unknownPrices(composition, id),
  ];
}

/** A priced route whose action nobody adds would fail at every call. */
function unknownPrices({ routes, creditActions }: Trial['composition'], id: string): string[] {
  return routes.routes
    .filter(({ owner, options }) => owner === id && options.priced !== undefined && !creditActions.has(options.priced))
    .map(({ name, options }) => `${name} is priced ${options.priced ?? ''}, a credit action that nobody adds.`);
}
