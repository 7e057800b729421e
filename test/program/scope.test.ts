import { describe, expect, test } from 'vitest';
import { Values } from '../../src/program/types/values.ts';
import { Kind, Role } from '../../src/syntax/node.ts';
import { type Files, go, places, probes, programOf, rust, types } from './build.ts';

/** For each probed name how it is bound and where, by the text of the line its binding stands on. */
function bindings(files: Files): string[] {
  const program = programOf(files);
  return probes(program).map(({ fn, node }) => {
    const b = Values.of(program).scope(fn).lookup(fn.code.name(node), fn.code.start(node));
    if (!b) return 'not local';
    const text = program.text(fn.file.facts.file);
    const start = text.lastIndexOf('\n', fn.code.start(b.node)) + 1;
    return `${b.source}: ${text.slice(start, text.indexOf('\n', start)).trim()}`;
  });
}

describe('scopes of Go', () => {
  test('an inner name hides the outer one until its block ends', () => {
    const files = go(`
var x = 1
func f(x int) {
	probe(x)
	if y := x; y > 0 {
		x := "text"
		probe(x, y)
	}
	for x, y := range []string{} {
		probe(x, y)
	}
	probe(x, y)
}
func g() { probe(x) }
`);
    expect(bindings(files)).toEqual([
      'parameter: func f(x int) {',
      'value: x := "text"',
      'value: if y := x; y > 0 {',
      'part: for x, y := range []string{} {',
      'element: for x, y := range []string{} {',
      'parameter: func f(x int) {',
      'not local',
      'not local',
    ]);
  });

  test('a name is not visible in its own initialiser', () => {
    const files = go('func f(m map[string]int) {\n\tm2 := m\n\tm := append(probe(m), 1)\n\tprobe(m2)\n}\n');
    expect(bindings(files)).toEqual(['parameter: func f(m map[string]int) {', 'value: m2 := m']);
  });

  test('closures see what is around them, and have parameters of their own', () => {
    const files = go(`
func f(a int) func(int) {
	b := 1
	return func(c int) {
		probe(a, b, c)
	}
}
`);
    expect(bindings(files)).toEqual([
      'parameter: func f(a int) func(int) {',
      'value: b := 1',
      'closure-parameter: return func(c int) {',
    ]);
  });

  test('a receiver is never taken for a global of its name', () => {
    const files = go(`
type set map[string]bool
var s = set{}
func (s set) f() { probe(s) }
func g() { probe(s) }
`);
    expect(places(files)).toEqual(['-', 's']);
  });

  test('several results and type switches', () => {
    const files = go(`
func two() (map[string]int, error) { return nil, nil }
func f(v any) {
	m, err := two()
	probe(m, err)
	switch t := v.(type) {
	case []string:
		probe(t)
	case map[string]bool:
		probe(t)
	}
}
`);
    expect(types(files)).toEqual(['map<string, int>', 'error', 'slice<string>', 'map<string, bool>']);
  });
});

describe('scopes of Rust', () => {
  test('a later let hides an earlier one, and a block ends it', () => {
    const files = rust(`
fn f(x: u8) {
    probe(x);
    let x = "text";
    {
        let x = 1.5;
        probe(x);
    }
    probe(x);
    if let Some(x) = find() { probe(x); } else { probe(x); }
    match find() { Some(y) if y > 0 => probe(y), _ => probe(x) }
    let g = |x: u32| probe(x);
}
`);
    expect(bindings(files)).toEqual([
      'parameter: fn f(x: u8) {',
      'value: let x = 1.5;',
      'value: let x = "text";',
      'value: if let Some(x) = find() { probe(x); } else { probe(x); }',
      'value: let x = "text";',
      'value: match find() { Some(y) if y > 0 => probe(y), _ => probe(x) }',
      'value: let x = "text";',
      'closure-parameter: let g = |x: u32| probe(x);',
    ]);
  });

  test('patterns take parts, elements and fields', () => {
    const files = rust(`
struct Point { x: Vec<u8>, y: u64 }
struct Name(String);
fn f(point: Point, name: Name, pairs: Vec<(u8, u16)>) {
    let (a, b) = make();
    probe(a);
    for (k, v) in &pairs { probe(v); }
    let Point { x, y: height } = point;
    probe(x, height);
    let Name(text) = name;
    probe(text);
}
`);
    expect(bindings(files)).toEqual([
      'part: let (a, b) = make();',
      'element: for (k, v) in &pairs { probe(v); }',
      'part: let Point { x, y: height } = point;',
      'part: let Point { x, y: height } = point;',
      'part: let Name(text) = name;',
    ]);
    expect(types(files).slice(2)).toEqual(['Vec<u8>', 'u64', 'String']);
  });
});

test('every name of a use that is not declared locally is found nowhere', () => {
  const program = programOf(go('func f() { probe(len) }'));
  const [probe] = probes(program);
  const { fn, node } = probe!;
  expect(fn.code.role(node)).toBe(Role.Arg);
  expect(fn.code.kind(node)).toBe(Kind.Name);
  expect([...Values.of(program).scope(fn).all()]).toEqual([]);
});
