import { expect } from 'expect';
import fc from 'fast-check';
import { bind } from 'jest-each';

/**
 * What the unit tests find when Jest runs them. Here Mocha does, because it loads them once and then runs them for each
 * change; Jest would load them and all that they import for each, which takes ten times as long as to run them.
 */
Object.assign(globalThis, { expect });

// What only some examples notice would be noticed in one run and not in the next.
fc.configureGlobal({ seed: 1 });

// Mocha sets its functions anew for each file.
for (const name of ['describe', 'it']) {
  let current: unknown;
  Object.defineProperty(globalThis, name, {
    get: () => current,
    set(declare: Parameters<typeof bind>[0]) {
      current = Object.assign(declare, { each: bind(declare) });
    },
  });
}
