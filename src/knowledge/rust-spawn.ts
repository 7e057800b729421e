/** What starts threads and tasks in Rust, what it costs, and what waits for them. */

export interface SpawnRow {
  /**
   * `thread`: an operating system thread each. `blocking`: a thread of the runtime's blocking pool, behind a queue.
   * `task`: a future on a runtime. `pool`: a job in a pool of fixed size, behind a queue.
   */
  readonly runs: 'thread' | 'blocking' | 'task' | 'pool';
  /** Index of the argument that is the work. */
  readonly work: number;
  /** The handle collects what it started, so that its length can be tested (`JoinSet`), or it ends with its scope. */
  readonly collected: boolean;
  readonly source: string;
}

const row = (runs: SpawnRow['runs'], source: string, collected = false, work = 0): SpawnRow => ({
  runs,
  work,
  collected,
  source,
});

const thread = 'https://doc.rust-lang.org/std/thread/';
const tokio = 'https://docs.rs/tokio/latest/tokio/';

/** Functions by full path, import aliases resolved. */
export const rustSpawnFunctions: Readonly<Record<string, SpawnRow>> = {
  'std::thread::spawn': row('thread', `${thread}fn.spawn.html`),
  'tokio::spawn': row('task', `${tokio}task/fn.spawn.html`),
  'tokio::task::spawn': row('task', `${tokio}task/fn.spawn.html`),
  'tokio::task::spawn_local': row('task', `${tokio}task/fn.spawn_local.html`),
  'tokio::task::spawn_blocking': row('blocking', `${tokio}task/fn.spawn_blocking.html`),
  'async_std::task::spawn': row('task', 'https://docs.rs/async-std/latest/async_std/task/fn.spawn.html'),
  'async_std::task::spawn_local': row('task', 'https://docs.rs/async-std'),
  'async_std::task::spawn_blocking': row(
    'blocking',
    'https://docs.rs/async-std/latest/async_std/task/fn.spawn_blocking.html',
  ),
  'smol::spawn': row('task', 'https://docs.rs/smol/latest/smol/fn.spawn.html'),
  'smol::unblock': row('blocking', 'https://docs.rs/smol/latest/smol/fn.unblock.html'),
  'blocking::unblock': row('blocking', 'https://docs.rs/blocking'),
  'async_global_executor::spawn': row('task', 'https://docs.rs/async-global-executor'),
  'rayon::spawn': row('pool', 'https://docs.rs/rayon/latest/rayon/fn.spawn.html'),
  'rayon::spawn_fifo': row('pool', 'https://docs.rs/rayon/latest/rayon/fn.spawn_fifo.html'),
  'actix_rt::spawn': row('task', 'https://docs.rs/actix-rt/latest/actix_rt/fn.spawn.html'),
  'actix_web::rt::spawn': row('task', 'https://docs.rs/actix-web/latest/actix_web/rt/fn.spawn.html'),
  'actix::spawn': row('task', 'https://docs.rs/actix'),
  'actix_web::web::block': row('blocking', 'https://docs.rs/actix-web/latest/actix_web/web/fn.block.html'),
  'glommio::spawn_local': row('task', 'https://docs.rs/glommio'),
  'monoio::spawn': row('task', 'https://docs.rs/monoio'),
  'compio::runtime::spawn': row('task', 'https://docs.rs/compio'),
  'tokio_uring::spawn': row('task', 'https://docs.rs/tokio-uring'),
  'wasm_bindgen_futures::spawn_local': row('task', 'https://docs.rs/wasm-bindgen-futures'),
};

/** What gives a runtime, or the handle of one: https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html */
export const runtimeMakers =
  /(^|::)(Builder::new_(multi|current)_thread|Runtime::new|runtime::Handle::current|Handle::current)$/;

/** Methods by the receiver's last path segment, or its last two, and the method's name. */
export const rustSpawnMethods: Readonly<Record<string, SpawnRow>> = {
  'Builder.spawn': row('thread', `${thread}struct.Builder.html#method.spawn`),
  'Builder.spawn_scoped': row('thread', `${thread}struct.Builder.html#method.spawn_scoped`, true, 1),
  'task::Builder.spawn': row('task', `${tokio}task/struct.Builder.html#method.spawn`),
  'Scope.spawn': row('thread', `${thread}struct.Scope.html#method.spawn`, true),
  'Handle.spawn': row('task', `${tokio}runtime/struct.Handle.html#method.spawn`),
  'Handle.spawn_blocking': row('blocking', `${tokio}runtime/struct.Handle.html#method.spawn_blocking`),
  'Runtime.spawn': row('task', `${tokio}runtime/struct.Runtime.html#method.spawn`),
  'Runtime.spawn_blocking': row('blocking', `${tokio}runtime/struct.Runtime.html#method.spawn_blocking`),
  'LocalSet.spawn_local': row('task', `${tokio}task/struct.LocalSet.html`),
  'JoinSet.spawn': row('task', `${tokio}task/struct.JoinSet.html#method.spawn`, true),
  'JoinSet.spawn_on': row('task', `${tokio}task/struct.JoinSet.html#method.spawn_on`, true),
  'JoinSet.spawn_local': row('task', `${tokio}task/struct.JoinSet.html#method.spawn_local`, true),
  'JoinSet.spawn_blocking': row('blocking', `${tokio}task/struct.JoinSet.html#method.spawn_blocking`, true),
  'JoinMap.spawn': row(
    'task',
    'https://docs.rs/tokio-util/latest/tokio_util/task/struct.JoinMap.html',
    true,
    1,
  ),
  'TaskTracker.spawn': row(
    'task',
    'https://docs.rs/tokio-util/latest/tokio_util/task/struct.TaskTracker.html',
    true,
  ),
  'LocalPoolHandle.spawn_pinned': row(
    'task',
    'https://docs.rs/tokio-util/latest/tokio_util/task/struct.LocalPoolHandle.html',
  ),
  'Executor.spawn': row('task', 'https://docs.rs/async-executor'),
  'LocalExecutor.spawn': row('task', 'https://docs.rs/async-executor'),
  'ThreadPool.spawn': row('pool', 'https://docs.rs/rayon/latest/rayon/struct.ThreadPool.html'),
  'ThreadPool.spawn_ok': row(
    'pool',
    'https://docs.rs/futures/latest/futures/executor/struct.ThreadPool.html',
  ),
  'ThreadPool.execute': row('pool', 'https://docs.rs/threadpool'),
  'LocalSpawner.spawn_local': row('task', 'https://docs.rs/futures'),
  'Arbiter.spawn': row('task', 'https://docs.rs/actix-rt/latest/actix_rt/struct.Arbiter.html'),
};

/** Calls that take the next stream of one QUIC connection: https://docs.rs/quinn/latest/quinn/struct.Connection.html#method.accept_bi */
export const streamAccepts = /^(accept_bi|accept_uni|accept_bidirectional_stream|accept_receive_stream)$/;

/** How many of them may be open at once: https://docs.rs/quinn/latest/quinn/struct.TransportConfig.html#method.max_concurrent_bidi_streams */
export const STREAMS = 100;

/** Words in the names and types of streams that bring what somebody sends, as long as the service runs. */
export const loadWords =
  /incoming|inbound|listen|accept|conn(ection)?s?$|socket|consum|subscri|message|msg|event|notif|receiver|(^|_)rx$|request|command|frame|reader|packet|update|watch|Streaming|Interval|interval|session|swarm|signal|inbox|mailbox|queue|feed/i;

/** Names under which an object keeps what it is doing at the time. */
export const stateWords = /(^|_)(status|state|phase)(_|$)/;

/** Types and bounds of what is handed over to be run: https://doc.rust-lang.org/std/future/trait.Future.html */
export const workTypes = /(^|\W)(Future|Future\d+|BoxFuture|LocalBoxFuture|FnOnce)(\W|$)/;

/** What work is called that somebody hands over to be run. */
export const workNames = /^(task|job|fut|future|thunk|work|runnable|closure|f)$/;

/** Methods by which work that was handed over runs. */
export const workMethods = /^(run|execute|call|poll)$/;

/** Functions that run the future they are given, at another time or beside others. */
export const runsElsewhere = /spawn|block_on|timeout|join|select/;

/**
 * What makes a response of what a task sends: https://docs.rs/axum/latest/axum/body/struct.Body.html#method.from_stream
 */
export const responseStreams = /(ReceiverStream|Sse|Body::from_stream|from_stream|StreamBody)/;

/** Methods that wait for what a task does. */
export const joiningCalls = /^(join_next|join_all|join|recv|changed|notified)$/;

/** Methods that tell of what has ended, and wait for nothing: https://doc.rust-lang.org/std/thread/struct.JoinHandle.html#method.is_finished */
export const looksWithoutWaiting = /^(try_recv|try_next|try_iter|try_join_next|is_finished)$/;

/** What functions and events are called that tell of a failure. */
export const failureNames =
  /(^|_|::)(err|error|failed|failure|retry|reconnect)(_|$)|(^|::|[a-z])(Err|Error|Failed|Failure)$/;

/** What the free place of a key is called. */
export const vacantNames = /^(entry|e|vacant|v|slot)$/;

/** What makes a pool of threads: https://docs.rs/rayon/latest/rayon/struct.ThreadPoolBuilder.html */
export const poolBuilders = /ThreadPoolBuilder|ThreadPool|runtime::Builder/;

/** Methods that say how many threads it has. */
export const threadCounts = /^(num_threads|worker_threads)$/;

/** Words with which a point in time is compared: https://doc.rust-lang.org/std/time/struct.Instant.html#method.elapsed */
export const lapses = /^(elapsed|duration_since)$|(^|::)(Duration|TimeDelta)::\w+$/;

/** What takes out the oldest, or ends it, to make room for the next. */
export const makesRoomNames = /^(pop|pop_back|pop_front|remove|swap_remove|abort|cancel)$/;

/** Methods that tell of a peer what it is known by: https://docs.rs/tokio/latest/tokio/net/struct.TcpStream.html#method.peer_addr */
export const peerWords = /^(ip|info|peer_addr|remote_addr|remote_address|\w+_info)$/;

/** Functions whose future ends with those that it is given: https://docs.rs/futures/latest/futures/future/fn.join_all.html, https://docs.rs/tokio/latest/tokio/time/fn.timeout.html */
export const joinsAll = /(^|::)(try_)?join(_all|\d)?$|(^|::)(select_all|timeout|timeout_at)$/;

/** Sets of tasks or futures that give back what has ended: https://docs.rs/futures/latest/futures/stream/struct.FuturesUnordered.html */
export const taskSets =
  /^(FuturesUnordered|FuturesOrdered|FuturesMap|FuturesSet|JoinSet|JoinMap|TaskTracker|StreamMap|SelectAll)$/;
