import { describe, expect, it } from 'vitest';
import { applyEdits, overlappingEdits } from '../../src/core/edits.ts';
import type { Edit } from '../../src/core/finding.ts';

const edit = (start: number, end: number, newText: string, file = 'a'): Edit => ({
  file,
  span: { start, end },
  newText,
});

describe('applyEdits', () => {
  it('applies edits in any order', () => {
    expect(applyEdits('one two three', [edit(8, 13, '3'), edit(0, 3, '1')])).toBe('1 two 3');
  });

  it('gives inserted text the line ends of the file', () => {
    expect(applyEdits('a\r\nb\r\n', [edit(3, 3, 'x\ny\n')])).toBe('a\r\nx\r\ny\r\nb\r\n');
    expect(applyEdits('a\nb\n', [edit(2, 2, 'x\r\n')])).toBe('a\nx\nb\n');
  });

  it('takes two equal edits as one, so that two fixes may add the same import', () => {
    expect(applyEdits('ab', [edit(1, 1, 'x'), edit(1, 1, 'x')])).toBe('axb');
  });

  it('refuses overlapping edits and edits outside the text', () => {
    expect(() => applyEdits('abcdef', [edit(0, 3, ''), edit(2, 4, '')])).toThrow(/overlap/);
    expect(() => applyEdits('abc', [edit(1, 9, '')])).toThrow(/outside/);
  });

  it('sees no overlap between files or between neighbours', () => {
    expect(overlappingEdits([edit(0, 3, ''), edit(2, 4, '', 'b')])).toBeUndefined();
    expect(overlappingEdits([edit(0, 3, 'x'), edit(3, 4, 'y')])).toBeUndefined();
  });
});
