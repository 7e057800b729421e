import { describe, expect, test } from 'vitest';
import { says } from './build.ts';

/** Shapes of real services: how many findings the default profile shows. Named after what makes them special. */
type Shape = readonly [name: string, findings: number, text: string];

const files = (path: string, text: string): [string, string][] => [
  ['go.mod', 'module shop\n\ngo 1.21\n'],
  [path, text],
];

function counts(rule: string, text: string): number {
  const path = rule.startsWith('go/') ? 'main.go' : 'src/lib.rs';
  return says(rule, files(path, text)).filter((s) => /(high|medium)$/.test(s)).length;
}

describe('go/unbounded-cache', () => {
  const shapes: Shape[] = [
    [
      'gin handler',
      1,
      'package p\nimport "github.com/gin-gonic/gin"\ntype H struct{ seen map[string]int }\nfunc (h *H) Get(c *gin.Context) { h.seen[c.Param("id")]++ }\n',
    ],
    [
      'echo closure',
      1,
      'package p\nimport "github.com/labstack/echo/v4"\nfunc routes(e *echo.Echo) { hits := map[string]int{}; e.GET("/:id", func(c echo.Context) error { hits[c.Param("id")]++; return nil }) }\n',
    ],
    [
      'gRPC method',
      1,
      'package p\nimport ("context"; "sync"; pb "shop/pb")\ntype S struct { pb.UnimplementedCartServer; mu sync.Mutex; carts map[string]*pb.Cart }\nfunc (s *S) AddItem(ctx context.Context, in *pb.AddItemRequest) (*pb.Empty, error) { s.carts[in.GetUserId()] = nil; return nil, nil }\n',
    ],
    [
      'Kafka claim',
      1,
      'package p\nimport "github.com/IBM/sarama"\ntype C struct{ seen map[string]bool }\nfunc (c *C) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error { for m := range claim.Messages() { c.seen[string(m.Key)] = true }; return nil }\n',
    ],
    [
      'NATS subscription',
      1,
      'package p\nimport "github.com/nats-io/nats.go"\nfunc listen(nc *nats.Conn) { last := make(map[string][]byte); nc.Subscribe(">", func(m *nats.Msg) { last[m.Subject] = m.Data }) }\n',
    ],
    [
      'informer that only adds',
      1,
      'package p\nimport "k8s.io/client-go/tools/cache"\ntype W struct{ pods map[string]any }\nfunc (w *W) watch(i cache.SharedInformer) { i.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: w.add}) }\nfunc (w *W) add(o any) { w.pods[key(o)] = o }\nfunc key(o any) string { return "" }\nvar watcher = &W{pods: map[string]any{}}\n',
    ],
    [
      'informer that deletes',
      0,
      'package p\nimport "k8s.io/client-go/tools/cache"\ntype W struct{ pods map[string]any }\nfunc (w *W) watch(i cache.SharedInformer) { i.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: w.add, DeleteFunc: w.gone}) }\nfunc (w *W) add(o any) { w.pods[key(o)] = o }\nfunc (w *W) gone(o any) { delete(w.pods, key(o)) }\nfunc key(o any) string { return "" }\nvar watcher = &W{pods: map[string]any{}}\n',
    ],
    [
      'reconciler',
      1,
      'package p\nimport ("context"; ctrl "sigs.k8s.io/controller-runtime")\ntype R struct{ last map[string]int }\nfunc (r *R) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) { r.last[req.String()]++; return ctrl.Result{}, nil }\n',
    ],
    [
      'reconciler that forgets',
      0,
      'package p\nimport ("context"; ctrl "sigs.k8s.io/controller-runtime")\ntype R struct{ last map[string]int }\nfunc (r *R) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) { if gone(req) { delete(r.last, req.String()); return ctrl.Result{}, nil }; r.last[req.String()]++; return ctrl.Result{}, nil }\nfunc gone(ctrl.Request) bool { return false }\n',
    ],
    [
      'a call in flight',
      0,
      'package p\nimport ("net/http"; "sync")\ntype call struct{ wg sync.WaitGroup }\ntype G struct { mu sync.Mutex; m map[string]*call }\nfunc (g *G) Do(k string, f func()) { g.mu.Lock(); c := new(call); g.m[k] = c; g.mu.Unlock(); f(); g.mu.Lock(); delete(g.m, k); g.mu.Unlock() }\nvar g G\nfunc h(w http.ResponseWriter, r *http.Request) { g.Do(r.URL.Path, func() {}) }\n',
    ],
    [
      'hand-written LRU',
      0,
      'package p\nimport ("container/list"; "net/http")\ntype LRU struct { cap int; ll *list.List; items map[string]*list.Element }\nfunc (c *LRU) Add(k string) { c.items[k] = c.ll.PushFront(k); if c.ll.Len() > c.cap { e := c.ll.Back(); c.ll.Remove(e); delete(c.items, e.Value.(string)) } }\nvar lru = &LRU{}\nfunc h(w http.ResponseWriter, r *http.Request) { lru.Add(r.URL.Path) }\n',
    ],
    [
      'exported registration',
      0,
      'package p\ntype Factory func() any\nvar factories = map[string]Factory{}\nfunc Register(name string, f Factory) { factories[name] = f }\nfunc RegisterAll(m map[string]Factory) { for k, f := range m { Register(k, f) } }\n',
    ],
    [
      'templates by constant name',
      0,
      'package p\nimport ("html/template"; "net/http")\nvar pages = map[string]*template.Template{}\nfunc page(name string) *template.Template { t, ok := pages[name]; if !ok { t = template.New(name); pages[name] = t }; return t }\nfunc home(w http.ResponseWriter, r *http.Request) { page("home").Execute(w, nil) }\nfunc cart(w http.ResponseWriter, r *http.Request) { page("cart").Execute(w, nil) }\n',
    ],
    [
      'batch with a flush',
      0,
      'package p\nimport "sync"\ntype B struct { mu sync.Mutex; items []string; send func([]string) }\nfunc (b *B) run(in chan string) { for { select { case x := <-in: b.items = append(b.items, x); if len(b.items) == 100 { b.send(b.items); b.items = b.items[:0] } } } }\n',
    ],
    [
      'trimmed through a local',
      0,
      'package p\nimport ("net/http"; "sync")\ntype S struct { mu sync.Mutex; recent []string }\nfunc (s *S) ServeHTTP(w http.ResponseWriter, r *http.Request) { recent := append(s.recent, r.URL.Path); if len(recent) > 50 { recent = recent[1:] }; s.recent = recent }\n',
    ],
    [
      'reference counted',
      0,
      'package p\nimport ("net/http"; "sync")\ntype entry struct{ n int }\ntype K struct { mu sync.Mutex; m map[string]*entry }\nfunc (k *K) lock(id string) func() { k.mu.Lock(); e := k.m[id]; if e == nil { e = &entry{}; k.m[id] = e }; e.n++; k.mu.Unlock(); return func() { k.mu.Lock(); if e.n--; e.n == 0 { delete(k.m, id) }; k.mu.Unlock() } }\nvar keys K\nfunc h(w http.ResponseWriter, r *http.Request) { defer keys.lock(r.URL.Path)() }\n',
    ],
    [
      'a key that is cleared before it is deleted',
      1,
      'package p\nimport ("net"; "sync")\ntype client struct{ conn net.Conn }\nfunc (c *client) stop() { c.conn.Close(); c.conn = nil }\ntype S struct { mu sync.Mutex; open map[net.Conn]bool }\nfunc (s *S) serve(l net.Listener) { for { conn, _ := l.Accept(); s.mu.Lock(); s.open[conn] = true; s.mu.Unlock(); go s.handle(&client{conn}) } }\nfunc (s *S) handle(c *client) { c.stop(); s.mu.Lock(); delete(s.open, c.conn); s.mu.Unlock() }\n',
    ],
    [
      'a key that is deleted before it is cleared',
      0,
      'package p\nimport ("net"; "sync")\ntype client struct{ conn net.Conn }\nfunc (c *client) stop() { c.conn.Close(); c.conn = nil }\ntype S struct { mu sync.Mutex; open map[net.Conn]bool }\nfunc (s *S) serve(l net.Listener) { for { conn, _ := l.Accept(); s.mu.Lock(); s.open[conn] = true; s.mu.Unlock(); go s.handle(&client{conn}) } }\nfunc (s *S) handle(c *client) { s.mu.Lock(); delete(s.open, c.conn); s.mu.Unlock(); c.stop() }\n',
    ],
    [
      'status codes',
      0,
      'package p\nimport ("net/http"; "sync")\ntype rec struct { http.ResponseWriter; status int }\ntype M struct { mu sync.Mutex; byStatus map[int]int }\nfunc (m *M) wrap(next http.Handler) http.Handler { return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c := &rec{w, 200}; next.ServeHTTP(c, r); m.byStatus[c.status]++ }) }\n',
    ],
    [
      'methods that a client may invent',
      1,
      'package p\nimport ("net/http"; "sync")\ntype M struct { mu sync.Mutex; byMethod map[string]int }\nfunc (m *M) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.byMethod[r.Method]++ }\n',
    ],
    [
      'pooled scratch map',
      0,
      'package p\nimport ("net/http"; "sync")\ntype scratch struct{ words map[string]int }\nvar pool = sync.Pool{New: func() any { return &scratch{words: map[string]int{}} }}\nfunc h(w http.ResponseWriter, r *http.Request) { s := pool.Get().(*scratch); s.words[r.URL.Path]++; for k := range s.words { delete(s.words, k) }; pool.Put(s) }\n',
    ],
    [
      'idle connections',
      0,
      'package p\nimport ("net"; "net/http"; "sync")\ntype P struct { mu sync.Mutex; idle []net.Conn }\nfunc (p *P) get() net.Conn { if n := len(p.idle); n > 0 { c := p.idle[n-1]; p.idle = p.idle[:n-1]; return c }; return nil }\nfunc (p *P) put(c net.Conn) { p.idle = append(p.idle, c) }\nvar p P\nfunc h(w http.ResponseWriter, r *http.Request) { c := p.get(); defer p.put(c) }\n',
    ],
    [
      'field of a struct in a map',
      1,
      'package p\nimport ("net/http"; "sync")\ntype tenant struct{ names map[string]bool }\ntype S struct { mu sync.Mutex; tenants map[string]*tenant }\nfunc (s *S) ServeHTTP(w http.ResponseWriter, r *http.Request) { t := s.tenants[r.Host]; if t == nil { return }; t.names[r.URL.Path] = true }\nfunc NewS(hosts []string) *S { s := &S{tenants: map[string]*tenant{}}; for _, h := range hosts { s.tenants[h] = &tenant{names: map[string]bool{}} }; return s }\n',
    ],
    [
      'pointer to a map',
      1,
      'package p\nimport "net/http"\nvar seen = map[string]bool{}\nfunc note(m *map[string]bool, k string) { (*m)[k] = true }\nfunc h(w http.ResponseWriter, r *http.Request) { note(&seen, r.URL.Path) }\n',
    ],
    [
      'two names for one map',
      0,
      'package p\nimport ("net/http"; "sync")\ntype A struct { mu sync.Mutex; m map[string]int }\ntype B struct { mu *sync.Mutex; m map[string]int }\nfunc NewA() *A { m := map[string]int{}; a := &A{m: m}; b := &B{&a.mu, m}; go b.sweep(); return a }\nfunc (b *B) sweep() { for k := range b.m { delete(b.m, k) } }\nfunc (a *A) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.m[r.URL.Path]++ }\n',
    ],
  ];
  for (const [name, findings, text] of shapes)
    test(name, () => expect(counts('go/unbounded-cache', text)).toBe(findings));
});

describe('rust/unbounded-cache', () => {
  const use = 'use std::collections::*;\nuse std::sync::{Arc, Mutex, RwLock};\n';
  const shapes: Shape[] = [
    [
      'actix handler',
      1,
      `use actix_web::web;\n${use}async fn hit(path: web::Path<String>, hits: web::Data<Mutex<HashMap<String, u64>>>) -> String { *hits.lock().unwrap().entry(path.into_inner()).or_insert(0) += 1; String::new() }\n#[get("/{x}")]\nasync fn route(p: web::Path<String>, s: web::Data<App>) -> String { s.seen.lock().unwrap().insert(p.into_inner()); String::new() }\nstruct App { seen: Mutex<HashSet<&'static str>> }\n`,
    ],
    [
      'tonic service',
      1,
      `${use}pub struct Carts { carts: RwLock<HashMap<String, Vec<u8>>> }\n#[tonic::async_trait]\nimpl cart_server::Cart for Carts { async fn add(&self, r: tonic::Request<Item>) -> Result<tonic::Response<()>, tonic::Status> { let r = r.into_inner(); self.carts.write().unwrap().entry(r.user).or_default().push(1); Ok(tonic::Response::new(())) } }\n`,
    ],
    [
      'parking_lot',
      1,
      `use parking_lot::Mutex;\nuse std::collections::HashMap;\nuse axum::extract::{Path, State};\nuse std::sync::Arc;\npub struct S { m: Mutex<HashMap<String, u8>> }\nasync fn h(State(s): State<Arc<S>>, Path(k): Path<String>) { s.m.lock().insert(k, 1); }\n`,
    ],
    [
      'hyper service',
      1,
      `${use}async fn serve(l: TcpListener) { let seen = Arc::new(Mutex::new(HashMap::new())); loop { let (c, _) = l.accept().await.unwrap(); let seen = seen.clone(); tokio::spawn(async move { let s = service_fn(|r: Request<Body>| { *seen.lock().unwrap().entry(r.uri().to_string()).or_insert(0) += 1; ok() }); http1(c, s).await }); } }\n`,
    ],
    [
      'interned text that is leaked',
      1,
      `${use}use std::sync::LazyLock;\nstatic NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Default::default);\npub fn intern(s: &str) -> &'static str { let mut n = NAMES.lock().unwrap(); if let Some(k) = n.get(s) { return k; } let k: &'static str = Box::leak(s.to_string().into_boxed_str()); n.insert(k); k }\nasync fn h(Path(p): Path<String>, State(s): State<u8>) { intern(&p); }\n`,
    ],
    [
      'status codes',
      0,
      `${use}use http::StatusCode;\nuse axum::extract::State;\npub struct M { by: Mutex<HashMap<StatusCode, u64>> }\nasync fn h(State(m): State<Arc<M>>, s: StatusCode) { *m.by.lock().unwrap().entry(s).or_insert(0) += 1; }\n`,
    ],
    [
      'connections that are removed by their task',
      0,
      `${use}pub struct Hub { peers: Arc<Mutex<HashMap<u64, Sender>>> }\nimpl Hub { async fn run(&self, l: TcpListener) { let mut id = 0; loop { let (c, _) = l.accept().await.unwrap(); id += 1; let peers = self.peers.clone(); peers.lock().unwrap().insert(id, sender()); tokio::spawn(async move { serve(c).await; peers.lock().unwrap().remove(&id); }); } } }\n`,
    ],
    [
      'connections that nobody removes',
      1,
      `${use}pub struct Hub { peers: Arc<Mutex<HashMap<u64, Sender>>> }\nimpl Hub { async fn run(&self, l: TcpListener) { let mut id = 0; loop { let (c, _) = l.accept().await.unwrap(); id += 1; self.peers.lock().unwrap().insert(id, sender()); tokio::spawn(serve(c)); } } }\n`,
    ],
    [
      'generic cache with a capacity',
      0,
      `${use}pub struct Cache<K, V> { map: HashMap<K, V>, order: VecDeque<K>, capacity: usize }\nimpl<K: Hash + Eq + Clone, V> Cache<K, V> { pub fn put(&mut self, k: K, v: V) { if self.map.len() == self.capacity { if let Some(old) = self.order.pop_front() { self.map.remove(&old); } } self.order.push_back(k.clone()); self.map.insert(k, v); } }\nstatic C: Mutex<Option<Cache<String, u8>>> = Mutex::new(None);\nasync fn h(Path(p): Path<String>, State(s): State<u8>) { if let Some(c) = C.lock().unwrap().as_mut() { c.put(p, 1); } }\n`,
    ],
    [
      'static mut',
      1,
      `${use}static mut CACHE: Option<HashMap<String, u8>> = None;\nasync fn h(State(s): State<u8>, Path(p): Path<String>) { unsafe { CACHE.as_mut().unwrap().insert(p, 1); } }\n`,
    ],
    [
      'wakers that are taken',
      0,
      `${use}pub struct Gate { wakers: Mutex<Vec<Waker>> }\nimpl Gate { fn poll(&self, cx: &mut Context<'_>) { self.wakers.lock().unwrap().push(cx.waker().clone()); } fn open(&self) { for w in std::mem::take(&mut *self.wakers.lock().unwrap()) { w.wake(); } } }\nasync fn h(State(g): State<Arc<Gate>>, mut cx: Context<'_>) { g.poll(&mut cx); }\n`,
    ],
    [
      'state behind two locks',
      1,
      `${use}use axum::extract::{Path, State};\npub struct Inner { by_id: HashMap<u64, String>, by_name: BTreeMap<String, u64> }\n#[derive(Clone)]\npub struct App { inner: Arc<RwLock<Inner>> }\nasync fn add(State(app): State<App>, Path((id, name)): Path<(u64, String)>) { let mut inner = app.inner.write().unwrap(); inner.by_name.insert(name.clone(), id); inner.by_id.insert(id, name); }\nasync fn del(State(app): State<App>, Path(id): Path<u64>) { app.inner.write().unwrap().by_id.remove(&id); }\n`,
    ],
    [
      'memoizing closure',
      1,
      `${use}use std::cell::RefCell;\npub fn memo() -> impl Fn(String) -> u64 { let known = RefCell::new(HashMap::new()); move |k| { *known.borrow_mut().entry(k).or_insert(1) } }\n`,
    ],
    [
      'history that is cut',
      0,
      `${use}use axum::extract::State;\npub struct S { h: Mutex<Vec<u64>>, max: usize }\nasync fn add(State(s): State<Arc<S>>, v: u64) { let mut h = s.h.lock().unwrap(); h.push(v); if h.len() > s.max { h.remove(0); } }\n`,
    ],
    [
      'slab',
      0,
      `${use}use slab::Slab;\nuse axum::extract::State;\npub struct S { tasks: Mutex<Slab<String>> }\nimpl S { fn add(&self, t: String) -> usize { self.tasks.lock().unwrap().insert(t) } fn done(&self, k: usize) { self.tasks.lock().unwrap().remove(k); } }\nasync fn h(State(s): State<Arc<S>>, t: String) { let k = s.add(t); s.done(k); }\n`,
    ],
    [
      'timers in order',
      0,
      `${use}pub async fn run(mut rx: Receiver<(Instant, u64)>) { let mut timers = BTreeMap::new(); loop { tokio::select! { Some((at, id)) = rx.recv() => { timers.insert(at, id); } _ = sleep(D) => { let later = timers.split_off(&Instant::now()); fire(timers); timers = later; } } } }\n`,
    ],
    [
      'state that is a map',
      1,
      `${use}use axum::{extract::{Path, State}, Router, routing::get};\ntype Db = Arc<RwLock<HashMap<String, String>>>;\nasync fn put(State(db): State<Db>, Path((k, v)): Path<(String, String)>) { db.write().unwrap().insert(k, v); }\nasync fn get_(State(db): State<Db>, Path(k): Path<String>) -> String { db.read().unwrap().get(&k).cloned().unwrap() }\nfn app() -> Router { Router::new().route("/", get(get_)).with_state(Db::default()) }\n`,
    ],
    [
      'state that another handler takes from',
      0,
      `${use}use axum::{extract::{Path, State}, Router};\ntype Db = Arc<RwLock<HashMap<String, String>>>;\nasync fn put(State(db): State<Db>, Path((k, v)): Path<(String, String)>) { db.write().unwrap().insert(k, v); }\nasync fn del(State(store): State<Db>, Path(k): Path<String>) { store.write().unwrap().remove(&k); }\n`,
    ],
    [
      'state that main gives to a sweeper',
      0,
      `${use}use axum::{extract::{Path, State}, Router};\nasync fn put(State(db): State<Arc<Mutex<HashMap<String, u64>>>>, Path(k): Path<String>) { *db.lock().unwrap().entry(k).or_insert(0) += 1; }\nasync fn sweep(map: Arc<Mutex<HashMap<String, u64>>>) { loop { tokio::time::sleep(D).await; map.lock().unwrap().clear(); } }\n#[tokio::main]\nasync fn main() { let db = Arc::new(Mutex::new(HashMap::new())); tokio::spawn(sweep(db.clone())); serve(Router::new().with_state(db)).await; }\n`,
    ],
    [
      'data of actix that is cleared elsewhere',
      0,
      `use actix_web::web;\n${use}async fn hit(p: web::Path<String>, hits: web::Data<Mutex<HashMap<String, u64>>>) { *hits.lock().unwrap().entry(p.into_inner()).or_insert(0) += 1; }\nasync fn reset(hits: web::Data<Mutex<HashMap<String, u64>>>) { hits.lock().unwrap().clear(); }\n`,
    ],
    [
      'a DashMap as extension',
      1,
      `${use}use axum::{extract::Path, Extension};\nuse dashmap::DashMap;\nasync fn hit(Extension(hits): Extension<Arc<DashMap<String, u64>>>, Path(k): Path<String>) { *hits.entry(k).or_insert(0) += 1; }\n`,
    ],
    [
      'per connection set',
      1,
      `${use}async fn session(mut ws: WebSocket) { let mut seen = HashSet::new(); while let Some(Ok(m)) = ws.recv().await { if seen.insert(m.id) { handle(m).await; } } }\n`,
    ],
  ];
  for (const [name, findings, text] of shapes)
    test(name, () => expect(counts('rust/unbounded-cache', text)).toBe(findings));
});

describe('go/unbounded-spawn', () => {
  const shapes: Shape[] = [
    [
      'gin handler',
      1,
      'package p\nimport "github.com/gin-gonic/gin"\nfunc send(s string) {}\nfunc h(c *gin.Context) { to := c.Param("to"); go send(to) }\n',
    ],
    [
      'a queue of jobs',
      1,
      'package p\ntype job struct{}\nfunc run(j job) {}\nfunc s(jobs chan job, stop chan bool) { for { select { case j := <-jobs: go run(j); case <-stop: return } } }\n',
    ],
    [
      'a rate limiter that waits',
      0,
      'package p\nimport ("context"; "golang.org/x/time/rate")\ntype job struct{}\nfunc run(j job) {}\nfunc s(l *rate.Limiter, jobs chan job) { for { select { case j := <-jobs: l.Wait(context.Background()); go run(j) } } }\n',
    ],
    [
      'a rate limiter that refuses',
      0,
      'package p\nimport ("net/http"; "golang.org/x/time/rate")\nvar limiter = rate.NewLimiter(10, 10)\nfunc send(s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) { if !limiter.Allow() { w.WriteHeader(429); return }; to := r.FormValue("to"); go send(to) }\n',
    ],
    [
      'a semaphore of the server',
      0,
      'package p\nimport ("context"; "net/http"; "golang.org/x/sync/semaphore")\ntype S struct{ sem *semaphore.Weighted }\nfunc send(s string) {}\nfunc (s *S) ServeHTTP(w http.ResponseWriter, r *http.Request) { to := r.FormValue("to"); if err := s.sem.Acquire(context.Background(), 1); err != nil { return }; go func() { defer s.sem.Release(1); send(to) }() }\n',
    ],
    [
      'a map of connections with a limit',
      0,
      'package p\nimport "net"\ntype S struct { conns map[net.Conn]bool; max int }\nfunc (s *S) serve(l net.Listener) { for { c, _ := l.Accept(); if len(s.conns) == s.max { c.Close(); continue }; s.conns[c] = true; go s.handle(c) } }\nfunc (s *S) handle(c net.Conn) { delete(s.conns, c) }\n',
    ],
    [
      'a context that nobody cancels',
      1,
      'package p\nimport ("context"; "net/http"; "time")\nfunc send(ctx context.Context, s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) { to := r.FormValue("to"); ctx, cancel := context.WithTimeout(context.Background(), time.Hour); go func() { defer cancel(); send(ctx, to) }() }\n',
    ],
    [
      'a context without the cancel of the request',
      1,
      'package p\nimport ("context"; "net/http")\nfunc send(ctx context.Context, s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) { to := r.FormValue("to"); ctx := context.WithoutCancel(r.Context()); go send(ctx, to) }\n',
    ],
    [
      'the context of the request',
      0,
      'package p\nimport ("context"; "net/http"; "time")\nfunc send(ctx context.Context, s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) { to := r.FormValue("to"); ctx, cancel := context.WithTimeout(r.Context(), time.Hour); go func() { defer cancel(); send(ctx, to) }() }\n',
    ],
    [
      'a pool of a library',
      0,
      'package p\nimport ("net/http"; "github.com/panjf2000/ants/v2")\nvar pool, _ = ants.NewPool(10)\nfunc send(s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) { to := r.FormValue("to"); pool.Submit(func() { send(to) }) }\n',
    ],
    [
      'a group of the standard library',
      1,
      'package p\nimport ("encoding/json"; "net/http"; "sync")\nfunc send(s string) {}\nfunc h(w http.ResponseWriter, r *http.Request) { var names []string; json.NewDecoder(r.Body).Decode(&names); var wg sync.WaitGroup; for _, n := range names { wg.Go(func() { send(n) }) }; wg.Wait() }\n',
    ],
    [
      'a pump for each connection',
      1,
      'package p\nimport "net"\ntype client struct { c net.Conn; out chan []byte }\nfunc (c *client) write() { for b := range c.out { c.c.Write(b) } }\nfunc serve(l net.Listener) { for { conn, _ := l.Accept(); c := &client{conn, make(chan []byte, 9)}; go c.write() } }\n',
    ],
    [
      'two loops that live as long as the process',
      0,
      'package p\nimport "time"\ntype S struct{ in chan int }\nfunc (s *S) read() { for range s.in {} }\nfunc (s *S) sweep() { for range time.Tick(time.Second) {} }\nfunc (s *S) Run() { go s.read(); go s.sweep() }\n',
    ],
    [
      'a batch of rows',
      1,
      'package p\nimport ("database/sql"; "net/http")\nfunc index(id int) {}\nfunc h(w http.ResponseWriter, r *http.Request) { var db *sql.DB; rows, _ := db.Query("select id"); for rows.Next() { var id int; rows.Scan(&id); go index(id) } }\n',
    ],
  ];
  for (const [name, findings, text] of shapes)
    test(name, () => expect(counts('go/unbounded-spawn', text)).toBe(findings));
});

describe('rust/unbounded-spawn', () => {
  const axum =
    'use axum::{Json, extract::{Path, State}};\nuse std::sync::Arc;\nasync fn work(s: String) {}\n';
  const shapes: Shape[] = [
    [
      'actix handler',
      1,
      '#[post("/x")]\nasync fn h(b: web::Json<String>) { actix_web::rt::spawn(async move { println!("{}", b.0) }); }\n',
    ],
    [
      'tonic method',
      1,
      'struct S;\n#[tonic::async_trait]\nimpl Greeter for S { async fn hello(&self, r: tonic::Request<Hello>) -> Result<R, E> { let name = r.into_inner().name; tokio::spawn(async move { send(name).await }); ok() } }\n',
    ],
    [
      'the handle of a runtime',
      1,
      `${axum}async fn h(Path(p): Path<String>) { tokio::runtime::Handle::current().spawn(work(p)); }\n`,
    ],
    [
      'a runtime in a field',
      1,
      `${axum}struct App { rt: tokio::runtime::Runtime }\nasync fn h(State(a): State<Arc<App>>, Path(p): Path<String>) { a.rt.spawn(work(p)); }\n`,
    ],
    [
      'a rate limiter',
      0,
      `${axum}async fn consume(mut rx: Receiver<String>, l: RateLimiter) { while let Some(m) = rx.recv().await { l.until_ready().await; tokio::spawn(work(m)); } }\n`,
    ],
    [
      'a connection of a pool',
      0,
      `${axum}async fn consume(mut rx: Receiver<String>, pool: Pool) { while let Some(m) = rx.recv().await { let conn = pool.get().await.unwrap(); tokio::spawn(async move { conn.write(m).await }); } }\n`,
    ],
    [
      'a limit around the service',
      0,
      `${axum}async fn h(Path(p): Path<String>) { tokio::spawn(work(p)); }\nfn app(s: S) { tower::limit::ConcurrencyLimit::new(s, 64); }\n`,
    ],
    [
      'a channel with room for a few',
      0,
      `${axum}struct App { jobs: mpsc::Sender<String> }\nasync fn h(State(a): State<Arc<App>>, Path(p): Path<String>) { a.jobs.send(p).await.ok(); }\nasync fn workers(rx: Arc<Mutex<mpsc::Receiver<String>>>) { for _ in 0..8 { let rx = rx.clone(); tokio::spawn(async move { while let Some(j) = rx.lock().await.recv().await { work(j).await; } }); } }\n`,
    ],
    [
      'detached in smol',
      1,
      'async fn serve(l: smol::net::TcpListener) { loop { let (c, _) = l.accept().await.unwrap(); smol::spawn(async move { handle(c).await }).detach(); } }\n',
    ],
    [
      'threads of a scope',
      0,
      'fn sum(v: &[u64]) -> u64 { std::thread::scope(|s| { let a = s.spawn(|| v.iter().sum::<u64>()); a.join().unwrap() }) }\n',
    ],
    [
      'a task for each file of a folder',
      1,
      `${axum}async fn h(Path(dir): Path<String>) { for f in std::fs::read_dir(dir).unwrap() { tokio::spawn(work(f.unwrap().path().display().to_string())); } }\n`,
    ],
    [
      'a task for each line',
      1,
      `${axum}async fn h(body: String, Json(x): Json<u8>) { for line in body.lines() { let line = line.to_string(); tokio::spawn(work(line)); } }\n`,
    ],
    [
      'a background loop that is started once',
      0,
      `${axum}pub struct App;\nimpl App { pub fn start(self: Arc<Self>) { let me = self.clone(); tokio::spawn(async move { loop { tokio::time::sleep(D).await; me.tick().await; } }); } async fn tick(&self) {} }\n`,
    ],
  ];
  for (const [name, findings, text] of shapes)
    test(name, () => expect(counts('rust/unbounded-spawn', text)).toBe(findings));
});
