import { expect, test } from 'vitest';
import { progressText } from '../../src/server/protocol.ts';

test('the first look says how far it is, and what it has found', () => {
  const reading = { step: 'reading', done: 300, total: 1089 } as const;
  expect(progressText({ filesWithFindings: 0 })).toBe('reading the workspace');
  expect(progressText({ ...reading, filesWithFindings: 0 })).toBe(
    'reading 300 of 1089 files, no findings so far',
  );
  expect(progressText({ ...reading, filesWithFindings: 1 })).toBe(
    'reading 300 of 1089 files, findings in 1 file so far',
  );
  expect(progressText({ step: 'reviewing', done: 4, total: 9, filesWithFindings: 2 })).toBe(
    'reviewing 4 of 9 packages, findings in 2 files so far',
  );
});
