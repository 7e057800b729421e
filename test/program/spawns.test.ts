import { describe, expect, test } from 'vitest';
import { go, rust, spawns } from './build.ts';

describe('spawns of Go', () => {
  const handler = (body: string) =>
    `func work(s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) {\n\tvar names []string\n\t_ = json.NewDecoder(r.Body).Decode(&names)\n${body}\n}\n`;
  const loop = (body: string) =>
    `func work(c net.Conn) {}\nfunc s(l net.Listener) {\n\tfor {\n\t\tc, err := l.Accept()\n${body}\n\t}\n}\n`;

  test.each([
    ['a handler', handler('go work(names[0])'), 'h: per request'],
    ['items of a request', handler('for _, n := range names { go work(n) }'), 'h: per item'],
    ['items by index', handler('for i := 0; i < len(names); i++ { go work(names[i]) }'), 'h: per item'],
    [
      'items by a length with a name',
      handler('n := len(names); for i := 0; i < n; i++ { go work(names[i]) }'),
      'h: per item',
    ],
    [
      'lines of a request',
      handler('s := bufio.NewScanner(r.Body); for s.Scan() { go work(s.Text()) }'),
      'h: per item',
    ],
    ['an accept loop', loop('go work(c)'), 's: per connection'],
    [
      'an accept loop that pauses after an error',
      loop('if err != nil { time.Sleep(1); continue }; go work(c)'),
      's: per connection',
    ],
    ['arguments of a closure', loop('go func(c net.Conn) { work(c) }(c)'), 's: per connection'],
    ['two for each connection', loop('for i := 0; i < 2; i++ { go work(c) }'), 's: per connection'],
    ['a helper', loop('start(c)').concat('func start(c net.Conn) { go work(c) }'), 'start: per connection'],
    [
      'a permit in the goroutine',
      handler(
        'sem := make(chan bool, 9); for _, n := range names { go func(n string) { sem <- true; work(n) }(n) }',
      ),
      'h: per item',
    ],
    [
      'a permit for another loop',
      handler(
        'sem := make(chan bool, 9); for range names { sem <- true }; for _, n := range names { go work(n) }',
      ),
      'h: per item',
    ],
    [
      'a group without a limit',
      `import "golang.org/x/sync/errgroup"\n${handler('var g errgroup.Group; for _, n := range names { g.Go(func() error { work(n); return nil }) }')}`,
      'h: per item',
    ],
    // limited
    [
      'a slot',
      handler(
        'sem := make(chan bool, 9); for _, n := range names { sem <- true; go func(n string) { work(n); <-sem }(n) }',
      ),
      'h: permit',
    ],
    ['a counter', loop('if atomic.LoadInt64(&active) > 9 { c.Close(); continue }; go work(c)'), 's: counted'],
    [
      'a group with a limit',
      `import "golang.org/x/sync/errgroup"\n${handler('var g errgroup.Group; g.SetLimit(9); for _, n := range names { g.Go(func() error { work(n); return nil }) }')}`,
      'h: group-limit',
    ],
    ['a chosen number', handler('for i := 0; i < 4; i++ { go work(names[i]) }'), 'h: fixed-number'],
    ['a number range', handler('for i := range 4 { go work(names[i]) }'), 'h: fixed-number'],
    [
      'a batch that is awaited',
      handler(
        'for len(names) > 0 { var wg sync.WaitGroup; for i := 0; i < 4; i++ { wg.Add(1); go work(names[i]) }; wg.Wait() }',
      ),
      'h: fixed-number',
    ],
    [
      'one at a time',
      loop('done := make(chan bool); go func() { work(c); close(done) }(); <-done'),
      's: joined',
    ],
    [
      'a goroutine that the handler waits for',
      handler('done := make(chan bool); go func() { work(names[0]); close(done) }(); <-done'),
      'h: joined',
    ],
    [
      'the context of the request',
      handler('ctx := r.Context(); go func() { <-ctx.Done(); work(names[0]) }()'),
      'h: request-scoped',
    ],
    [
      'a ticker',
      'func work(t time.Time) {}\nfunc s() { t := time.NewTicker(1); for { select { case now := <-t.C: go work(now) } } }',
      's: timer',
    ],
    [
      'a service that is started again',
      'type m struct{}\nfunc (m *m) Start(ctx context.Context) { go m.loop(ctx) }\nfunc (m *m) loop(ctx context.Context) {}\nfunc s(c chan int) { for { select { case <-c: ctx := context.Background(); x := &m{}; x.Start(ctx) } } }',
      'Start: nothing',
    ],
    ['main', 'func work() {}\nfunc main() { go work() }', 'main: nothing'],
  ])('%s', (_, text, expected) => {
    expect(spawns(go(text))[0]).toBe(expected);
  });

  test('a limit on connections limits what they start', () => {
    const files = go(
      'import "golang.org/x/net/netutil"\nfunc work(c net.Conn) {}\nfunc main() { l, _ := net.Listen("tcp", ":1"); l = netutil.LimitListener(l, 9); for { c, _ := l.Accept(); go work(c) } }',
    );
    expect(spawns(files)).toEqual(['main: admission']);
  });
});

describe('spawns of Rust', () => {
  const handler = (body: string) =>
    `use axum::Json;\nasync fn work(s: String) {}\nasync fn h(Json(names): Json<Vec<String>>) {\n${body}\n}\n`;
  const loop = (body: string) =>
    `use tokio::net::{TcpListener, TcpStream};\nasync fn work(c: TcpStream) {}\nasync fn s(l: TcpListener) {\n    loop {\n        let (c, _) = l.accept().await.unwrap();\n${body}\n    }\n}\n`;

  test.each([
    ['a handler', handler('tokio::spawn(async move { work(names.concat()).await });'), 'h: per request'],
    ['items of a request', handler('for n in names { tokio::spawn(work(n)); }'), 'h: per item'],
    [
      'items taken one by one',
      handler('while let Some(n) = names.pop() { tokio::spawn(work(n)); }'),
      'h: per item',
    ],
    ['an import of the function', `use tokio::task::spawn;\n${loop('spawn(work(c));')}`, 's: per connection'],
    ['an alias of the crate', `use tokio as rt;\n${loop('rt::spawn(work(c));')}`, 's: per connection'],
    ['an accept loop', loop('tokio::spawn(work(c));'), 's: per connection'],
    [
      'threads',
      'fn work(c: std::net::TcpStream) {}\nfn s(l: std::net::TcpListener) { for c in l.incoming() { let c = c.unwrap(); std::thread::spawn(move || work(c)); } }',
      's: per connection',
    ],
    [
      'an actor',
      'async fn work(m: u8) {}\nasync fn s(mut rx: Receiver<u8>) { while let Some(m) = rx.recv().await { tokio::spawn(work(m)); } }',
      's: per message',
    ],
    [
      'one for each chunk',
      handler(
        'for some in names.chunks(10) { let some = some.to_vec(); tokio::spawn(async move { some.len() }); }',
      ),
      'h: per item',
    ],
    [
      'a permit in the task',
      handler(
        'for n in names { let sem = sem.clone(); tokio::spawn(async move { let _p = sem.acquire().await; work(n).await }); }',
      ),
      'h: per item',
    ],
    [
      'a helper that is awaited',
      loop('start(c).await;').concat('async fn start(c: TcpStream) { tokio::spawn(work(c)); }'),
      'start: per connection',
    ],
    // limited
    [
      'a permit',
      loop(
        'let p = sem.clone().acquire_owned().await; tokio::spawn(async move { let _p = p; work(c).await });',
      ),
      's: permit',
    ],
    [
      'a permit or nothing',
      loop(
        'let Ok(p) = sem.clone().try_acquire_owned() else { continue }; tokio::spawn(async move { let _p = p; work(c).await });',
      ),
      's: permit',
    ],
    [
      'a counter',
      loop('if ACTIVE.load(Ordering::Relaxed) >= MAX { continue; } tokio::spawn(work(c));'),
      's: counted',
    ],
    [
      'a set whose length is tested',
      `use tokio::task::JoinSet;\n${handler('let mut set = JoinSet::new(); for n in names { while set.len() >= 9 { set.join_next().await; } set.spawn(work(n)); }')}`,
      'h: group-limit',
    ],
    [
      'a set without a test',
      `use tokio::task::JoinSet;\n${handler('let mut set = JoinSet::new(); for n in names { set.spawn(work(n)); } while set.join_next().await.is_some() {}')}`,
      'h: per item',
    ],
    ['a chosen range', handler('for i in 0..4 { tokio::spawn(async move { i }); }'), 'h: fixed-number'],
    [
      'parts for a chosen number of threads',
      handler(
        'for part in names.chunks(names.len() / 4) { let part = part.to_vec(); tokio::spawn(async move { part.len() }); }',
      ),
      'h: fixed-number',
    ],
    [
      'chunks whose tasks are awaited',
      handler(
        'for some in names.chunks(9) { let mut all = Vec::new(); for n in some { let n = n.clone(); all.push(tokio::spawn(work(n))); } for t in all { t.await; } }',
      ),
      'h: fixed-number',
    ],
    [
      'chunks whose tasks are not awaited',
      handler('for some in names.chunks(9) { for n in some { let n = n.clone(); tokio::spawn(work(n)); } }'),
      'h: per item',
    ],
    ['awaited at once', handler('tokio::task::spawn_blocking(move || names.len()).await;'), 'h: joined'],
    ['awaited at once in a loop', loop('tokio::task::spawn_blocking(move || drop(c)).await;'), 's: joined'],
    ['awaited before the next round', loop('let t = tokio::spawn(work(c)); t.await;'), 's: joined'],
    [
      'the stream of the response',
      handler('let (tx, rx) = channel(9); tokio::spawn(async move { tx.send(names).await }); rx'),
      'h: request-scoped',
    ],
    [
      'text whose name is like a channel',
      handler('let sender = names.join(","); tokio::spawn(async move { work(sender).await });'),
      'h: per request',
    ],
    [
      'an interval',
      'async fn s() { let mut t = tokio::time::interval(D); loop { let now = t.tick().await; tokio::spawn(async move { now }); } }',
      's: timer',
    ],
    ['main', '#[tokio::main]\nasync fn main() { tokio::spawn(async {}); }', 'main: nothing'],
  ])('%s', (_, text, expected) => {
    expect(spawns(rust(text))[0]).toBe(expected);
  });

  test('a limit in the router limits what handlers start', () => {
    const files = rust(
      `${handler('tokio::spawn(work(names.concat()));')}fn app() { Router::new().layer(tower::limit::ConcurrencyLimitLayer::new(9)); }`,
    );
    expect(spawns(files)).toEqual(['h: admission']);
  });
});
