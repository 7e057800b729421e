import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Code } from '../../src/syntax/code.ts';
import { dump } from '../../src/syntax/dump.ts';
import type { FileFacts } from '../../src/syntax/facts.ts';
import { extractGo, packageNames } from '../../src/syntax/go/extract.ts';
import { createParser, type SourceParser } from '../../src/syntax/parser.ts';
import { grammarBytes } from './grammar-bytes.ts';

let parser: SourceParser;

beforeAll(async () => {
  parser = await createParser(grammarBytes, { go: extractGo, rust: extractGo });
});

const read = (text: string, file = 'a.go'): FileFacts => parser.extract(file, 'go', text);

/** Each statement of `func f() { … }`, dumped. */
function body(statements: string, signature = 'f()'): string[] {
  const facts = read(`package p\nfunc ${signature} {\n${statements}\n}\n`);
  expect(facts.broken, statements).toBe(false);
  const code = new Code(facts);
  return code.children(facts.functions[0]!.body).map((n) => dump(code, n));
}

const statement = (text: string): string => body(text).join(' | ');
const expression = (text: string): string =>
  statement(`_ = ${text}`).replace(/^\(assign = target:\(wildcard\) value:(.*)\)$/, '$1');

describe('expressions', () => {
  test.each([
    ['a', '(name a)'],
    ['(a)', '(name a)'],
    ['a.b.c', '(field c object:(field b object:(name a)))'],
    ['f(a, b...)', '(call callee:(name f) arg:(name a) arg:(unary ... object:(name b)))'],
    ['s.f(a)', '(method-call f object:(name s) arg:(name a))'],
    ['(s).f(/* no */ a)', '(method-call f object:(name s) arg:(name a))'],
    ['(*T).Method(t)', '(method-call Method object:(unary * object:(name T)) arg:(name t))'],
    ['(*T).Method', '(field Method object:(unary * object:(name T)))'],
    ['f()()', '(call callee:(call callee:(name f)))'],
    ['m[k]', '(index object:(name m) index:(name k))'],
    ['a[:]', '(slice object:(name a))'],
    ['a[i:]', '(slice object:(name a) low:(name i))'],
    ['a[:n:n]', '(slice object:(name a) high:(name n) count:(name n))'],
    ['-a', '(unary - object:(name a))'],
    ['<-c', '(unary <- object:(name c))'],
    ['&T{}', '(unary & object:(composite type:(type T)))'],
    ['*p', '(unary * object:(name p))'],
    ['(a + b) * c', '(binary * left:(binary + left:(name a) right:(name b)) right:(name c))'],
    [
      'a && b || !c',
      '(binary || left:(binary && left:(name a) right:(name b)) right:(unary ! object:(name c)))',
    ],
    ['0x1F', '(number 0x1F)'],
    ['1i', '(number 1i)'],
    ['1.5e3', '(number 1.5e3)'],
    ['"a\\n"', '(string a\\n)'],
    ['`raw`', '(string raw)'],
    ['""', '(string)'],
    ["'x'", "(literal 'x')"],
    ['nil', '(literal nil)'],
    ['true', '(literal true)'],
    ['x.(T)', '(cast assert object:(name x) type:(type T))'],
    ['[]byte(s)', '(cast object:(name s) type:(type slice type-arg:(type byte)))'],
    ['string(b)', '(call callee:(name string) arg:(name b))'],
    ['(*T)(p)', '(cast object:(name p) type:(type * type-arg:(type T)))'],
    ['(*a.T)(nil)', '(cast object:(literal nil) type:(type * type-arg:(type a.T)))'],
    ['(func(int))(g)', '(cast object:(name g) type:(type fn param:(param type:(type int))))'],
    ['(<-chan int)(c)', '(cast object:(name c) type:(type chan type-arg:(type int)))'],
    [
      'make([]int, 0, n)',
      '(call callee:(name make) arg:(type slice type-arg:(type int)) arg:(number 0) arg:(name n))',
    ],
    ['make(chan T, 1)', '(call callee:(name make) arg:(type chan type-arg:(type T)) arg:(number 1))'],
    ['new(a.T)', '(call callee:(name new) arg:(type a.T))'],
  ])('%s', (text, expected) => expect(expression(text)).toBe(expected));

  test('function literals', () => {
    expect(expression('func(a, b int, c ...T) (n int, err error) { return }')).toBe(
      '(closure param:(param pattern:(bind a) type:(type int)) param:(param pattern:(bind b) type:(type int))' +
        ' param:(param variadic pattern:(bind c) type:(type T)) result:(type tuple type-arg:(param pattern:(bind n)' +
        ' type:(type int)) type-arg:(param pattern:(bind err) type:(type error))) body:(block (return)))',
    );
    expect(expression('func(int, _ string) bool { g() }')).toMatch(
      /^\(closure param:.* result:\(type bool\) body:\(block \(call callee:\(name g\)\)\)\)$/,
    );
  });

  test('a long string is cut, its span is not', () => {
    const facts = read(`package p\nvar s = "${'x'.repeat(500)}"\n`);
    const code = new Code(facts);
    const value = facts.globals[0]!.value;
    expect(code.name(value)).toBe('x'.repeat(200));
    expect(code.end(value) - code.start(value)).toBe(502);
  });
});

describe('generic calls', () => {
  test.each([
    [
      'New[string, int](3)',
      '(call callee:(name New) type-arg:(type string) type-arg:(type int) arg:(number 3))',
    ],
    ['New[int](3, 4)', '(call callee:(name New) type-arg:(type int) arg:(number 3) arg:(number 4))'],
    ['New[int]()', '(call callee:(name New) type-arg:(type int))'],
    ['New[Item]()', '(call callee:(name New) type-arg:(type Item))'],
    [
      'lru.New[string, *a.T](n)',
      '(method-call New object:(name lru) type-arg:(type string) type-arg:(type * type-arg:(type a.T)) arg:(name n))',
    ],
    [
      'lru.New[string](n, m)',
      '(method-call New object:(name lru) type-arg:(type string) arg:(name n) arg:(name m))',
    ],
    ['New[[]int](n)', '(call callee:(name New) type-arg:(type slice type-arg:(type int)) arg:(name n))'],
    ['List[T]{}', '(composite type:(type List type-arg:(type T)))'],
    ['F[[]int]', '(name F type-arg:(type slice type-arg:(type int)))'],
    ['m[key](n)', '(call callee:(index object:(name m) index:(name key)) arg:(name n))'],
    ['m[key](n, o)', '(call callee:(index object:(name m) index:(name key)) arg:(name n) arg:(name o))'],
    ['s.m[key](n)', '(call callee:(index object:(field m object:(name s)) index:(name key)) arg:(name n))'],
    ['m["k"](n)', '(call callee:(index object:(name m) index:(string k)) arg:(name n))'],
  ])('%s', (text, expected) => expect(expression(text)).toBe(expected));

  test('a lower-case type of the file and a type parameter are types', () => {
    const facts = read('package p\ntype entry struct{}\nfunc f[k any]() { g[entry](1); g[k](1); g[i](1) }\n');
    const code = new Code(facts);
    expect(code.children(facts.functions[0]!.body).map((n) => dump(code, n))).toEqual([
      '(call callee:(name g) type-arg:(type entry) arg:(number 1))',
      '(call callee:(name g) type-arg:(type k) arg:(number 1))',
      '(call callee:(index object:(name g) index:(name i)) arg:(number 1))',
    ]);
  });
});

describe('composite literals', () => {
  test.each([
    [
      'T{a: 1, b: x}',
      '(composite type:(type T) (field-init a value:(number 1)) (field-init b value:(name x)))',
    ],
    ['T{1, x}', '(composite type:(type T) arg:(number 1) arg:(name x))'],
    [
      'map[string]int{k: 1, "b": 2}',
      '(composite type:(type map type-arg:(type string) type-arg:(type int)) (entry key:(name k) value:(number 1)) (entry key:(string b) value:(number 2)))',
    ],
    [
      '[...]string{2: "b"}',
      '(composite type:(type array type-arg:(type string)) (entry key:(number 2) value:(string b)))',
    ],
    ['[N]int{}', '(composite type:(type array count:(name N) type-arg:(type int)))'],
    ['struct{ a int }{1}', '(composite type:(type struct (field-decl a type:(type int))) arg:(number 1))'],
    [
      '[]T{{1}, {a: 2}}',
      '(composite type:(type slice type-arg:(type T)) arg:(composite type:(type T) arg:(number 1)) arg:(composite type:(type T) (field-init a value:(number 2))))',
    ],
    [
      '[]*T{{1}, nil}',
      '(composite type:(type slice type-arg:(type * type-arg:(type T))) arg:(unary & object:(composite type:(type T) arg:(number 1))) arg:(literal nil))',
    ],
    [
      'map[P][]T{{1}: {{2}}}',
      '(composite type:(type map type-arg:(type P) type-arg:(type slice type-arg:(type T))) (entry key:(composite type:(type P) arg:(number 1)) value:(composite type:(type slice type-arg:(type T)) arg:(composite type:(type T) arg:(number 2)))))',
    ],
    ['Named{{1}}', '(composite type:(type Named) arg:(composite arg:(number 1)))'],
  ])('%s', (text, expected) => expect(expression(text)).toBe(expected));
});

describe('statements', () => {
  test.each([
    ['a, b := f()', '(let := pattern:(bind a) pattern:(bind b) value:(call callee:(name f)))'],
    [
      '_, ok := m[k]',
      '(let := pattern:(wildcard) pattern:(bind ok) value:(index object:(name m) index:(name k)))',
    ],
    [
      'var a, b T = 1, 2',
      '(let var pattern:(bind a) pattern:(bind b) type:(type T) value:(number 1) value:(number 2))',
    ],
    [
      'var (\na = 1\nb T\n)',
      '(let var pattern:(bind a) value:(number 1)) | (let var pattern:(bind b) type:(type T))',
    ],
    ['const c = 1', '(let const pattern:(bind c) value:(number 1))'],
    [
      'a.b, c[i] = d, e',
      '(assign = target:(field b object:(name a)) target:(index object:(name c) index:(name i)) value:(name d) value:(name e))',
    ],
    ['a &^= b', '(assign &^= target:(name a) value:(name b))'],
    ['a.n++', '(assign += target:(field n object:(name a)) value:(number 1))'],
    ['n--', '(assign -= target:(name n) value:(number 1))'],
    ['go f(x)', '(spawn object:(call callee:(name f) arg:(name x)))'],
    ['go func() { g() }()', '(spawn object:(call callee:(closure body:(block (call callee:(name g))))))'],
    ['defer m.Unlock()', '(defer object:(method-call Unlock object:(name m)))'],
    ['c <- v', '(send object:(name c) value:(name v))'],
    ['<-c', '(unary <- object:(name c))'],
    ['return', '(return)'],
    ['return a, b', '(return value:(name a) value:(name b))'],
    ['{ f() }', '(block (call callee:(name f)))'],
    ['if a { f() }', '(if condition:(name a) then:(block (call callee:(name f))))'],
    [
      'if v, ok := m[k]; ok { } else if b { } else { }',
      '(if init:(let := pattern:(bind v) pattern:(bind ok) value:(index object:(name m) index:(name k))) condition:(name ok) then:(block) else:(if condition:(name b) then:(block) else:(block)))',
    ],
    ['for { }', '(loop loop body:(block))'],
    ['for a < b { }', '(loop while condition:(binary < left:(name a) right:(name b)) body:(block))'],
    [
      'for i := 0; i < n; i++ { }',
      '(loop while init:(let := pattern:(bind i) value:(number 0)) condition:(binary < left:(name i) right:(name n)) update:(assign += target:(name i) value:(number 1)) body:(block))',
    ],
    [
      'for i := 0; ; i++ { }',
      '(loop loop init:(let := pattern:(bind i) value:(number 0)) update:(assign += target:(name i) value:(number 1)) body:(block))',
    ],
    ['for i, v := range xs { }', '(loop for pattern:(bind i) pattern:(bind v) iter:(name xs) body:(block))'],
    ['for range c { }', '(loop for iter:(name c) body:(block))'],
    ['for i := range 10 { }', '(loop for pattern:(bind i) iter:(number 10) body:(block))'],
    ['for x := range seq() { }', '(loop for pattern:(bind x) iter:(call callee:(name seq)) body:(block))'],
    [
      'for k, m[k] = range xs { }',
      '(loop for target:(name k) target:(index object:(name m) index:(name k)) iter:(name xs) body:(block))',
    ],
    [
      'out:\nfor { for { break out } }',
      '(block out (loop loop body:(block (loop loop body:(block (break out))))))',
    ],
    ['for { continue }', '(loop loop body:(block (continue)))'],
    ['here:\nf()\ngoto here', '(call callee:(name f)) | (other goto_statement)'],
    [';', ''],
  ])('%s', (text, expected) => expect(statement(text)).toBe(expected));

  test('switch', () => {
    expect(statement('switch x := f(); x {\ncase 1, a:\ng()\nfallthrough\ndefault:\n}')).toBe(
      '(match init:(let := pattern:(bind x) value:(call callee:(name f))) subject:(name x)' +
        ' arm:(arm pattern:(number 1) pattern:(name a) body:(block (call callee:(name g)) (other fallthrough_statement)))' +
        ' arm:(arm body:(block)))',
    );
    expect(statement('switch {\ncase a > b:\nf()\n}')).toBe(
      '(match arm:(arm pattern:(binary > left:(name a) right:(name b)) body:(block (call callee:(name f)))))',
    );
  });

  test('type switch', () => {
    expect(statement('switch v := x.(type) {\ncase nil:\ncase []byte, *a.T:\nf(v)\ndefault:\n}')).toBe(
      '(match type pattern:(bind v) subject:(name x) arm:(arm pattern:(literal nil) body:(block))' +
        ' arm:(arm pattern:(type slice type-arg:(type byte)) pattern:(type * type-arg:(type a.T))' +
        ' body:(block (call callee:(name f) arg:(name v)))) arm:(arm body:(block)))',
    );
  });

  test('select', () => {
    expect(
      statement('select {\ncase v, ok := <-a:\nf()\ncase x = <-b:\ncase c <- 1:\ncase <-d:\ndefault:\n}'),
    ).toBe(
      '(select arm:(arm comm:(let := pattern:(bind v) pattern:(bind ok) value:(unary <- object:(name a)))' +
        ' body:(block (call callee:(name f)))) arm:(arm comm:(assign = target:(name x) value:(unary <- object:(name b)))' +
        ' body:(block)) arm:(arm comm:(send object:(name c) value:(number 1)) body:(block))' +
        ' arm:(arm comm:(unary <- object:(name d)) body:(block)) arm:(arm body:(block)))',
    );
  });
});

describe('declarations', () => {
  test('functions and methods', () => {
    const facts = read(`package p
func Free[T ~[]E, E int | string](xs T, n, m int, rest ...E) (T, error) { return xs, nil }
func (s *Store[K, _]) get(_ K) (v int, ok bool) { return }
func (Value) One() (int) { return 1 }
func external(int)
`);
    const code = new Code(facts);
    const [free, get, one, external] = facts.functions;
    expect(free).toMatchObject({
      name: 'Free',
      owner: '',
      receiver: '',
      exported: true,
      test: false,
      generics: [
        { name: 'T', bounds: ['~[]E'] },
        { name: 'E', bounds: ['int', 'string'] },
      ],
    });
    expect(free!.params.map((n) => dump(code, n))).toEqual([
      '(param pattern:(bind xs) type:(type T))',
      '(param pattern:(bind n) type:(type int))',
      '(param pattern:(bind m) type:(type int))',
      '(param variadic pattern:(bind rest) type:(type E))',
    ]);
    expect(dump(code, free!.result)).toBe('(type tuple type-arg:(type T) type-arg:(type error))');
    expect(get).toMatchObject({ owner: 'Store', receiver: 's', receiverByReference: true, exported: false });
    expect(get!.generics.map((g) => g.name)).toEqual(['K', '_']);
    expect(get!.params.map((n) => dump(code, n))).toEqual(['(param pattern:(wildcard) type:(type K))']);
    expect(dump(code, get!.result)).toBe(
      '(type tuple type-arg:(param pattern:(bind v) type:(type int)) type-arg:(param pattern:(bind ok) type:(type bool)))',
    );
    expect(one).toMatchObject({ owner: 'Value', receiver: '', receiverByReference: false });
    expect(dump(code, one!.result)).toBe('(type int)');
    expect(external).toMatchObject({ name: 'external', body: -1, result: -1 });
  });

  test('types', () => {
    const facts = read(`package p
type S[K comparable, V any] struct {
	a, b int \`json:"a"\`
	*other.Base
	Mixed[K]
	sync.Mutex // guards m
	m map[K]chan<- V
	f func(w http.ResponseWriter, r *http.Request) error
	in struct { x [4]int }
}
type I interface { Do(x int) (string, error); io.Reader; ~int | ~string }
type (
	M map[string][]byte
	A = other.T
)
`);
    const code = new Code(facts);
    const [s, i, m, a] = facts.types;
    expect(s!.fields.map((f) => [f.name, f.embedded, dump(code, f.type)])).toEqual([
      ['a', false, '(type int)'],
      ['b', false, '(type int)'],
      ['Base', true, '(type * type-arg:(type other.Base))'],
      ['Mixed', true, '(type Mixed type-arg:(type K))'],
      ['Mutex', true, '(type sync.Mutex)'],
      ['m', false, '(type map type-arg:(type K) type-arg:(type chan type-arg:(type V)))'],
      [
        'f',
        false,
        '(type fn param:(param pattern:(bind w) type:(type http.ResponseWriter))' +
          ' param:(param pattern:(bind r) type:(type * type-arg:(type http.Request))) result:(type error))',
      ],
      ['in', false, '(type struct (field-decl x type:(type array count:(number 4) type-arg:(type int))))'],
    ]);
    expect(s).toMatchObject({ kind: 'struct', exported: true, target: -1 });
    expect(s!.generics).toEqual([
      { name: 'K', bounds: ['comparable'] },
      { name: 'V', bounds: ['any'] },
    ]);
    expect(i).toMatchObject({ kind: 'interface', members: ['Do'] });
    expect(i!.fields.map((f) => [f.name, f.embedded, dump(code, f.type)])).toEqual([
      ['Reader', true, '(type io.Reader)'],
    ]);
    expect(facts.functions[0]).toMatchObject({ name: 'Do', owner: 'I', trait: 'I', body: -1 });
    expect(m!.kind).toBe('defined');
    expect(dump(code, m!.target)).toBe(
      '(type map type-arg:(type string) type-arg:(type slice type-arg:(type byte)))',
    );
    expect(a!.kind).toBe('alias');
    expect(dump(code, a!.target)).toBe('(type other.T)');
  });

  test('types of a body know where they can be named', () => {
    const text = 'package p\nfunc f() { if a { type row struct { n int } } }\n';
    const facts = read(text);
    expect(facts.types[0]).toMatchObject({ name: 'row', kind: 'struct' });
    const { start, end } = facts.types[0]!.local!;
    expect(text.slice(start, end)).toBe('{ type row struct { n int } }');
  });

  test('variables and constants', () => {
    const facts = read(`package p
var a, b = f()
var (
	c, d int = 1, 2
	e map[string]int
	_ io.Reader = (*T)(nil)
)
const (
	K0 Kind = iota
	K1
	k2 = 7
	k3
)
`);
    const code = new Code(facts);
    expect(facts.globals.map((g) => [g.name, g.kind, dump(code, g.type), dump(code, g.value)])).toEqual([
      ['a', 'var', '-', '(call callee:(name f))'],
      ['b', 'var', '-', '(call callee:(name f))'],
      ['c', 'var', '(type int)', '(number 1)'],
      ['d', 'var', '(type int)', '(number 2)'],
      ['e', 'var', '(type map type-arg:(type string) type-arg:(type int))', '-'],
      ['_', 'var', '(type io.Reader)', '(cast object:(literal nil) type:(type * type-arg:(type T)))'],
      ['K0', 'const', '(type Kind)', '(literal iota)'],
      ['K1', 'const', '(type Kind)', '-'],
      ['k2', 'const', '-', '(number 7)'],
      ['k3', 'const', '-', '-'],
    ]);
    expect(facts.globals.map((g) => g.exported)).toEqual([...Array(6).fill(false), true, true, false, false]);
  });

  test('imports', () => {
    const facts = read(`package p
import "fmt"
import (
	r "regexp"
	. "math"
	_ "embed"
	"github.com/redis/go-redis/v9"
	"github.com/hashicorp/golang-lru"
	"gopkg.in/yaml.v3"
	"github.com/nats-io/nats.go"
	"github.com/acme/super-parser"
)
var x superparser.T
`);
    expect(facts.imports.map((i) => [i.alias, i.path])).toEqual([
      ['fmt', 'fmt'],
      ['r', 'regexp'],
      ['.', 'math'],
      ['_', 'embed'],
      ['redis', 'github.com/redis/go-redis/v9'],
      ['lru', 'github.com/hashicorp/golang-lru'],
      ['yaml', 'gopkg.in/yaml.v3'],
      ['nats', 'github.com/nats-io/nats.go'],
      ['superparser', 'github.com/acme/super-parser'],
    ]);
    expect(packageNames('github.com/a/kafka-go')[0]).toBe('kafka');
    expect(packageNames('v2')[0]).toBe('v2');
  });
});

describe('whole files', () => {
  const files = ['test/corpus/go', 'test/fixtures/go', 'examples'].flatMap((dir) =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.go'))
      .map((name) => `${dir}/${name}`),
  );

  test('are read without losing a function or a type', () => {
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) {
      const text = readFileSync(file, 'utf8').replace(/^\s*\/\/@.*$/gm, '');
      const facts = read(text, file);
      if (/^\s*\/\/@ broken/m.test(readFileSync(file, 'utf8'))) continue;
      expect(facts.broken, file).toBe(false);
      const written = (pattern: RegExp) => [...text.matchAll(pattern)].map((m) => m[1]);
      expect(
        facts.functions.filter((f) => f.body >= 0).map((f) => f.name),
        file,
      ).toEqual(written(/^func (?:\([^)]*\) )?(\w+)[\s\S]*?\{/gm));
      expect(facts.types.filter((t) => !t.local).length, file).toBeGreaterThanOrEqual(
        written(/^type (\w+)/gm).length,
      );
      const code = new Code(facts);
      for (let n = 0; n < code.size; n++) {
        const parent = code.parent(n);
        expect(parent).toBeLessThan(n);
        if (parent >= 0) expect(code.after(n)).toBeLessThanOrEqual(code.after(parent));
      }
    }
  });
});

describe('the file', () => {
  test('package, tests, generated code', () => {
    expect(read('// Code generated by x. DO NOT EDIT.\n\npackage a\n').generated).toBe(true);
    expect(read('// Code generated by x. DO NOT EDIT.\r\n\r\npackage a\r\n').generated).toBe(true);
    expect(read('package a\n// Code generated by x. DO NOT EDIT.\n').generated).toBe(false);
    expect(read('//go:build ignore\n\npackage main\n').test).toBe(true);
    for (const tags of ['e2e', 'integration && linux', 'tools', '(e2e || functional)', 'integration_tests'])
      expect(read(`//go:build ${tags}\n\npackage main\n`).test, tags).toBe(true);
    for (const tags of ['linux', '!e2e', 'linux || e2e', 'enterprise', '!(e2e || test)', 'latest'])
      expect(read(`//go:build ${tags}\n\npackage main\n`).test, tags).toBe(false);
    expect(read('//go:build linux\n\npackage main\n').test).toBe(false);
    expect(read('// Not Code generated by x. DO NOT EDIT.\npackage a\n').generated).toBe(false);
    const facts = read(
      'package a_test\nfunc TestA(t *testing.T) {}\nfunc Tester() {}\nfunc Benchmark_x(b *testing.B) {}',
      'x/a_test.go',
    );
    expect(facts).toMatchObject({ packageName: 'a_test', test: true });
    expect(facts.functions.map((f) => f.test)).toEqual([true, false, true]);
    expect(read('package a').test).toBe(false);
  });

  test('directives', () => {
    const text = `package p
// headroom: hot
func f() {
	x := 1 // headroom: ignore go/hot-copy -- small
	//headroom:bounded -- by design
	/* headroom: cold */ y := 2
	// says headroom: nothing
	_ = "// headroom: hot"
}
`;
    expect(read(text).directives.map((d) => [d.text, d.alone, text.slice(d.span.start, d.span.end)])).toEqual(
      [
        ['hot', true, '// headroom: hot'],
        ['ignore go/hot-copy -- small', false, '// headroom: ignore go/hot-copy -- small'],
        ['bounded -- by design', true, '//headroom:bounded -- by design'],
        ['cold', false, '/* headroom: cold */'],
      ],
    );
  });

  test('spans are UTF-16 offsets', () => {
    const text = 'package p\nvar s = "→𝄞" + tail\n';
    const facts = read(text);
    const code = new Code(facts);
    const right = code.children(facts.globals[0]!.value)[1]!;
    expect(text.slice(code.start(right), code.end(right))).toBe('tail');
  });

  test('broken source keeps what can be read', () => {
    const facts = read(
      'package p\n\nvar cache = map[string]int{}\n\nfunc f() {\n\tcache[k = 1\n}\n\nfunc g() { cache["a"] = 1 }\n',
    );
    expect(facts.broken).toBe(true);
    expect(facts.globals.map((g) => g.name)).toEqual(['cache']);
    expect(facts.functions.map((f) => f.name)).toContain('g');
  });

  test('nesting that no person writes is cut off', () => {
    const deep = [
      `func f() { x := ${Array(5000).fill('"a"').join(' + ')} }`,
      `func f() { x(${'('.repeat(5000)}1${')'.repeat(5000)}) }`,
      `func f() ${'{ '.repeat(5000)}${'} '.repeat(5000)}`,
      `func f(x ${'[]'.repeat(5000)}int) {}`,
    ];
    for (const text of deep) {
      const facts = read(`package p\n${text}\nfunc g() {}\n`);
      expect(facts.broken, text.slice(0, 30)).toBe(true);
      expect(facts.functions.map((f) => f.name)).toEqual(['f', 'g']);
    }
  });

  test.each([
    '',
    '\0\0\0',
    'func',
    'package',
    '}}}}{{{{',
    'package p; func (',
    'package p\nfunc f() { x := ',
    'package p\nimport',
    'package p\ntype',
    'package p\nfunc f() { switch x.(type) { case',
    '\uFEFFpackage p\n',
    'package p\nfunc f() { "unclosed\n}',
    'package p\nvar = ; const ( = 1 )\ntype struct {}\nfunc () {}',
  ])('nothing is thrown for %j', (text) => {
    const facts = read(text);
    const code = new Code(facts);
    for (let n = 0; n < code.size; n++) expect(code.after(n)).toBeGreaterThan(n);
  });
});
