import { describe, expect, test } from 'vitest';
import { container, isSharded } from '../../src/program/types/types.ts';
import { Values } from '../../src/program/types/values.ts';
import { type Files, go, places, probes, programOf, rust, types, typeText } from './build.ts';

/** The container each probe is: its label and what it is wrapped in. */
function containers(files: Files): string[] {
  const program = programOf(files);
  const values = Values.of(program);
  return probes(program).map(({ fn, node }) => {
    const c = container(values.types, values.typeOf(fn, node));
    if (!c) return '-';
    return [c.label, `${c.wrappers.join(' ')}${c.shared ? ' shared' : ''}`.trim()].filter(Boolean).join(': ');
  });
}

describe('types of Go', () => {
  test('import aliases and packages of the workspace', () => {
    const files = {
      'go.mod': 'module m\n',
      'store/store.go':
        'package store\ntype Table struct { Rows map[string]int }\nvar Shared = &Table{}\nfunc New() *Table { return nil }\n',
      'main.go':
        'package main\nimport s "sync"\nimport kept "m/store"\nfunc f(a s.Map, b kept.Table) { probe(a, b, b.Rows, kept.New(), kept.Shared) }\n',
    };
    expect(types(files)).toEqual(['sync.Map', 'Table', 'map<string, int>', '*<Table>', 'Table']);
    expect(places(files).slice(2)).toEqual(['Table.Rows', '-', 'Shared']);
  });

  test('aliases, defined types and containers underneath', () => {
    const files = go(`
type Names = map[string]bool
type Registry map[string]Names
type Held struct { r Registry }
func f(n Names, h *Held) { probe(n, h.r, h) }
`);
    expect(types(files)).toEqual(['map<string, bool>', 'Registry', '*<Held>']);
    expect(containers(files)).toEqual(['map', 'map', '-']);
  });

  test('embedded fields are promoted, through pointers and several levels', () => {
    const files = go(`
type base struct { rows map[string]int }
type middle struct { *base }
type top struct { middle; name string }
func (b *base) size() int { return len(b.rows) }
func f(t top) { probe(t.rows, t.middle.rows, t.name, t.size()) }
`);
    expect(places(files).slice(0, 3)).toEqual(['base.rows', 'base.rows', 'top.name']);
    expect(types(files)[3]).toBe('int');
  });

  test('anonymous structs in fields and variables', () => {
    const files = go(`
var cache = struct { sync.Mutex; m map[string]int }{}
type server struct { stats struct { byPath map[string]int } }
func f(s *server) { probe(cache.m, s.stats.byPath) }
`);
    expect(places(files)).toEqual(['cache.m', 'server.stats.byPath']);
    expect(types(files)).toEqual(['map<string, int>', 'map<string, int>']);
  });

  test('a type in terms of itself ends', () => {
    expect(types(go('type A = B\ntype B = A\ntype C C\nfunc f(a A, c C) { probe(a, c) }'))).toHaveLength(2);
  });
});

describe('types of Rust', () => {
  test('import aliases, type aliases and generics', () => {
    const files = rust(`
use std::collections::{BTreeMap as Sorted, HashMap};
use std::sync as s;
type Shared<T> = s::Arc<s::Mutex<T>>;
type Index = HashMap<String, Vec<u32>>;
type PortMap<V> = HashMap<u16, Vec<V>>;
fn f(a: Sorted<u8, u16>, b: Index, c: s::Arc<s::RwLock<Index>>, d: PortMap<String>, e: Shared<Index>) { probe(a, b, c, d, e); }
`);
    expect(containers(files)).toEqual([
      'BTreeMap',
      'HashMap',
      'HashMap: Arc RwLock shared',
      'HashMap',
      'HashMap: Arc Mutex shared',
    ]);
    expect(types(files)[3]).toBe('std::collections::HashMap<u16, Vec<String>>');
  });

  test('a type of this crate is not the one of std with its name', () => {
    const files = rust('pub struct HashMap { size: u8 }\nfn f(m: HashMap) { probe(m); }');
    expect(containers(files)).toEqual(['-']);
  });

  test('modules tell types of one name apart', () => {
    const files = {
      'src/lib.rs': 'mod a;\nmod b;\nfn f(x: a::Table, y: crate::b::Table) { probe(x.rows, y.rows); }',
      'src/a.rs': 'pub struct Table { pub rows: Vec<u8> }',
      'src/b.rs': 'pub struct Table { pub rows: std::collections::HashMap<u8, u8> }',
    };
    expect(types(files)).toEqual(['Vec<u8>', 'std::collections::HashMap<u8, u8>']);
  });

  test('a module is meant by where the file lies, by what it hands on, and by all that is taken of it', () => {
    const files = {
      'src/lib.rs': 'mod rest;\nmod jobs;',
      'src/jobs.rs': 'pub struct Table { pub rows: u8 }',
      'src/rest/mod.rs': 'mod own;\nmod whole;\nmod handed;\npub struct Table { pub rows: Vec<u8> }',
      'src/rest/own.rs': 'use super::Table;\nfn f(x: Table) { probe(x.rows); }',
      'src/rest/whole.rs': 'use super::*;\nfn f(x: Table) { probe(x.rows); }',
      'src/rest/handed.rs': 'use crate::rest::deep::Cell;\nfn f(x: Cell) { probe(x.rows); }',
      'src/cells.rs': 'pub struct Cell { pub rows: u8 }',
      'src/rest/deep/mod.rs': 'mod cell;\npub use cell::Cell;',
      'src/rest/deep/cell.rs': 'pub struct Cell { pub rows: Vec<u16> }',
    };
    expect(types(files).sort()).toEqual(['Vec<u16>', 'Vec<u8>', 'Vec<u8>']);
  });

  test('shards are one container', () => {
    const files = rust(`
use std::collections::HashMap;
use std::sync::{Mutex, RwLock};
struct Sharded { a: [Mutex<HashMap<u8, u8>>; 16], b: Vec<RwLock<HashMap<u8, u8>>>, c: Vec<Vec<u8>> }
impl Sharded {
    fn f(&self, i: usize) { probe(&self.a[i], self.b.get(i), &self.c[i]); }
}
`);
    expect(places(files)).toEqual(['Sharded.a', 'Sharded.b', 'Sharded.c[]']);
    const program = programOf(files);
    const { types: all } = Values.of(program);
    const [decl] = program.packages[0]!.typesNamed('Sharded');
    expect(decl!.fact.fields.map((f) => isSharded(all, all.at(decl!.file, f.type)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('what constructors and accessors give', () => {
    const files = rust(`
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
struct Store { jobs: Mutex<HashMap<String, Job>> }
struct Job { steps: Vec<String> }
impl Store {
    fn new() -> Self { todo!() }
    fn open(path: &str) -> Result<Store, Error> { todo!() }
}
fn f() -> Option<()> {
    let store = Arc::new(Store::new());
    let other = Store::open("x")?;
    probe(store, other, store.jobs.lock().unwrap());
    None
}
`);
    const program = programOf(files);
    const seen = probes(program).map(({ fn, node }) => typeText(Values.of(program).typeOf(fn, node)));
    expect(seen[0]).toBe('Arc<Store>');
    expect(seen[1]).toContain('Store');
    expect(seen[2]).toContain('HashMap');
  });
});
