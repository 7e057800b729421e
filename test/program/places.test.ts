import { describe, expect, test } from 'vitest';
import { Effects } from '../../src/program/places/effects.ts';
import { type Files, go, places, placeText, programOf, rust } from './build.ts';

/** Every effect on fields and globals as `grow Store.jobs`, in source order. */
function effects(files: Files): string[] {
  const program = programOf(files);
  const all = Effects.of(program);
  const seen = new Set<string>();
  const out: { at: number; text: string }[] = [];
  for (const pkg of program.packages) {
    const owners = pkg.types.flatMap((t) => t.fact.fields.map((f) => ({ owner: t, name: f.name })));
    const roots = [
      ...owners.map(({ owner, name }) => ({
        key: `F:${owner.id}.${name}`,
        name: `${owner.fact.name}.${name}`,
      })),
      ...pkg.globals.map((g) => ({ key: `G:${g.id}`, name: g.fact.name })),
    ];
    for (const { key, name } of roots)
      for (const e of all.on({ key, root: 'field', name, depth: 0 })) {
        const text = `${e.kind} ${name}`;
        const id = `${text} ${e.fn.id} ${e.node}`;
        if (seen.has(id)) continue;
        seen.add(id);
        out.push({ at: e.fn.code.start(e.node), text });
      }
  }
  return out.sort((a, b) => a.at - b.at).map((o) => o.text);
}

describe('places of Go', () => {
  test('a local that copies a map is the map; an element is one step in', () => {
    const files = go(`
type T struct { m map[string]map[string]int; list []string }
func (t *T) f(k string) {
	m := t.m
	inner := m[k]
	probe(m, m[k], inner, t.list[1:], &t.m)
	for key, v := range m { probe(key, v) }
}
`);
    expect(places(files)).toEqual(['T.m', 'T.m[]', 'T.m[]', 'T.list', 'T.m', 'f/key', 'T.m[]']);
  });

  test('an accessor that returns a place is that place, one that makes a value is not', () => {
    const files = go(`
type T struct { m map[string]int }
func (t *T) all() map[string]int { return t.m }
func fresh() map[string]int { m := map[string]int{}; return m }
func f(t *T) { probe(t.all(), fresh()) }
`);
    expect(places(files)).toEqual(['T.m', '-']);
  });

  test('helpers that get a container act on it', () => {
    const files = go(`
type T struct { jobs map[string]int }
func prune(jobs map[string]int) { for id := range jobs { delete(jobs, id) } }
func add(jobs map[string]int, id string) { jobs[id] = 1 }
func (t *T) f(id string) { prune(t.jobs); add(t.jobs, id) }
`);
    expect(effects(files)).toEqual(['remove T.jobs', 'grow T.jobs']);
  });

  test('methods of a container type act on what they are called on, and only on that', () => {
    const files = go(`
type set map[string]bool
func (s set) Add(k string) { s[k] = true }
func (s set) AddAll(ks []string) { for _, k := range ks { s.Add(k) } }
func (s set) Remove(k string) { delete(s, k) }
type stack []int
func (s *stack) Push(v int) { *s = append(*s, v) }
func (s *stack) Pop() { *s = (*s)[:len(*s)-1] }
type T struct { a, b set; c stack }
func (t *T) f(k string) {
	t.a.Add(k)
	t.b.AddAll([]string{k})
	t.b.Remove(k)
	t.c.Push(1)
	t.c.Pop()
}
`);
    expect(effects(files)).toEqual(['grow T.a', 'grow T.b', 'remove T.b', 'grow T.c', 'remove T.c']);
  });

  test('heaps, lists and synchronised maps', () => {
    const files = go(`
type queue []int
type T struct { q queue; l *list.List; m sync.Map }
func (t *T) f(k string) {
	heap.Push(&t.q, 1)
	heap.Pop(&t.q)
	t.l.PushBack(k)
	t.m.LoadOrStore(k, 1)
	t.m.Delete(k)
}
`);
    expect(effects(files)).toEqual(['grow T.q', 'remove T.q', 'grow T.l', 'grow T.m', 'remove T.m']);
  });

  test('slices: append adds, a shorter slice removes, anything else replaces', () => {
    const files = go(`
type T struct { s []int }
func (t *T) f(v int, other []int) {
	t.s = append(t.s, v)
	t.s = t.s[1:]
	t.s = append(t.s[:0], t.s[1:]...)
	t.s = append([]int(nil), t.s[2:]...)
	t.s = append([]int(nil), other...)
	t.s[0] = v
	t.s = nil
}
`);
    expect(effects(files)).toEqual([
      'grow T.s',
      'remove T.s',
      'remove T.s',
      'remove T.s',
      'reset T.s',
      'reset T.s',
    ]);
  });
});

describe('places of Rust', () => {
  test('what is put into itself by way of another field has an end of names', () => {
    const files = rust(`
struct Tree { parts: Vec<Vec<u8>>, rest: Vec<u8> }
impl Tree {
    fn descend(&mut self) { self.rest = self.parts[0]; }
    fn begin(&mut self, part: Vec<u8>) { self.parts = self.rest; self.rest.extend(part); }
}`);
    expect(effects(files)).toContain('grow Tree.rest');
  });

  test('guards lead to what they guard', () => {
    const files = rust(`
use std::collections::HashMap;
use std::sync::{Mutex, RwLock};
use std::cell::RefCell;
struct S { a: Mutex<HashMap<u8, u8>>, b: RwLock<HashMap<u8, u8>>, c: RefCell<HashMap<u8, u8>>, d: Option<HashMap<u8, u8>> }
impl S {
    async fn f(&mut self) {
        let mut g = self.a.lock().unwrap();
        probe(g, &mut *g, self.b.write().await, self.c.borrow_mut());
        if let Ok(mut held) = self.a.lock() { probe(held); }
        if let Some(map) = self.d.as_mut() { probe(map); }
        let Some(map) = &mut self.d else { return };
        probe(map);
        match self.a.try_lock() { Ok(inner) => probe(inner), Err(_) => {} }
        let d = self.d.get_or_insert_with(HashMap::new);
        probe(d);
    }
}
`);
    expect(places(files)).toEqual(['S.a', 'S.a', 'S.b', 'S.c', 'S.a', 'S.d', 'S.d', 'S.a', 'S.d']);
  });

  test('entries, elements and iterators', () => {
    const files = rust(`
use std::collections::HashMap;
struct S { m: HashMap<u8, Vec<u8>> }
impl S {
    fn f(&mut self, k: u8) {
        probe(self.m.entry(k).or_default(), self.m.get_mut(&k), self.m.values_mut());
        for v in self.m.values_mut() { probe(v); }
        if let Some(v) = self.m.get_mut(&k) { probe(v); }
        self.m.get_mut(&k).map(|v| probe(v));
    }
}
`);
    expect(places(files)).toEqual(['S.m[]', 'S.m[]', 'S.m', 'S.m[]', 'S.m[]', 'S.m[]']);
  });

  test('closures that are lent a thread local, and lazies', () => {
    const files = rust(`
use std::cell::RefCell;
use std::sync::{LazyLock, Mutex, OnceLock};
thread_local! { static LOCAL: RefCell<Vec<u8>> = RefCell::new(Vec::new()); }
static LAZY: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(Default::default);
fn once() -> &'static Mutex<Vec<u8>> {
    static ONCE: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();
    ONCE.get_or_init(Default::default)
}
fn f() {
    LOCAL.with(|l| probe(l.borrow_mut()));
    LOCAL.with_borrow_mut(|l| probe(l));
    probe(LAZY.lock().unwrap(), once().lock().unwrap());
}
`);
    expect(places(files)).toEqual(['LOCAL', 'LOCAL', 'LAZY', 'ONCE']);
  });

  test('an Arc that is cloned is the same memory; a map that is cloned is not', () => {
    const files = rust(`
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
struct S { shared: Arc<Mutex<HashMap<u8, u8>>>, own: HashMap<u8, u8> }
impl S {
    fn f(&self) {
        let shared = Arc::clone(&self.shared);
        let again = self.shared.clone();
        let own = self.own.clone();
        probe(shared, again, own);
    }
}
`);
    expect(places(files)).toEqual(['S.shared', 'S.shared', 'f/own']);
  });

  test('the Arc in a struct literal is the one that the sweeper got', () => {
    const files = rust(`
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
struct Store { jobs: Arc<Mutex<HashMap<u8, u8>>> }
async fn sweep(jobs: Arc<Mutex<HashMap<u8, u8>>>) { loop { jobs.lock().unwrap().retain(|_, v| *v > 0); } }
fn start() -> Store {
    let jobs = Arc::new(Mutex::new(HashMap::new()));
    tokio::spawn(sweep(jobs.clone()));
    Store { jobs }
}
impl Store { fn add(&self, k: u8) { self.jobs.lock().unwrap().insert(k, 1); } }
`);
    expect(effects(files)).toEqual(['remove Store.jobs', 'grow Store.jobs']);
  });

  test('a newtype that dereferences is what it wraps', () => {
    const files = rust(`
use std::collections::HashMap;
struct Table(HashMap<u8, u8>);
impl std::ops::Deref for Table { type Target = HashMap<u8, u8>; fn deref(&self) -> &HashMap<u8, u8> { &self.0 } }
struct S { table: Table }
impl S { fn f(&mut self, k: u8) { self.table.insert(k, 1); self.table.remove(&k); } }
`);
    expect(effects(files)).toEqual(['grow Table.0', 'remove Table.0']);
  });

  test('fields that a pattern takes out of a struct', () => {
    const files = rust(`
struct Inner { lines: Vec<String>, ids: Vec<u8> }
fn f(inner: &mut Inner) {
    let Inner { lines, ids: numbers } = inner;
    probe(lines, numbers);
}
`);
    expect(places(files)).toEqual(['Inner.lines', 'Inner.ids']);
  });

  test('a field of an object that nothing is known of', () => {
    expect(places(rust('fn f() { let s = unknown(); probe(s.rows, s.get()); }'))).toEqual(['?.rows', '-']);
  });
});

test('a place without a name reads as such', () => {
  expect(placeText(undefined)).toBe('-');
});
