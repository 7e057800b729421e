import { beforeAll, describe, expect, test } from 'vitest';
import { Code } from '../../src/syntax/code.ts';
import { dump } from '../../src/syntax/dump.ts';
import type { FileFacts } from '../../src/syntax/facts.ts';
import { NODE_INTS } from '../../src/syntax/node.ts';
import { createParser, type SourceParser } from '../../src/syntax/parser.ts';
import { extractRust } from '../../src/syntax/rust/extract.ts';
import { grammarBytes } from './grammar-bytes.ts';
import { corpusSamples, mangle, numbers } from './samples.ts';

let parser: SourceParser;

beforeAll(async () => {
  parser = await createParser(grammarBytes, { rust: extractRust, go: extractRust });
});

const read = (text: string): FileFacts => parser.extract('a.rs', 'rust', text);

/** The statements of `fn f() { … }`, dumped; a tail expression has the prefix `value:`. */
const statement = (text: string): string => {
  const facts = read(`fn f() {\n${text}\n}\n`);
  expect(facts.broken, text).toBe(false);
  const code = new Code(facts);
  return dump(code, facts.functions[0]!.body).replace(/^\(block ?(.*)\)$/s, '$1');
};
const expression = (text: string): string =>
  statement(`q = ${text};`).replace(/^\(assign = target:\(name q\) value:(.*)\)$/s, '$1');
const pattern = (text: string): string =>
  statement(`let ${text} = q else { return };`).replace(
    /^\(let let pattern:(.*) value:\(name q\) else:\(block value:\(return\)\)\)$/s,
    '$1',
  );
const type = (text: string): string => {
  const facts = read(`type A = ${text};`);
  expect(facts.broken, text).toBe(false);
  return dump(new Code(facts), facts.types[0]!.target);
};

describe('expressions', () => {
  test.each([
    ['a', '(name a)'],
    ['(a)', '(name a)'],
    ['self', '(name self)'],
    ['a::b::C', '(path a::b::C)'],
    ['::a::b', '(path a::b)'],
    ['Vec::<u8>::new()', '(call callee:(path Vec::new type-arg:(type u8)))'],
    ['<T as Tr>::f(x)', '(call callee:(path T::f) arg:(name x))'],
    ['<[u8]>::len(x)', '(call callee:(path slice::len) arg:(name x))'],
    ['f::<T, 3>(x)', '(call callee:(name f) type-arg:(type T) type-arg:(number 3) arg:(name x))'],
    ['it.map(f::<u8>)', '(method-call map object:(name it) arg:(path f type-arg:(type u8)))'],
    [
      'it.collect::<Vec<_>>()',
      '(method-call collect object:(name it) type-arg:(type Vec type-arg:(type _)))',
    ],
    ['a.b.0', '(field 0 object:(field b object:(name a)))'],
    ['(self.f)(x)', '(call callee:(field f object:(name self)) arg:(name x))'],
    ['a.f(/* no */ b)', '(method-call f object:(name a) arg:(name b))'],
    ['m[k]', '(index object:(name m) index:(name k))'],
    ['a[..]', '(slice object:(name a))'],
    ['a[i..]', '(slice object:(name a) low:(name i))'],
    ['a[..n]', '(slice object:(name a) high:(name n))'],
    ['a[..=n]', '(slice object:(name a) high:(name n))'],
    ['a[i..=n]', '(slice object:(name a) low:(name i) high:(name n))'],
    ['f(..=n)', '(call callee:(name f) arg:(range ..= high:(name n)))'],
    ['0..n', '(range .. low:(number 0) high:(name n))'],
    ['-a', '(unary - object:(name a))'],
    ['!a', '(unary ! object:(name a))'],
    ['*p', '(unary * object:(name p))'],
    ['&a', '(unary & object:(name a))'],
    ['&mut a', '(unary &mut object:(name a))'],
    ['&raw const a', '(unary & object:(name a))'],
    ['(a + b) * c', '(binary * left:(binary + left:(name a) right:(name b)) right:(name c))'],
    ['f().await?', '(try object:(await object:(call callee:(name f))))'],
    [
      'x as u8 as T<U>',
      '(cast object:(cast object:(name x) type:(type u8)) type:(type T type-arg:(type U)))',
    ],
    ['0x1F_u32', '(number 0x1F_u32)'],
    ['1.5e3', '(number 1.5e3)'],
    ['"a\\n"', '(string a\\n)'],
    ['b"ab"', '(string ab)'],
    ['r#"a"b"#', '(string "a\\"b")'],
    ['""', '(string)'],
    ["'x'", "(literal 'x')"],
    ['true', '(literal true)'],
    ['()', '(sequence tuple)'],
    ['(a, b)', '(sequence tuple arg:(name a) arg:(name b))'],
    ['[a, b]', '(sequence array arg:(name a) arg:(name b))'],
    ['[0; n]', '(sequence array arg:(number 0) count:(name n))'],
    [
      'S { a, b: 1, ..c }',
      '(composite type:(type S) value:(field-init a value:(name a)) value:(field-init b value:(number 1)) base:(name c))',
    ],
    [
      'm::S::<u8> { 0: x }',
      '(composite type:(type m::S type-arg:(type u8)) value:(field-init 0 value:(name x)))',
    ],
    [
      '|a, (b, c)| a',
      '(closure param:(param pattern:(bind a)) param:(param pattern:(destructure tuple pattern:(bind b) pattern:(bind c))) body:(name a))',
    ],
    [
      'move |a: &u8| -> u8 { 1 }',
      '(closure move param:(param pattern:(bind a) type:(type & type-arg:(type u8))) result:(type u8) body:(block value:(number 1)))',
    ],
    ['|_| ()', '(closure param:(param pattern:(wildcard)) body:(sequence tuple))'],
    ['async { 1 }', '(async-block body:(block value:(number 1)))'],
    ['async move { }', '(async-block move body:(block))'],
    [
      'async move |x| x',
      '(closure move param:(param pattern:(bind x)) body:(async-block move body:(name x)))',
    ],
    ['unsafe { f() }', '(block unsafe value:(call callee:(name f)))'],
    ['const { 1 }', '(block const value:(number 1))'],
    ["'a: { break 'a 1; }", '(block a (break a value:(number 1)))'],
    [
      'if a { 1 } else if b { 2 } else { 3 }',
      '(if condition:(name a) then:(block value:(number 1)) else:(if condition:(name b) then:(block value:(number 2)) else:(block value:(number 3))))',
    ],
    [
      'if let Some(x) = y { }',
      '(if condition:(let-condition pattern:(destructure Some pattern:(bind x)) value:(name y)) then:(block))',
    ],
    [
      'if a && let Some(x) = y && x > 1 { }',
      '(if condition:(binary && left:(binary && left:(name a) right:(let-condition pattern:(destructure Some pattern:(bind x)) value:(name y))) right:(binary > left:(name x) right:(number 1))) then:(block))',
    ],
    [
      'match x { A { .. } if c => 1, _ => { 2 } }',
      '(match subject:(name x) arm:(arm pattern:(destructure A pattern:(wildcard)) guard:(name c) body:(number 1)) arm:(arm pattern:(wildcard) body:(block value:(number 2))))',
    ],
    ['loop { break 1; }', '(loop loop body:(block (break value:(number 1))))'],
  ])('%s', (text, expected) => {
    expect(expression(text)).toBe(expected);
  });

  test('a long string is cut', () => {
    const code = new Code(read(`const A: &str = "${'x'.repeat(1000)}";`));
    expect(code.name(code.facts.globals[0]!.value)).toHaveLength(200);
  });
});

describe('statements', () => {
  test.each([
    ['let mut a: u8 = 1;', '(let let pattern:(bind a) type:(type u8) value:(number 1))'],
    ['let a;', '(let let pattern:(bind a))'],
    [
      'let Some(a) = b else { return };',
      '(let let pattern:(destructure Some pattern:(bind a)) value:(name b) else:(block value:(return)))',
    ],
    ['a += 1;', '(assign += target:(name a) value:(number 1))'],
    ['(a, b) = c;', '(assign = target:(sequence tuple arg:(name a) arg:(name b)) value:(name c))'],
    [
      "'a: for (i, x) in v.iter() { continue 'a; }",
      '(loop for pattern:(destructure tuple pattern:(bind i) pattern:(bind x)) iter:(method-call iter object:(name v)) body:(block (continue a)))',
    ],
    [
      'while let Some(x) = q.pop() { }',
      '(loop while condition:(let-condition pattern:(destructure Some pattern:(bind x)) value:(method-call pop object:(name q))) body:(block))',
    ],
    ['while a { }', '(loop while condition:(name a) body:(block))'],
    ['return a;', '(return value:(name a))'],
    ['const N: usize = 1;', '(let const pattern:(bind N) type:(type usize) value:(number 1))'],
  ])('%s', (text, expected) => {
    // A loop that ends the body is its value; a statement after it makes it a statement.
    expect(statement(`${text} f();`)).toBe(`${expected} (call callee:(name f))`);
  });

  test('the tail expression is the value of a block, whatever it is', () => {
    expect(statement('a(); b')).toBe('(call callee:(name a)) value:(name b)');
    expect(statement('a();')).toBe('(call callee:(name a))');
    expect(statement('if a { b } else { c }')).toMatch(/^value:\(if/);
    expect(statement('if a { } // comment\n')).toMatch(/^value:\(if/);
    expect(statement('match a { }; ')).toMatch(/^\(match/);
    expect(statement('{ 1 }')).toBe('value:(block value:(number 1))');
    expect(statement('vec![1]')).toBe('value:(macro vec arg:(number 1))');
  });

  test('a name bound by reference begins at `ref`', () => {
    const text = 'fn f() { let ref a = b; match c { S { ref mut d, e, .. } => {}, Some(ref g) => {} } }';
    const facts = read(text);
    const code = new Code(facts);
    const spans = [...Array(code.size).keys()]
      .filter((n) => dump(code, n).startsWith('(bind'))
      .map((n) => text.slice(code.start(n), code.end(n)));
    expect(spans).toEqual(['ref a', 'ref mut d', 'e', 'ref g']);
  });

  test('items in a body are facts of their own', () => {
    const facts = read(
      'fn f() { use a::b; static S: u8 = 1; const C: u8 = 2; struct T; fn g() { fn h() {} } impl T { fn m(&self) {} } f() }',
    );
    expect(dump(new Code(facts), facts.functions[0]!.body)).toBe(
      '(block (let const pattern:(bind C) type:(type u8) value:(number 2)) value:(call callee:(name f)))',
    );
    expect(facts.functions.map((f) => [f.name, f.owner, f.parent])).toEqual([
      ['f', '', -1],
      ['g', '', 0],
      ['h', '', 1],
      ['m', 'T', 0],
    ]);
    expect(facts.globals.map((g) => [g.name, g.kind, g.parent])).toEqual([
      ['S', 'static', 0],
      ['C', 'const', 0],
    ]);
    expect(facts.imports.map((i) => i.path)).toEqual(['a::b']);
    expect(facts.types.map((t) => t.name)).toEqual(['T']);
  });
});

describe('patterns', () => {
  test.each([
    ['a', '(bind a)'],
    ['mut a', '(bind a)'],
    ['ref a', '(bind a)'],
    ['ref mut a', '(bind a)'],
    ['_', '(wildcard)'],
    ['None', '(destructure None)'],
    ['a::B', '(destructure a::B)'],
    ['(a, .., b)', '(destructure tuple pattern:(bind a) pattern:(wildcard) pattern:(bind b))'],
    ['[a, rest @ ..]', '(destructure slice pattern:(bind a) pattern:(bind rest pattern:(wildcard)))'],
    ['&a', '(destructure ref pattern:(bind a))'],
    ['Some(Ok(a))', '(destructure Some pattern:(destructure Ok pattern:(bind a)))'],
    [
      'S { a, b: (c, _), .. }',
      '(destructure S pattern:(field-pattern a pattern:(bind a)) pattern:(field-pattern b pattern:(destructure tuple pattern:(bind c) pattern:(wildcard))) pattern:(wildcard))',
    ],
    ['A | B | C', '(destructure or pattern:(destructure A) pattern:(destructure B) pattern:(destructure C))'],
    ['1..=5', '(range ..= low:(number 1) high:(number 5))'],
    ['-1', '(number -1)'],
    ['x @ 1..', '(bind x pattern:(range .. low:(number 1)))'],
  ])('%s', (text, expected) => {
    expect(pattern(text)).toBe(expected);
  });
});

describe('types', () => {
  test.each([
    ['u8', '(type u8)'],
    ['std::sync::Arc<T>', '(type std::sync::Arc type-arg:(type T))'],
    ["&'a mut [u8]", '(type &mut type-arg:(type slice type-arg:(type u8)))'],
    ['*const T', '(type * type-arg:(type T))'],
    ['[u8; N * 2]', '(type array type-arg:(type u8) count:(binary * left:(name N) right:(number 2)))'],
    ['(A, B)', '(type tuple type-arg:(type A) type-arg:(type B))'],
    ['()', '(type tuple)'],
    ['!', '(type never)'],
    ['fn(A) -> B', '(type fn type-arg:(type A) result:(type B))'],
    [
      "Box<dyn for<'a> Fn(&'a A) -> B + Send + 'static>",
      '(type Box type-arg:(type dyn type-arg:(type Fn type-arg:(type & type-arg:(type A)) result:(type B)) type-arg:(type Send)))',
    ],
    ['Box<dyn Tr>', '(type Box type-arg:(type dyn type-arg:(type Tr)))'],
    [
      'impl Iterator<Item = T> + Send',
      '(type impl type-arg:(type Iterator type-arg:(field-decl Item type:(type T))) type-arg:(type Send))',
    ],
    ['<T as Iterator>::Item', '(type T::Item)'],
    ['Foo<3, true>', '(type Foo type-arg:(number 3) type-arg:(literal true))'],
  ])('%s', (text, expected) => {
    expect(type(text)).toBe(expected);
  });
});

describe('macros', () => {
  test.each([
    ['vec![0u8; n]', '(macro vec arg:(number 0u8) count:(name n))'],
    ['vec![a, b.c()]', '(macro vec arg:(name a) arg:(method-call c object:(name b)))'],
    ['vec![]', '(macro vec)'],
    [
      'vec![(a, 1), (b, 2)]',
      '(macro vec arg:(sequence tuple arg:(name a) arg:(number 1)) arg:(sequence tuple arg:(name b) arg:(number 2)))',
    ],
    ['std::vec![1; 2]', '(macro std::vec arg:(number 1) count:(number 2))'],
    [
      'format!("{}{x} {y:?} {{z}} {:>w$}", a.b().c?, d = e + 1)',
      '(macro format arg:(string "{}{x} {y:?} {{z}} {:>w$}") arg:(name x) arg:(name y) arg:(name w) arg:(try object:(field c object:(method-call b object:(name a)))) arg:(field-init d value:(binary + left:(name e) right:(number 1))))',
    ],
    [
      'tracing::info!(a.b = 1, ?err, %id, n = self.map.len(), "x")',
      '(macro tracing::info arg:(field-init a.b value:(number 1)) arg:(name err) arg:(name id) arg:(field-init n value:(method-call len object:(field map object:(name self)))) arg:(string x))',
    ],
    [
      'assert!(a == b && !c, "no")',
      '(macro assert arg:(binary && left:(binary == left:(name a) right:(name b)) right:(unary ! object:(name c))) arg:(string no))',
    ],
    [
      'matches!(a.b(), Some(x) | None if x > 1)',
      '(macro matches arg:(method-call b object:(name a)) arg:(binary > left:(name x) right:(number 1)))',
    ],
    [
      'tokio::try_join!(a(), async { b().await })',
      '(macro tokio::try_join arg:(call callee:(name a)) arg:(async-block body:(block value:(await object:(call callee:(name b))))))',
    ],
    [
      'json!({ "a": x.clone(), "b": [1, y] })',
      '(macro json arg:(string a) arg:(method-call clone object:(name x)) arg:(string b) arg:(sequence array arg:(number 1) arg:(name y)))',
    ],
    [
      'stream! { let a = 1; yield a; }',
      '(macro stream arg:(block (let let pattern:(bind a) value:(number 1)) (other yield_expression (name a))))',
    ],
    [
      'unknown!(a => self.cache.insert(k, v); |x, y: &u8| x.f(y))',
      '(macro unknown arg:(name a) arg:(method-call insert object:(field cache object:(name self)) arg:(name k) arg:(name v)) arg:(closure param:(param pattern:(bind x)) param:(param pattern:(bind y)) body:(method-call f object:(name x) arg:(name y))))',
    ],
    [
      'unknown!({ let a = 1; self.v.push(a); })',
      '(macro unknown arg:(block (let let pattern:(bind a) value:(number 1)) (method-call push object:(field v object:(name self)) arg:(name a))))',
    ],
    [
      'unknown!(S { a, b: c.0.1 }, &mut x, *p as u8, f::<T>(a[1..n]), outer!(inner(z)))',
      '(macro unknown arg:(composite type:(type S) value:(field-init a value:(name a)) value:(field-init b value:(field 1 object:(field 0 object:(name c))))) arg:(unary &mut object:(name x)) arg:(unary * object:(cast object:(name p) type:(type u8))) arg:(call callee:(name f) arg:(slice object:(name a) low:(number 1) high:(name n))) arg:(macro outer arg:(call callee:(name inner) arg:(name z))))',
    ],
    ['quote!(fn x() { a.push(b) })', '(macro quote)'],
  ])('%s', (text, expected) => {
    expect(expression(text)).toBe(expected);
  });

  test('select! has arms with what is awaited, guards and bodies', () => {
    expect(
      expression(`tokio::select! {
        biased;
        Some(m) = rx.recv(), if !done => { map.insert(m, 1); }
        _ = tick.tick() => break,
        r = async { 1 } => r?,
        else => { return; }
      }`),
    ).toBe(
      '(select' +
        ' arm:(arm pattern:(destructure Some pattern:(bind m)) comm:(method-call recv object:(name rx)) guard:(unary ! object:(name done)) body:(block (method-call insert object:(name map) arg:(name m) arg:(number 1))))' +
        ' arm:(arm pattern:(wildcard) comm:(method-call tick object:(name tick)) body:(break))' +
        ' arm:(arm pattern:(bind r) comm:(async-block body:(block value:(number 1))) body:(try object:(name r)))' +
        ' arm:(arm body:(block (return))))',
    );
    expect(expression('crossbeam::select! { recv(rx) -> m => f(m), default(d) => {} }')).toBe(
      '(select arm:(arm pattern:(bind m) comm:(call callee:(name recv) arg:(name rx)) body:(call callee:(name f) arg:(name m))) arm:(arm body:(block)))',
    );
  });

  test('lazy_static! and thread_local! declare globals', () => {
    const facts = read(`lazy_static! { static ref A: Mutex<u8> = Mutex::new(1); pub static ref B: u8 = 2; }
      thread_local! { static C: RefCell<u8> = const { RefCell::new(1) } }
      fn f() { thread_local!(static D: u8 = 1); }`);
    const code = new Code(facts);
    expect(facts.globals.map((g) => [g.name, g.macro, g.exported, dump(code, g.type)])).toEqual([
      ['A', 'lazy_static', false, '(type Mutex type-arg:(type u8))'],
      ['B', 'lazy_static', true, '(type u8)'],
      ['C', 'thread_local', false, '(type RefCell type-arg:(type u8))'],
      ['D', 'thread_local', false, '(type u8)'],
    ]);
    expect(facts.functions.map((f) => f.name)).toEqual(['f']);
  });

  test('conditional macros are looked through', () => {
    const facts = read(`cfg_if! { if #[cfg(test)] { fn a() {} } else { fn b() {} } }
      cfg_rt! { pub fn c() {} }
      pin_project! { struct S { #[pin] f: F } }
      fn d() { cfg_if! { if #[cfg(unix)] { x(); } else { y(); } } }`);
    expect(facts.functions.map((f) => [f.name, f.test])).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
      ['d', false],
    ]);
    expect(facts.types.map((t) => [t.name, t.fields.map((f) => f.name)])).toEqual([['S', ['f']]]);
    expect(dump(new Code(facts), facts.functions[3]!.body)).toBe(
      '(block value:(macro cfg_if arg:(block (call callee:(name x))) arg:(block (call callee:(name y)))))',
    );
  });

  test('offsets of re-read code are those of the file', () => {
    const text = 'fn f() { /* é😀 */ tokio::select! { x = a.b() => { self.m.insert(k) } } }';
    const facts = read(text);
    const code = new Code(facts);
    const spans = [...Array(code.size).keys()]
      .filter((n) => code.name(n) === 'insert' || code.name(n) === 'b')
      .map((n) => text.slice(code.start(n), code.end(n)));
    expect(spans).toEqual(['a.b()', 'self.m.insert(k)']);
  });
});

describe('items', () => {
  test('use trees give one import a name', () => {
    const facts = read(`use std::{collections::{HashMap, HashSet as Set}, io::{self, Read as _}};
      pub use crate::x::*; use ::a::b; extern crate foo as bar; mod m { use super::c; } use d;`);
    expect(facts.imports.map((i) => [i.alias, i.path, i.exported, i.module.join()])).toEqual([
      ['HashMap', 'std::collections::HashMap', false, ''],
      ['Set', 'std::collections::HashSet', false, ''],
      ['io', 'std::io', false, ''],
      ['_', 'std::io::Read', false, ''],
      ['*', 'crate::x', true, ''],
      ['b', 'a::b', false, ''],
      ['bar', 'foo', false, ''],
      ['c', 'super::c', false, 'm'],
      ['d', 'd', false, ''],
    ]);
  });

  test('functions', () => {
    const text = `#[inline] pub async fn a<T: Into<String> + Send, const N: usize>(x: T, (p, q): (u8, u8), _: u8) -> Vec<T> where T: 'static + Clone {}
      pub(crate) const unsafe fn b() {}
      impl<K> m::Cache<K> { pub fn get(&mut self, k: &K) {} fn own(self) {} fn arc(self: Arc<Self>) {} fn pin(self: Pin<&mut Self>) {} fn new() -> Self {} }
      impl<T> Tr<u8> for &[T] { fn f(&self) {} }
      trait Tr { type X; fn g(&self); fn h(&self) { 1 } }
      extern "C" { fn e(n: i32, ...); }`;
    const facts = read(text);
    const code = new Code(facts);
    expect(
      facts.functions.map((f) => [
        f.name,
        f.owner,
        f.trait,
        f.receiver,
        f.receiverByReference,
        f.receiverMutable,
        f.generics.map((g) => `${g.name}: ${g.bounds.join(' + ')}`).join(', '),
        f.exported,
        f.body >= 0,
      ]),
    ).toEqual([
      ['a', '', '', '', false, false, 'T: Into<String> + Send + Clone, N: const usize', true, true],
      ['b', '', '', '', false, false, '', false, true],
      ['get', 'm::Cache', '', 'self', true, true, 'K: ', true, true],
      ['own', 'm::Cache', '', 'self', false, false, 'K: ', false, true],
      ['arc', 'm::Cache', '', 'self', false, false, 'K: ', false, true],
      ['pin', 'm::Cache', '', 'self', true, true, 'K: ', false, true],
      ['new', 'm::Cache', '', '', false, false, 'K: ', false, true],
      ['f', 'slice', 'Tr', 'self', true, false, 'T: ', false, true],
      ['g', 'Tr', 'Tr', 'self', true, false, '', false, false],
      ['h', 'Tr', 'Tr', 'self', true, false, '', false, true],
      ['e', '', '', '', false, false, '', false, false],
    ]);
    const a = facts.functions[0]!;
    expect([a.isAsync, a.isConst, a.attributes]).toEqual([true, false, ['inline']]);
    expect(facts.functions[1]!.isConst).toBe(true);
    expect(a.params.map((p) => dump(code, p))).toEqual([
      '(param pattern:(bind x) type:(type T))',
      '(param pattern:(destructure tuple pattern:(bind p) pattern:(bind q)) type:(type tuple type-arg:(type u8) type-arg:(type u8)))',
      '(param pattern:(wildcard) type:(type u8))',
    ]);
    expect(dump(code, a.result)).toBe('(type Vec type-arg:(type T))');
    expect(text.slice(a.nameSpan.start, a.nameSpan.end)).toBe('a');
    expect(facts.functions.at(-1)!.params.map((p) => dump(code, p))).toEqual([
      '(param pattern:(bind n) type:(type i32))',
      '(param variadic)',
    ]);
    expect(facts.types.map((t) => [t.name, t.kind, t.members])).toEqual([['Tr', 'trait', ['g', 'h']]]);
  });

  test('types', () => {
    const facts =
      read(`#[derive(Clone, Debug)] pub struct S<T> { pub a: Arc<T>, /* no */ #[serde(skip)] b: [u8; 4] }
      struct P(pub u8, Vec<u8>); struct U; union N { x: u8 }
      enum E { A, B(u8, String), C { x: i32 }, D = 4 }
      type M<K> = HashMap<K, u8>;
      impl Tr for S<u8> { type Out = u8; }`);
    const code = new Code(facts);
    expect(
      facts.types.map((t) => [
        t.name,
        t.kind,
        t.fields.map((f) => `${f.name} ${dump(code, f.type)}`),
        t.members,
      ]),
    ).toEqual([
      [
        'S',
        'struct',
        ['a (type Arc type-arg:(type T))', 'b (type array type-arg:(type u8) count:(number 4))'],
        [],
      ],
      ['P', 'struct', ['0 (type u8)', '1 (type Vec type-arg:(type u8))'], []],
      ['U', 'struct', [], []],
      ['N', 'union', ['x (type u8)'], []],
      ['E', 'enum', ['B.0 (type u8)', 'B.1 (type String)', 'C.x (type i32)'], ['A', 'B', 'C', 'D']],
      ['M', 'alias', [], []],
    ]);
    expect(facts.types[0]!.attributes).toEqual(['derive(Clone, Debug)']);
    expect(dump(code, facts.types[5]!.target)).toBe('(type HashMap type-arg:(type K) type-arg:(type u8))');
  });

  test('globals and modules', () => {
    const facts = read(`pub static mut A: Lazy<u8> = Lazy::new(|| 1);
      mod m { pub mod n { const B: usize = 1 << 3; } mod o; }
      #[path = "other.rs"] mod p;
      impl S { pub const C: u8 = 1; }
      trait T { const D: u8; }`);
    const code = new Code(facts);
    expect(
      facts.globals.map((g) => [
        g.name,
        g.kind,
        g.owner,
        g.module.join('::'),
        g.exported,
        dump(code, g.value),
      ]),
    ).toEqual([
      ['A', 'static', '', '', true, '(call callee:(path Lazy::new) arg:(closure body:(number 1)))'],
      ['B', 'const', '', 'm::n', false, '(binary << left:(number 1) right:(number 3))'],
      ['C', 'const', 'S', '', true, '(number 1)'],
      ['D', 'const', 'T', '', false, '-'],
    ]);
    expect(facts.modules).toEqual([
      { name: 'o', path: ['m'], file: '', test: false },
      { name: 'p', path: [], file: 'other.rs', test: false },
    ]);
  });
});

describe('the file', () => {
  test.each([
    ['#[test] fn f() {}', true],
    ['#[tokio::test(flavor = "multi_thread")] async fn f() {}', true],
    ['#[cfg(test)] fn f() {}', true],
    ['#[cfg(all(unix, test))] fn f() {}', true],
    ['#[cfg(any(test, feature = "testing"))] fn f() {}', true],
    ['#[cfg(any(test, feature = "full"))] fn f() {}', false],
    ['#[cfg(not(test))] fn f() {}', false],
    ['#[cfg_attr(test, derive(Debug))] fn f() {}', false],
    ['#[cfg(test)] mod m { fn f() {} }', true],
    ['#[cfg(test)] impl S { fn f() {} }', true],
    ['#[inline] fn f() {}', false],
    ['#[test] fn g() {} fn f() {}', false],
  ])('%s is test code: %s', (text, expected) => {
    expect(read(text).functions.find((f) => f.name === 'f')!.test).toBe(expected);
  });

  test('test and generated headers', () => {
    expect(read('#![cfg(test)]\nfn f() {}').test).toBe(true);
    expect(read('#![allow(x)]\nfn f() {}').test).toBe(false);
    expect(read('// @generated by prost\nfn f() {}').generated).toBe(true);
    expect(read('// This file is automatically generated.').generated).toBe(true);
    expect(read('// Code generated by x. DO NOT EDIT.').generated).toBe(true);
    expect(read('fn f() { let s = "@generated"; }').generated).toBe(false);
  });

  test('directives', () => {
    const text = `// headroom: ignore rust/hot-clone -- why
fn f() { a(); // headroom: hot
  /* headroom: budget 64MiB */
  x!(b, // headroom: bounded -- here
  );
}
/// headroom: no
// see headroom: no`;
    expect(
      read(text).directives.map((d) => [text.slice(d.span.start, d.span.start + 2), d.text, d.alone]),
    ).toEqual([
      ['//', 'ignore rust/hot-clone -- why', true],
      ['//', 'hot', false],
      ['/*', 'budget 64MiB', true],
      ['//', 'bounded -- here', false],
    ]);
  });

  test('broken source gives what could be read', () => {
    const facts = read('fn a() { x.push(1) \n fn b() { self.map.insert(k, v); }\nstruct');
    expect(facts.broken).toBe(true);
    expect(facts.names).toContain('insert');
    expect(read('fn a() { let x = 1 }').broken).toBe(true);
    expect(read('').functions).toEqual([]);
    expect(read('\0\0{{{{((((').broken).toBe(true);
  });

  test('no corpus file, whole or mangled, is too much', () => {
    const next = numbers(7);
    let nodes = 0;
    for (const { name, language, text } of corpusSamples()) {
      if (language !== 'rust') continue;
      const facts = parser.extract(name, 'rust', text);
      expect(facts.broken, name).toBe(false);
      nodes += facts.nodes.length;
      for (let i = 0; i < 5; i++) {
        const broken = parser.extract(name, 'rust', mangle(text, 8, next));
        expect(broken.nodes.length % NODE_INTS).toBe(0);
      }
    }
    expect(nodes).toBeGreaterThan(1000);
  });

  test('every subtree ends within its parent and spans lie within the file', () => {
    for (const { name, language, text } of corpusSamples()) {
      if (language !== 'rust') continue;
      const code = new Code(parser.extract(name, 'rust', text));
      for (let n = 0; n < code.size; n++) {
        const parent = code.parent(n);
        expect(code.after(n)).toBeGreaterThan(n);
        expect(code.start(n)).toBeLessThanOrEqual(code.end(n));
        expect(code.end(n)).toBeLessThanOrEqual(text.length);
        if (parent < 0) continue;
        expect(code.after(n), name).toBeLessThanOrEqual(code.after(parent));
        expect(code.start(n), name).toBeGreaterThanOrEqual(code.start(parent));
        expect(code.end(n), name).toBeLessThanOrEqual(code.end(parent));
      }
    }
  });
});
