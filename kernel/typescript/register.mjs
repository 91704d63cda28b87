// For node --import: TypeScript runs as it lies there, without a build. tsx finds the files and loads whatever is no module of
// TypeScript; those are compiled here, because tsx has every function that is made told its name by Object.defineProperty, each
// time it is made: a contained tap cost five times as much. Unminified, JavaScript names its functions by itself.
import * as module from 'node:module';
import 'tsx';
import { loadNow } from './load.mjs';

// From Node 22.15 tsx works within the thread, where only hooks that do so too come before its own.
if (module.registerHooks) module.registerHooks({ load: loadNow });
else module.register('./load.mjs', import.meta.url);
