import { describe, expect, test } from 'vitest';
import { go, lives, phase, rust } from './build.ts';

describe('when Go functions run', () => {
  const calls = (by: string) => go(`func work() {}\n${by}`);

  test.each([
    ['a handler by its signature', 'func h(w http.ResponseWriter, r *http.Request) { work() }', 'request'],
    [
      'ServeHTTP',
      'type s struct{}\nfunc (s) ServeHTTP(w http.ResponseWriter, r *http.Request) { work() }',
      'request',
    ],
    [
      'a closure that handles',
      'func main() { http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { work() }) }',
      'request',
    ],
    ['a registered function', 'func h(x any) { work() }\nfunc main() { bus.Subscribe("x", h) }', 'request'],
    ['an accept loop', 'func s(l net.Listener) { for { c, _ := l.Accept(); _ = c; work() } }', 'request'],
    ['a select loop', 'func s(c chan int) { for { select { case <-c: work() } } }', 'request'],
    ['a ticker', 'func s() { for range time.Tick(time.Second) { work() } }', 'request'],
    [
      'a loop until it is stopped',
      'func s(ctx context.Context) { for ctx.Err() == nil { time.Sleep(1); work() } }',
      'request',
    ],
    ['a channel that may be closed', 'func s(c chan int) { for range c { work() } }', 'likely'],
    [
      'a name like an event',
      'func onMessage() { helper() }\nfunc helper() { work() }\nfunc HandleJob() { work() }',
      'likely',
    ],
    ['main', 'func main() { work() }', 'start-up'],
    [
      'a command in the value of a variable',
      'var cmd = &cobra.Command{Use: "serve", RunE: func(c *cobra.Command, args []string) error { return serve() }}\nfunc serve() error { work(); return nil }',
      'start-up',
    ],
    [
      'a function that such a command is given',
      'var cmd = &cobra.Command{Run: run}\nfunc run(c *cobra.Command, args []string) { work() }',
      'start-up',
    ],
    [
      'what a table keeps for later',
      'var table = map[string]func(){"a": func() { Exported() }}\nfunc Exported() { work() }',
      'api',
    ],
    ['init', 'func init() { work() }', 'start-up'],
    [
      'a constructor that main calls',
      'type s struct{}\nfunc NewS() *s { work(); return nil }\nfunc main() { NewS() }',
      'start-up',
    ],
    ['a loop that counts', 'func main() { for i := 0; i < 9; i++ { work() } }', 'start-up'],
    [
      'once',
      'var once sync.Once\nfunc h(w http.ResponseWriter, r *http.Request) { once.Do(func() { work() }) }',
      'start-up',
    ],
    ['nobody', 'func Exported() { work() }', 'api'],
    [
      'a handler behind an interface',
      'type doer interface{ Do() }\ntype real struct{}\nfunc (real) Do() { work() }\nfunc h(d doer) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { d.Do() } }',
      'request',
    ],
    [
      'a method value',
      'type s struct{}\nfunc (s) x(w http.ResponseWriter, r *http.Request) { work() }\nfunc main() { http.HandleFunc("/", s{}.x) }',
      'request',
    ],
    [
      'a function that sends the request it is given',
      'func Send(r *http.Request) error { work(); _, err := http.DefaultClient.Do(r); return err }',
      'api',
    ],
    [
      'a handler that sends on the request it is given',
      'func Send(w http.ResponseWriter, r *http.Request) { work(); http.DefaultClient.Do(r) }',
      'request',
    ],
    [
      'a method whose name two types have, on an object of unknown type',
      'type a struct{}\nfunc (a) Add(n int) { work() }\ntype b struct{}\nfunc (b) Add(n int) {}\nfunc h(w http.ResponseWriter, r *http.Request) { lib.New().Add(1) }',
      'guess',
    ],
    [
      'a method whose name one type has, on an object of unknown type',
      'type a struct{}\nfunc (a) Add(n int) { work() }\nfunc h(w http.ResponseWriter, r *http.Request) { lib.New().Add(1) }',
      'request',
    ],
    [
      'a method that takes other arguments',
      'type a struct{}\nfunc (a) Add(n int) { work() }\nfunc h(w http.ResponseWriter, r *http.Request) { lib.New().Add("a", 1) }',
      'api',
    ],
    [
      'a method of another shape than that of the interface',
      'type doer interface{ Do(n int) }\ntype real struct{}\nfunc (real) Do() { work() }\nfunc h(d doer) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { d.Do(1) } }',
      'api',
    ],
    [
      'a type that has only one method of the interface, and a mutex',
      'type doer interface{ Do(); Undo() }\ntype real struct{ sync.Mutex }\nfunc (*real) Do() { work() }\nfunc h(d doer) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { d.Do() } }',
      'api',
    ],
    [
      'a type whose other method is brought by what it embeds',
      'type doer interface{ Do(); Undo() }\ntype base struct{}\nfunc (base) Undo() {}\ntype real struct{ base }\nfunc (*real) Do() { work() }\nfunc h(d doer) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { d.Do() } }',
      'request',
    ],
  ])('%s', (_, by, expected) => {
    expect(phase(calls(by), 'work')).toBe(expected);
  });

  test('a type stands behind an interface where a package can know both', () => {
    const files = (main: string) => ({
      'go.mod': 'module m\n',
      'job/a.go': 'package job\ntype Job interface{ Run() }\nfunc Each(j Job) {}\n',
      'disk/b.go': 'package disk\ntype Disk struct{}\nfunc (*Disk) Run() { work() }\nfunc work() {}\n',
      'web/c.go':
        'package web\nimport ("net/http"; "m/job")\nfunc H(j job.Job) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { j.Run() } }\n',
      'start/d.go': 'package start\nimport "m/disk"\nfunc Start() { new(disk.Disk) }\n',
      'main.go': `package main\n${main}`,
    });
    expect(
      phase(files('import ("m/start"; "m/web")\nfunc main() { start.Start(); web.H(nil) }'), 'work'),
    ).toBe('api');
    expect(phase(files('import ("m/disk"; "m/web")\nfunc main() { web.H(&disk.Disk{}) }'), 'work')).toBe(
      'request',
    );
  });

  test('what a test calls says nothing', () => {
    const files = {
      'go.mod': 'module m\n',
      'a.go': 'package m\nfunc work() {}\n',
      'a_test.go':
        'package m\nimport "net/http"\nfunc h(w http.ResponseWriter, r *http.Request) { work() }\n',
    };
    expect(phase(files, 'work')).toBe('nothing');
  });

  test('callers are found across packages', () => {
    const files = {
      'go.mod': 'module m\n',
      'store/a.go': 'package store\nfunc Work() {}\n',
      'web/b.go':
        'package web\nimport ("net/http"; "m/store")\nfunc h(w http.ResponseWriter, r *http.Request) { store.Work() }\n',
    };
    expect(phase(files, 'Work')).toBe('request');
  });
});

describe('when Rust functions run', () => {
  const calls = (by: string) => rust(`fn work() {}\n${by}`);

  test.each([
    ['an axum handler', 'use axum::extract::State;\nasync fn h(State(s): State<App>) { work() }', 'request'],
    ['a route attribute', '#[get("/x")]\nasync fn h() { work() }', 'request'],
    [
      'a service',
      'struct S;\nimpl tower::Service<R> for S { fn call(&mut self, r: R) { work() } }',
      'request',
    ],
    [
      'a tonic method',
      'struct S;\n#[tonic::async_trait]\nimpl Greeter for S { async fn hello(&self, r: tonic::Request<Hello>) -> R { work() } }',
      'request',
    ],
    [
      'an accept loop',
      'async fn s(l: TcpListener) { loop { let (c, _) = l.accept().await.unwrap(); work(); } }',
      'request',
    ],
    [
      'incoming connections',
      'fn s(l: std::net::TcpListener) { for c in l.incoming().flatten() { work(); } }',
      'request',
    ],
    [
      'an actor',
      'async fn s(mut rx: Receiver<u8>) { while let Some(m) = rx.recv().await { work(); } }',
      'request',
    ],
    ['an interval', 'async fn s() { let mut t = interval(D); loop { t.tick().await; work(); } }', 'request'],
    ['a channel that ends', 'fn s(rx: std::sync::mpsc::Receiver<u8>) { for m in rx { work(); } }', 'likely'],
    [
      'a spawned closure in a loop',
      'async fn s(l: TcpListener) { loop { let c = l.accept().await; tokio::spawn(async move { work(); }); } }',
      'request',
    ],
    ['main', 'fn main() { work(); }', 'start-up'],
    [
      'a lazy value',
      'static X: std::sync::LazyLock<u8> = std::sync::LazyLock::new(|| 1);\nfn init() { work(); }\nfn main() { init(); }',
      'start-up',
    ],
    [
      'get_or_init in a handler',
      'async fn h(State(s): State<App>) { CELL.get_or_init(|| work()); }',
      'start-up',
    ],
    ['nobody', 'pub fn exported() { work(); }', 'api'],
    [
      'a method by its name, which one type alone has',
      'struct S;\nimpl S { fn flush_pages(&self) { work(); } }\nasync fn h(State(s): State<App>) { s.store().flush_pages(); }',
      'request',
    ],
    [
      'a method by its name, which several types have',
      'struct S;\nimpl S { fn fill(&self) { work(); } }\nstruct T;\nimpl T { fn fill(&self) {} }\nasync fn h(State(s): State<App>) { s.store().fill(); }',
      'guess',
    ],
    [
      'a method by a name that anything may have',
      'struct S;\nimpl S { fn start(&self) { work(); } }\nasync fn h(State(s): State<App>) { s.store().start(); }',
      'guess',
    ],
    [
      'a method by the name of one of the standard library',
      'struct S;\nimpl S { fn insert(&self) { work(); } }\nasync fn h(State(s): State<App>) { s.store().insert(); }',
      'api',
    ],
    [
      'an iterator made of a closure',
      'use std::iter;\nfn h() -> impl Iterator<Item = u8> { iter::from_fn(|| { work(); None }) }\nfn main() { h(); }',
      'start-up',
    ],
  ])('%s', (_, by, expected) => {
    expect(phase(calls(by), 'work')).toBe(expected);
  });

  test('what stands in a test module says nothing', () => {
    expect(
      phase(calls('#[cfg(test)]\nmod tests { async fn h(State(s): State<u8>) { super::work(); } }'), 'work'),
    ).toBe('nothing');
  });
});

describe('how long owners live', () => {
  test('globals, locks, handlers and loops make an owner live long', () => {
    expect(
      lives(
        go(`
var global = map[string]int{}
type locked struct { mu sync.Mutex; a map[string]int }
func NewLocked() *locked { return &locked{a: map[string]int{}} }
type handler struct { b map[string]int }
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.b["x"] = 1 }
type looping struct { c map[string]int }
func (l *looping) run(in chan string) { for { select { case k := <-in: l.c[k] = 1 } } }
type part struct { d map[string]int }
type whole struct { mu sync.Mutex; p part }
type UserStore struct { e map[string]int }
type plain struct { f map[string]int }
func use(k string, l *locked, w *whole, u *UserStore, p *plain) {
	global[k] = 1
	l.a[k] = 1
	w.p.d[k] = 1
	u.e[k] = 1
	p.f[k] = 1
}
`),
      ),
    ).toEqual({
      global: 'long',
      a: 'long',
      b: 'long',
      c: 'long',
      // Nobody makes a value of `whole` in sight.
      d: 'likely long',
      e: 'likely long',
      f: 'unknown',
    });
  });

  test('what a request makes ends with it, however many functions lie between', () => {
    expect(
      lives(
        go(`
type page struct { words map[string]int }
func newPage() *page { return &page{words: map[string]int{}} }
func build() *page { p := newPage(); return p }
func (p *page) add(w string) { p.words[w]++ }
func h(w http.ResponseWriter, r *http.Request) {
	p := build()
	fill(p, r.URL.Path)
	local := map[string]int{}
	local[r.URL.Path]++
}
func fill(p *page, w string) { p.add(w) }
`),
      ),
    ).toEqual({ words: 'short', local: 'short' });
  });

  test('one of several makers that keeps what it made is enough', () => {
    expect(
      lives(
        go(`
type page struct { words map[string]int }
type cache struct { mu sync.Mutex; last *page }
func (p *page) add(w string) { p.words[w]++ }
func (c *cache) h(w http.ResponseWriter, r *http.Request) {
	p := &page{words: map[string]int{}}
	p.add("x")
	c.last = &page{}
}
`),
      ).words,
    ).not.toBe('short');
  });

  test('Rust: shared through Arc, static, or local to an actor', () => {
    expect(
      lives(
        rust(`
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
static GLOBAL: Mutex<Vec<u8>> = Mutex::new(Vec::new());
struct Shared { a: HashMap<String, u8> }
struct App { shared: Arc<Mutex<Shared>>, b: Mutex<HashMap<String, u8>> }
struct Plain { c: Vec<u8> }
impl App {
    fn add(&self, k: String) {
        GLOBAL.lock().unwrap().push(1);
        self.shared.lock().unwrap().a.insert(k.clone(), 1);
        self.b.lock().unwrap().insert(k, 1);
    }
}
impl Plain { fn add(&mut self) { self.c.push(1); } }
async fn actor(mut rx: Receiver<String>) {
    let mut seen = HashSet::new();
    while let Some(k) = rx.recv().await { seen.insert(k); }
}
fn call(words: &[String]) -> usize {
    let mut unique = HashSet::new();
    for w in words { unique.insert(w); }
    unique.len()
}
`),
      ),
    ).toEqual({
      GLOBAL: 'long',
      a: 'long',
      b: 'long',
      c: 'unknown',
      seen: 'long',
      unique: 'short',
    });
  });

  test('a loop that collects and then answers does not keep', () => {
    expect(
      lives(
        rust(`
async fn collect(mut rx: Receiver<u8>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(m) = rx.recv().await { all.push(m); }
    all
}
`),
      ),
    ).toEqual({ all: 'short' });
  });

  test('a loop over what workers send until all of them have ended does not keep', () => {
    const text = (closing: string) =>
      go(`
type tally struct { failed map[string]int }
func run(results chan string, workers *sync.WaitGroup, done chan int) {
	t := &tally{failed: map[string]int{}}
	go func() { ${closing}; close(results) }()
	for name := range results { t.failed[name]++ }
}
`);
    expect(lives(text('workers.Wait()')).failed).not.toBe('long');
    expect(lives(text('<-done')).failed).toBe('long');
  });
});
