import { describe, expect, test } from 'vitest';
import { RustValues } from '../../src/program/types/rust-values.ts';
import type { TypeRef } from '../../src/program/types/types.ts';
import { lastSegment } from '../../src/program/types/types.ts';
import { Values } from '../../src/program/types/values.ts';
import { Kind, Role } from '../../src/syntax/node.ts';
import { functionNamed, programOf } from './program-of.ts';

/** A type as Rust would write it, paths cut to their last segment. */
function text(type: TypeRef | undefined): string {
  if (!type) return '?';
  const args = type.args.map(text);
  if (type.name === '&' || type.name === '&mut') return `${type.name === '&' ? '&' : '&mut '}${args[0]}`;
  if (type.name === 'tuple') return `(${args.join(', ')})`;
  if (type.name === 'slice') return `[${args[0]}]`;
  const name = type.decl ? type.decl.fact.name : lastSegment(type.name);
  return args.length > 0 ? `${name}<${args.join(', ')}>` : name;
}

/** Types of `show(a, b, …)`'s arguments in the body of `f`. */
function types(body: string, signature = 'f()', declarations = ''): string[] {
  const program = programOf({
    'Cargo.toml': '[package]\nname = "m"\n',
    'src/lib.rs': `use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};\n${declarations}\npub fn ${signature} {\n${body}\n}\n`,
  });
  const fn = functionNamed(program, 'f');
  const values = RustValues.of(program);
  const { first: start, after } = fn;
  const out: string[] = [];
  for (let n = start; n < after; n++)
    if (fn.code.is(n, Kind.Call) && fn.code.is(fn.code.child(n, Role.Callee), Kind.Name, 'show'))
      for (const arg of fn.code.all(n, Role.Arg)) out.push(text(values.typeOf(fn, arg)));
  return out;
}

describe('types of expressions, with ownership', () => {
  test.each([
    ['"a"', '&str'],
    ['String::new()', 'String'],
    ['"a".to_string()', 'String'],
    ['s.clone()', 'String'],
    ['r.clone()', 'String'],
    ['t.clone()', '&str'],
    ['t.to_owned()', 'String'],
    ['&s', '&String'],
    ['*r', 'String'],
    ['s.as_str()', '&str'],
    ['s.trim()', '&str'],
    ['s.len()', 'usize'],
    ['&s[1..]', '&str'],
    ['v[0]', 'String'],
    ['&v[1..]', '&[String]'],
    ['v.iter()', 'Iterator<&String>'],
    ['v.iter().next().unwrap()', '&String'],
    ['v.first().cloned()', 'Option<String>'],
    ['v.iter().map(|x| x.len()).max()', 'Option<usize>'],
    ['v.iter().map(|x| x.clone()).next()', 'Option<String>'],
    ['v.iter().filter(|x| !x.is_empty()).next()', 'Option<&String>'],
    ['v.iter().enumerate().next()', 'Option<(usize, &String)>'],
    ['v.iter().collect::<Vec<_>>()', 'Vec<&String>'],
    ['m.get("k")', 'Option<&u64>'],
    ['m.keys().next()', 'Option<&String>'],
    ['m.iter().map(|(k, _)| k.clone()).next()', 'Option<String>'],
    ['m.iter().filter(|(_, n)| **n > 1).map(|(k, _)| k.clone()).next()', 'Option<String>'],
    ["t.split(' ').next().unwrap_or_default()", '&str'],
    ['String::from_utf8_lossy(b)', 'Cow<str>'],
    ['String::from_utf8_lossy(b).into_owned()', 'String'],
    ['o.as_deref()', 'Option<&str>'],
    ['o.as_ref().map(|x| x.len())', 'Option<usize>'],
    ['std::sync::Arc::new(s)', 'Arc<String>'],
    ['vec![s]', 'Vec<String>'],
    ['format!("{t}")', 'String'],
    ['if a { t } else { "" }', '&str'],
    ['match a { true => s, false => String::new() }', 'String'],
    ['Some(t)', 'Option<&str>'],
    ['(s, 1)', '(String, i32)'],
    ['unknown(t)', '?'],
    ['t.unknown()', '?'],
  ])('%s is %s', (expression, expected) => {
    const signature =
      'f(s: String, r: &String, t: &str, v: Vec<String>, m: &HashMap<String, u64>, b: &[u8], o: Option<String>, a: bool)';
    expect(types(`show(${expression});`, signature)).toEqual([expected]);
  });

  test('patterns bind by reference where they look through one', () => {
    const declarations =
      'pub enum E { A(String, u8), B { name: String } } pub struct S { pub a: Option<String>, pub b: (String, u8) }';
    expect(
      types(
        `if let Some(x) = o { show(x); }
         if let Some(y) = &o { show(y); }
         for (i, w) in v.iter().enumerate() { show(i, w); }
         for z in v { show(z); }
         match e { E::A(p, q) => show(p, q), E::B { name } => show(name) }
         let S { a, b: (c, _) } = s; show(a, c);
         let &d = &1u8; show(d);
         let Some(g) = t.a.as_ref() else { return }; show(g);`,
        'f(o: Option<String>, v: Vec<String>, e: &E, s: S, t: &S)',
        declarations,
      ),
    ).toEqual([
      'String',
      '&String',
      'usize',
      '&String',
      'String',
      '&String',
      '&u8',
      '&String',
      'Option<String>',
      'String',
      'u8',
      '&String',
    ]);
  });

  test('fields, generics and results of the workspace', () => {
    const declarations = `pub struct Box2<T> { pub inner: T } pub struct S { pub name: String, list: std::sync::Arc<Vec<String>>, lock: std::sync::Mutex<HashMap<String, String>> }
      impl S { pub fn name(&self) -> &str { &self.name } pub fn make() -> Self { todo!() } pub async fn wait(&self) -> String { todo!() } }
      pub fn any<T>(t: T) -> T { t }
      pub fn all() -> impl Iterator<Item = String> { std::iter::empty() }`;
    expect(
      types(
        `show(s.name, s.name(), S::make(), s.wait().await, s.list[0], s.list.clone(), b.inner, any(1));
         for x in all() { show(x); }
         let guard = s.lock.lock().unwrap(); show(guard.get("k"), guard.clone());
         let names: Vec<_> = s.list.iter().collect(); show(names);`,
        'f(s: &S, b: Box2<String>)',
        declarations,
      ),
    ).toEqual([
      'String',
      '&str',
      'S',
      'String',
      'String',
      'Arc<Vec<String>>',
      'String',
      '?',
      'String',
      'Option<&String>',
      'HashMap<String, String>',
      'Vec<&String>',
    ]);
  });
});

test('a method that is given types is none that takes no types', () => {
  const program = programOf({
    'Cargo.toml': '[package]\nname = "m"\n',
    'src/lib.rs':
      'pub struct Packet;\nimpl Packet { pub fn word(&mut self) -> u64 { 1 } }\npub fn f() {\n    open().word::<Little>();\n    open().word();\n}\n',
  });
  const fn = functionNamed(program, 'f');
  const called: string[][] = [];
  for (let n = fn.first; n < fn.after; n++)
    if (fn.code.is(n, Kind.MethodCall, 'word'))
      called.push(
        Values.of(program)
          .callees(fn, n)
          .map((t) => t.label),
      );
  expect(called).toEqual([[], ['Packet::word']]);
});
