// What the suites use of node:assert/strict, where there is no Node.
import { assert } from 'chai';

export const ok: typeof assert.isOk = assert.isOk;
export const equal: typeof assert.strictEqual = assert.strictEqual;
export const deepEqual: typeof assert.deepEqual = assert.deepEqual;
export const match: typeof assert.match = assert.match;
export const fail: typeof assert.fail = assert.fail;
