import { describe, expect, test } from 'vitest';
import { bounds, go, rust } from './build.ts';

/** Name, what `add` does, further declarations, the reason, the type of `m` where it is another. */
type Case = readonly [string, string, string, string | undefined, string?];

/** What bounds the map `m` of a Go type whose method `add` runs per request. */
function goMap(add: string, more = '', type: string | undefined = 'map[string]int'): string | undefined {
  return bounds(
    go(`
const max = 100
type T struct { mu sync.Mutex; m ${type}; other map[string]int }
func (t *T) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k := r.URL.Path
	${add}
}
${more}
`),
  ).m;
}

/** What bounds the map `m` of a Rust type whose method `add` runs per request. */
function rustMap(
  add: string,
  more = '',
  type: string | undefined = 'Mutex<HashMap<String, u8>>',
): string | undefined {
  return bounds(
    rust(`
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, RwLock};
use axum::extract::State;
const MAX: usize = 100;
pub struct T { m: ${type}, other: Mutex<HashMap<String, u8>> }
async fn h(State(t): State<Arc<T>>, k: String) { t.add(k); }
impl T { fn add(&self, k: String) { ${add} } }
${more}
`),
  ).m;
}

describe('bounds of Go maps', () => {
  const cases: readonly Case[] = [
    // removed
    ['delete under another name', 't.m[k] = 1; m := t.m; delete(m, k)', '', 'removed'],
    [
      'delete in a sweeper',
      't.m[k] = 1',
      'func (t *T) sweep() { for k := range t.m { delete(t.m, k) } }',
      'removed',
    ],
    [
      'delete in a deferred call',
      't.m[k] = 1; defer t.forget(k)',
      'func (t *T) forget(k string) { delete(t.m, k) }',
      'removed',
    ],
    [
      'delete in a returned closure',
      't.m[k] = 1',
      'func (t *T) cancel(k string) func() { return func() { delete(t.m, k) } }',
      'removed',
    ],
    ['a new map now and then', 't.m[k] = 1', 'func (t *T) reset() { t.m = map[string]int{} }', 'removed'],
    [
      'two generations',
      't.m[k] = 1',
      'func (t *T) rotate() { t.other, t.m = t.m, map[string]int{} }',
      'removed',
    ],
    [
      'delete of one key when it closes',
      't.m[k] = 1',
      'func (t *T) Close(k string) { delete(t.m, k) }',
      'removed',
    ],
    // not removed
    [
      'delete from the inner map only',
      't.m[k] = map[string]int{}; delete(t.m[k], k)',
      '',
      'unbounded',
      'map[string]map[string]int',
    ],
    ['delete from another map', 't.m[k] = 1; delete(t.other, k)', '', 'unbounded'],
    [
      'the end of the owner',
      't.m[k] = 1',
      'func (t *T) Close() { for k := range t.m { delete(t.m, k) }; t.m = nil }',
      'unbounded',
    ],
    [
      'the constructor',
      't.m[k] = 1',
      'func NewT() *T { t := &T{}; t.m = map[string]int{}; return t }',
      'unbounded',
    ],
    ['made when it is nil', 'if t.m == nil { t.m = map[string]int{} }; t.m[k] = 1', '', 'unbounded'],
    [
      'eviction beside another insert',
      't.m[k] = 1',
      'func (t *T) put(k string) { if len(t.m) > max { for o := range t.m { delete(t.m, o); break } }; t.m[k] = 1 }',
      'unbounded + removed',
    ],
    // size
    ['a test that refuses', 'if len(t.m) >= max { return }; t.m[k] = 1', '', 'size-tested'],
    ['a test around the insert', 'if len(t.m) < max { t.m[k] = 1 }', '', 'size-tested'],
    [
      'a test in a helper',
      'if t.full() { return }; t.m[k] = 1',
      'func (t *T) full() bool { return len(t.m) >= max }',
      'size-tested',
    ],
    ['a test for emptiness', 'if len(t.m) == 0 { return }; t.m[k] = 1', '', 'unbounded'],
    ['a test of another map', 'if len(t.other) >= max { return }; t.m[k] = 1', '', 'unbounded'],
    ['a length that is only logged', 'fmt.Println(len(t.m)); t.m[k] = 1', '', 'unbounded'],
    // keys
    ['a constant key', 't.m["hits"]++', '', 'closed-keys'],
    [
      'constants from all callers',
      't.count("a"); t.count("b")',
      'func (t *T) count(k string) { t.m[k]++ }',
      'closed-keys',
    ],
    [
      'a constant from one caller only',
      't.count("a"); t.count(k)',
      'func (t *T) count(k string) { t.m[k]++ }',
      'unbounded',
    ],
    [
      'an enumeration',
      't.m[level(len(k))]++',
      'type level int\nconst low level = 0\n',
      'closed-keys',
      'map[level]int',
    ],
    ['a type without constants', 't.m[id(len(k))]++', 'type id int\n', 'unbounded', 'map[id]int'],
    ['a byte', 't.m[k[0]]++', '', 'closed-keys', 'map[byte]int'],
    ['a switch over constants', 'switch k { case "a", "b": t.m[k]++ }', '', 'closed-keys'],
    [
      'a comparison with a constant',
      'if k == "a" || k == "b" { t.other[k]++ }; if k == "c" { t.m[k]++ }',
      '',
      'closed-keys',
    ],
    [
      'a member of a closed set',
      'if !allowed[k] { return }; t.m[k]++',
      'var allowed = map[string]bool{"a": true}',
      'closed-keys',
    ],
    [
      'a member of a set that grows',
      'if !seen[k] { seen[k] = true; return }; t.m[k]++',
      'var seen = map[string]bool{}',
      'unbounded',
    ],
    [
      'not a member of a closed set',
      'if denied[k] { return }; t.m[k]++',
      'var denied = map[string]bool{"a": true}',
      'unbounded',
    ],
    [
      'another key is a member',
      'if !allowed[r.Host] { return }; t.m[k]++',
      'var allowed = map[string]bool{"a": true}',
      'unbounded',
    ],
    ['only keys that are there', 'if _, ok := t.m[k]; ok { t.m[k] = 1 }', '', 'existing-keys'],
    [
      'only keys that are there, by early return',
      'v, ok := t.m[k]; if !ok { return }; t.m[k] = v + 1',
      '',
      'existing-keys',
    ],
    ['only keys that are not there', 'if _, ok := t.m[k]; !ok { t.m[k] = 1 }', '', 'unbounded'],
    ['another key is there', 'if _, ok := t.m[r.Host]; ok { t.m[k] = 1 }', '', 'unbounded'],
    // lists
    [
      'a list cut to its end',
      't.m = append(t.m, k); if len(t.m) > max { t.m = t.m[len(t.m)-max:] }',
      '',
      'removed',
      '[]string',
    ],
    [
      'a list filtered into itself',
      't.m = append(t.m, k)',
      'func (t *T) gc() { kept := t.m[:0]; for _, x := range t.m { if x != "" { kept = append(kept, x) } }; t.m = kept }',
      'removed',
      '[]string',
    ],
    ['a list that only grows', 't.m = append(t.m, k)', '', 'unbounded', '[]string'],
    ['an index into a list', 't.m[len(k)] = k', '', undefined, '[]string'],
  ];
  for (const [name, add, more, expected, type] of cases)
    test(name, () => expect(goMap(add, more, type)).toBe(expected));

  test('when it runs, and what it works on', () => {
    expect(
      bounds(
        go(`
var routes = map[string]int{}
var both = map[string]int{}
func register(k string) { routes[k] = 1 }
type T struct { built map[string]int; loop map[string]int }
func NewT(ks []string) *T {
	t := &T{built: map[string]int{}}
	for _, k := range ks { t.built[k] = 1 }
	t.fill(ks)
	return t
}
func (t *T) fill(ks []string) { for _, k := range ks { t.built[k] = 2 } }
func (t *T) run(in chan string) { for { select { case k := <-in: t.loop[k] = 1 } } }
func main() {
	for _, k := range os.Args { register(k); both[k] = 1 }
	t := NewT(nil)
	go t.run(nil)
}
func h(w http.ResponseWriter, r *http.Request) { both[r.URL.Path] = 1 }
`),
      ),
    ).toEqual({
      routes: 'start-up-only',
      both: 'start-up-only + unbounded',
      built: 'fresh-value',
      loop: 'unbounded',
    });
  });

  test('the word of an author, at the declaration or at the insert', () => {
    expect(
      bounds(
        go(`
// headroom: bounded -- our own paths
var a = map[string]int{}
var b = map[string]int{} // headroom: bounded -- our own paths
var c, d = map[string]int{}, map[string]int{}
// headroom: bounded
var e = map[string]int{}
func h(w http.ResponseWriter, r *http.Request) {
	a[r.URL.Path]++
	b[r.URL.Path]++
	// headroom: bounded -- our own paths
	c[r.URL.Path]++
	d[r.URL.Path]++
	e[r.URL.Path]++
}
`),
      ),
    ).toEqual({
      a: 'declared-bounded',
      b: 'declared-bounded',
      c: 'declared-bounded',
      d: 'unbounded',
      e: 'unbounded',
    });
  });
});

describe('bounds of Rust maps', () => {
  const insert = 'self.m.lock().unwrap().insert(k, 1);';
  const cases: readonly Case[] = [
    // removed
    [
      'retain in a function that gets the Arc',
      insert,
      'fn sweep(m: &Mutex<HashMap<String, u8>>) { m.lock().unwrap().retain(|_, v| *v > 0); }\nfn start(t: &T) { sweep(&t.m); }',
      'removed',
    ],
    [
      'remove when a guard is dropped',
      insert,
      "struct G<'a>(&'a T, String);\nimpl Drop for G<'_> { fn drop(&mut self) { self.0.m.lock().unwrap().remove(&self.1); } }",
      'removed',
    ],
    [
      'take of the whole',
      insert,
      'impl T { fn flush(&self) { let all = std::mem::take(&mut *self.m.lock().unwrap()); } }',
      'removed',
    ],
    [
      'swap',
      insert,
      'impl T { fn flush(&self, n: &mut HashMap<String, u8>) { std::mem::swap(&mut *self.m.lock().unwrap(), n); } }',
      'removed',
    ],
    [
      'a new map in its place',
      insert,
      'impl T { fn reset(&self) { *self.m.lock().unwrap() = HashMap::new(); } }',
      'removed',
    ],
    [
      'the entry when it is occupied',
      insert,
      'impl T { fn done(&self, k: String) { if let Entry::Occupied(e) = self.m.lock().unwrap().entry(k) { e.remove(); } } }',
      'removed',
    ],
    [
      'truncate',
      'let mut m = self.m.lock().unwrap(); m.insert(0, k); m.truncate(MAX);',
      '',
      'removed',
      'Mutex<Vec<String>>',
    ],
    [
      'clear when it is full',
      'let mut m = self.m.lock().unwrap(); if m.len() > MAX { m.clear(); } m.insert(k, 1);',
      '',
      'removed',
    ],
    [
      'pop while it is full',
      'let mut m = self.m.lock().unwrap(); while m.len() >= MAX { m.pop_front(); } m.push_back(k);',
      '',
      'removed',
      'Mutex<VecDeque<String>>',
    ],
    // not removed
    [
      'drop of the owner',
      insert,
      'impl Drop for T { fn drop(&mut self) { self.m.lock().unwrap().clear(); } }',
      'unbounded',
    ],
    [
      'close of the owner',
      insert,
      'impl T { fn close(&self) { self.m.lock().unwrap().clear(); } }',
      'unbounded',
    ],
    [
      'removal from what is inside',
      'self.m.lock().unwrap().entry(k.clone()).or_default().remove(&k);',
      '',
      'unbounded',
      'Mutex<HashMap<String, HashSet<String>>>',
    ],
    ['removal from another map', `${insert} self.other.lock().unwrap().clear();`, '', 'unbounded'],
    ['take of an iterator', `${insert} self.m.lock().unwrap().values().take(3).count();`, '', 'unbounded'],
    // size
    [
      'a test that refuses',
      'let mut m = self.m.lock().unwrap(); if m.len() >= MAX { return; } m.insert(k, 1);',
      '',
      'size-tested',
    ],
    [
      'a test in a match',
      'let mut m = self.m.lock().unwrap(); match m.len() { 0..=99 => { m.insert(k, 1); } _ => {} }',
      '',
      'size-tested',
    ],
    [
      'a test in a helper that gets the map',
      'let mut m = self.m.lock().unwrap(); if room(&m) { m.insert(k, 1); }',
      'fn room(m: &HashMap<String, u8>) -> bool { m.len() < MAX }',
      'size-tested',
    ],
    [
      'a test for emptiness',
      'let mut m = self.m.lock().unwrap(); if m.is_empty() { return; } m.insert(k, 1);',
      '',
      'unbounded',
    ],
    [
      'a test for one',
      'let mut m = self.m.lock().unwrap(); if m.len() > 1 { log(); } m.insert(k, 1);',
      '',
      'unbounded',
    ],
    // keys
    [
      'an enumeration',
      'self.m.lock().unwrap().insert(Level::of(&k), 1);',
      'pub enum Level { Low, High }',
      'closed-keys',
      'Mutex<HashMap<Level, u8>>',
    ],
    [
      'an enumeration that carries text',
      'self.m.lock().unwrap().insert(Level::Other(k), 1);',
      'pub enum Level { Low, Other(String) }',
      'unbounded',
      'Mutex<HashMap<Level, u8>>',
    ],
    [
      'static text',
      'self.m.lock().unwrap().insert(name(&k), 1);',
      '',
      'closed-keys',
      "Mutex<HashMap<&'static str, u8>>",
    ],
    [
      'a constant turned into a String',
      'self.m.lock().unwrap().insert("hits".to_string(), 1);',
      '',
      'closed-keys',
    ],
    [
      'the first index of a list',
      'self.m.lock().unwrap().insert(0, k);',
      '',
      'unbounded',
      'Mutex<Vec<String>>',
    ],
    [
      'a member of a closed set',
      'if !ALLOWED.contains(&k.as_str()) { return; } self.m.lock().unwrap().insert(k, 1);',
      'static ALLOWED: [&str; 2] = ["a", "b"];',
      'closed-keys',
    ],
    [
      'found with a question mark',
      'let _ = self.find(&k);',
      'impl T { fn find(&self, k: &str) -> Option<()> { let n = LIMITS.get(k)?; self.m.lock().unwrap().insert(k.to_string(), *n); None } }\nstatic LIMITS: LazyLock<HashMap<String, u8>> = LazyLock::new(read);',
      'closed-keys',
    ],
    [
      'only keys that are there',
      'let mut m = self.m.lock().unwrap(); if m.contains_key(&k) { m.insert(k, 1); }',
      '',
      'existing-keys',
    ],
    [
      'only keys that are there, by let else',
      'let mut m = self.m.lock().unwrap(); let Some(_) = m.get(&k) else { return }; m.insert(k, 1);',
      '',
      'existing-keys',
    ],
    [
      'another key is there',
      'let mut m = self.m.lock().unwrap(); if m.contains_key("x") { m.insert(k, 1); }',
      '',
      'unbounded',
    ],
    ['a plain insert', insert, '', 'unbounded'],
  ];
  for (const [name, add, more, expected, type] of cases)
    test(name, () => expect(rustMap(add, more, type)).toBe(expected));

  test('what has just been made, and what runs at the start', () => {
    expect(
      bounds(
        rust(`
use std::collections::HashMap;
use std::sync::Mutex;
static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
struct Table { rows: HashMap<String, u8>, kept: HashMap<String, u8> }
impl Table {
    fn load(text: &str) -> Self {
        let mut table = Table::default();
        for line in text.lines() { table.rows.insert(line.to_string(), 1); }
        table.more();
        table
    }
    fn more(&mut self) { self.rows.insert(String::new(), 2); }
    fn with(mut self, k: String) -> Self { self.rows.insert(k, 3); self }
    fn keep(&mut self, k: String) { self.kept.insert(k, 4); }
}
fn register(name: String) { NAMES.lock().unwrap().push(name); }
fn main() { register("a".to_string()); }
`),
      ),
    ).toEqual({ NAMES: 'start-up-only', rows: 'fresh-value', kept: 'unbounded' });
  });
});
