import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textEdit } from '../../src/syntax/text-edit.ts';

const point = (text: string, offset: number) => {
  const lines = text.slice(0, offset).split('\n');
  return { row: lines.length - 1, column: (lines.at(-1) as string).length };
};

/** Texts long enough that whole blocks are compared, with lone and paired surrogates. */
const bit = fc.constantFrom('a', 'b', '\n', '😀', '\ud83d', 'x'.repeat(5000));
const texts = fc.array(bit, { maxLength: 12 }).map((bits) => bits.join(''));

it('turns the one text into the other, with positions that agree', () => {
  fc.assert(
    fc.property(texts, texts, texts, texts, (start, was, is, end) => {
      const before = start + was + end;
      const after = start + is + end;
      const edit = textEdit(before, after);
      if (!edit) {
        expect(before === after).toBe(true);
        return;
      }
      const { startIndex, oldEndIndex, newEndIndex } = edit;
      const made =
        before.slice(0, startIndex) + after.slice(startIndex, newEndIndex) + before.slice(oldEndIndex);
      expect(made === after).toBe(true);
      expect(edit.startPosition).toEqual(point(before, startIndex));
      expect(edit.oldEndPosition).toEqual(point(before, oldEndIndex));
      expect(edit.newEndPosition).toEqual(point(after, newEndIndex));
    }),
  );
});

it('is as small as can be, except that it does not divide a pair of surrogates', () => {
  expect(textEdit('abc', 'abc')).toBeUndefined();
  expect(textEdit('abcd', 'abXd')).toMatchObject({ startIndex: 2, oldEndIndex: 3, newEndIndex: 3 });
  expect(textEdit('aaa', 'aaaa')).toMatchObject({ startIndex: 3, oldEndIndex: 3, newEndIndex: 4 });
  // 😀 and 😁 share their first half.
  expect(textEdit('a😀b', 'a😁b')).toMatchObject({ startIndex: 1, oldEndIndex: 3, newEndIndex: 3 });
});
