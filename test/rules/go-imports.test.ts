import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/core/edits.ts';
import type { Edit } from '../../src/core/finding.ts';
import type { SourceFile } from '../../src/program/program.ts';
import {
  addImport,
  removeImport,
  replaceImport,
  usesOfImport,
} from '../../src/rules/shared/fixes/go-imports.ts';
import { programOf } from '../program/program-of.ts';

/** The file with the edits of `make` applied. */
function edited(text: string, make: (file: SourceFile, text: string) => Edit[]): string {
  const file = programOf({ 'a.go': text }).file('a.go') as SourceFile;
  return applyEdits(text, make(file, text));
}

describe('imports of a Go file', () => {
  test('a package is added where gofmt wants it', () => {
    const add = (text: string) => edited(text, (file, t) => addImport(file, t, 'bytes'));
    expect(add('package p\n\nimport (\n\t"fmt"\n\t"io"\n)\n')).toBe(
      'package p\n\nimport (\n\t"bytes"\n\t"fmt"\n\t"io"\n)\n',
    );
    expect(add('package p\n\nimport (\n\t"bufio"\n\n\t"example.com/x"\n)\n')).toBe(
      'package p\n\nimport (\n\t"bufio"\n\t"bytes"\n\n\t"example.com/x"\n)\n',
    );
    expect(add('package p\n\nimport (\n\t"example.com/x"\n)\n')).toBe(
      'package p\n\nimport (\n\t"bytes"\n\n\t"example.com/x"\n)\n',
    );
    expect(add('package p\n\nimport "fmt"\n')).toBe('package p\n\nimport "fmt"\nimport "bytes"\n');
    expect(add('// Package p.\npackage p\n\nvar x int\n')).toBe(
      '// Package p.\npackage p\n\nimport "bytes"\n\nvar x int\n',
    );
  });

  test('what is there already is not added', () => {
    const text = 'package p\nimport b "bytes"\n';
    expect(edited(text, (file, t) => addImport(file, t, 'bytes'))).toBe(text);
    expect(edited('package p\nimport _ "bytes"\n', (file, t) => addImport(file, t, 'bytes'))).toBe(
      'package p\nimport _ "bytes"\nimport "bytes"\n',
    );
  });

  test('a package is taken out with its line and its comment', () => {
    const remove = (text: string) => edited(text, (file, t) => removeImport(file, t, 'strings'));
    expect(remove('package p\n\nimport (\n\t"fmt"\n\t"strings" // words\n)\n')).toBe(
      'package p\n\nimport (\n\t"fmt"\n)\n',
    );
    expect(remove('package p\n\nimport "strings"\n\nvar x int\n')).toBe('package p\n\n\nvar x int\n');
  });

  test('one package takes the place of another', () => {
    const replace = (text: string) => edited(text, (file, t) => replaceImport(file, t, 'bytes', 'strings'));
    expect(replace('package p\n\nimport "strings"\n')).toBe('package p\n\nimport "bytes"\n');
    expect(replace('package p\n\nimport (\n\t"fmt"\n\t"strings"\n)\n')).toBe(
      'package p\n\nimport (\n\t"bytes"\n\t"fmt"\n)\n',
    );
  });

  test('uses are those of expressions and of types', () => {
    const file = programOf({
      'a.go':
        'package p\nimport "bytes"\nvar buf bytes.Buffer\nfunc f() { bytes.Equal(nil, nil); var x bytes.Reader; x.bytes() }\n',
    }).file('a.go') as SourceFile;
    expect(usesOfImport(file, 'bytes')).toHaveLength(3);
  });
});
