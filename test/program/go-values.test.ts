import { describe, expect, test } from 'vitest';
import type { TypeRef } from '../../src/program/types/types.ts';
import { Values } from '../../src/program/types/values.ts';
import { Kind, Role } from '../../src/syntax/node.ts';
import { functionNamed, programOf } from './program-of.ts';

/** A type as Go would write it, without the paths of the workspace. */
function text(type: TypeRef | undefined): string {
  if (!type) return '?';
  const args = type.args.map(text);
  switch (type.name) {
    case '*':
      return `*${args[0]}`;
    case 'slice':
      return `[]${args[0]}`;
    case 'array':
      return `[_]${args[0]}`;
    case 'chan':
      return `chan ${args[0]}`;
    case 'map':
      return `map[${args[0]}]${args[1]}`;
    case 'tuple':
      return `(${args.join(', ')})`;
    default:
      return type.decl ? type.decl.fact.name : type.name;
  }
}

/** Types of `use(a, b, …)`'s arguments in the body of `f`. */
function typesIn(declarations: string, body: string, signature = 'f()'): string[] {
  const program = programOf({
    'go.mod': 'module m\n',
    'a.go': `package p\n${declarations}\nfunc ${signature} {\n${body}\n}\n`,
  });
  const fn = functionNamed(program, 'f');
  const values = Values.of(program);
  const { first: start, after } = fn;
  const out: string[] = [];
  for (let n = start; n < after; n++)
    if (fn.code.is(n, Kind.Call) && fn.code.is(fn.code.child(n, Role.Callee), Kind.Name, 'use'))
      for (const arg of fn.code.all(n, Role.Arg)) out.push(text(values.typeOf(fn, arg)));
  return out;
}

describe('types of Go expressions', () => {
  test('conversions, literals, operators', () => {
    expect(
      typesIn('', 'b := []byte(s)\nuse(b, string(b), "a"+x, a == b, len(b), b[0], b[1:], int64(3))'),
    ).toEqual(['[]byte', 'string', 'string', 'bool', 'int', 'byte', '[]byte', 'int64']);
  });

  test('results of std functions and methods, fields of std types', () => {
    expect(
      typesIn(
        'import ("io"; "net/http"; "strings"; "encoding/base64")',
        'b, err := io.ReadAll(r.Body)\nuse(b, err, r.URL.Path, r.URL.Query().Get("a"), r.Header, strings.Split(x, ","), strings.Split(x, ",")[0], base64.StdEncoding.EncodeToString(b), r.Header["A"])',
        'f(w http.ResponseWriter, r *http.Request)',
      ),
    ).toEqual([
      '[]byte',
      'error',
      'string',
      'string',
      'net/http.Header',
      '[]string',
      'string',
      'string',
      '[]string',
    ]);
  });

  test('parameters, variadics, named results', () => {
    expect(
      typesIn(
        '',
        'use(a, rest, rest[0], out, err)',
        'f(a []T, rest ...string) (out map[string]int, err error)',
      ),
    ).toEqual(['[]T', '[]string', 'string', 'map[string]int', 'error']);
    expect(
      typesIn(
        'func g() (b []byte, err error) { return }',
        'x, e := g()\nuse(x, e, func() (n int) { use(n); return }())',
      ),
    ).toEqual(['[]byte', 'error', '?', 'int']);
  });

  test('ranges', () => {
    expect(
      typesIn(
        'type M map[string]*T\ntype T struct{}\n',
        `for k := range m { use(k) }
		for k, v := range m { use(k, v) }
		for i := range xs { use(i) }
		for i, x := range xs { use(i, x) }
		for v := range ch { use(v) }
		for i := range 10 { use(i) }`,
        'f(m M, xs [][]byte, ch chan string)',
      ),
    ).toEqual(['string', 'string', '*T', 'int', 'int', '[]byte', 'string', 'int']);
  });

  test('type switches', () => {
    expect(
      typesIn(
        'type I interface{}',
        'switch v := x.(type) {\ncase []byte:\nuse(v)\ncase string, int:\nuse(v)\n}\nswitch x.(type) {\ncase int:\n}',
        'f(x I)',
      ),
    ).toEqual(['[]byte', 'I']);
  });

  test('a local type does not hide that of the package elsewhere', () => {
    expect(
      typesIn(
        'type row struct { n []int }\nfunc g() { type row struct { n string } }',
        'var r row\nuse(r.n)',
      ),
    ).toEqual(['[]int']);
  });

  test('packages of the workspace', () => {
    const program = programOf({
      'go.mod': 'module m\n',
      'store/store.go':
        'package store\ntype Store struct { Keys []string }\nfunc New() *Store { return nil }\n',
      'main.go': 'package main\nimport "m/store"\nfunc f() { s := store.New(); s.Keys = nil }\n',
    });
    const fn = functionNamed(program, 'f');
    const target = [...Array(fn.code.size).keys()].find((n) => fn.code.is(n, Kind.Field, 'Keys'));
    expect(text(Values.of(program).typeOf(fn, target ?? -1))).toBe('[]string');
  });
});

test('a call through an interface reaches what implements all of it', () => {
  const program = programOf({
    'a.go': `package p
type Sink interface { Put(b []byte) error; Close() }
type file struct{}
func (f *file) Put(b []byte) error { return nil }
func (f *file) Close() {}
type other struct{}
func (o other) Put(b []byte) error { return nil }
func f(s Sink) { s.Put(nil) }
`,
  });
  const fn = functionNamed(program, 'f');
  const call = [...Array(fn.code.size).keys()].find((n) => fn.code.is(n, Kind.MethodCall, 'Put')) ?? -1;
  expect(
    Values.of(program)
      .callees(fn, call)
      .map((c) => c.label),
  ).toEqual(['Sink.Put', 'file.Put']);
});
