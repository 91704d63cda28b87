// For node --import: TypeScript runs as it lies there, without a build. tsx finds and loads whatever plugins may be written in. What this
// package and its libraries consist of is found and loaded here, which takes less; TypeScript is compiled here too, because tsx has every
// function that is made told its name by Object.defineProperty, each time it is made: a contained tap cost five times as much.
// Unminified, JavaScript names its functions by itself.
import * as module from 'node:module';
import 'tsx';
import { loadNow, resolve } from './load.mjs';

// From Node 22.15 tsx works within the thread, where only hooks that do so too come before its own.
if (module.registerHooks) module.registerHooks({ resolve, load: loadNow });
else module.register('./load.mjs', import.meta.url);
