/** What starts something that runs beside the caller, what one of them costs, and what limits how many there are. */

export interface SpawnRow {
  /** What is started, for messages. */
  readonly unit: 'goroutine' | 'thread' | 'task' | 'blocking task';
  /** What one costs, with the class of the bytes. */
  readonly cost: string;
  readonly source: string;
}

const goroutine: SpawnRow = {
  unit: 'goroutine',
  cost: 'A goroutine fills about 2.6 KiB before it does anything',
  source: 'measured: 100,000 parked goroutines, Go 1.19',
};
const thread: SpawnRow = {
  unit: 'thread',
  cost: 'A thread reserves 2 MiB of stack and fills about 10 KiB at once',
  source: 'std sys/thread/unix.rs; measured with rustc 1.95',
};
const task: SpawnRow = {
  unit: 'task',
  cost: 'A task keeps its whole future, and all it has captured, until it ends',
  source: 'https://docs.rs/tokio/latest/tokio/task/',
};
const blocking: SpawnRow = {
  unit: 'blocking task',
  cost: 'Up to 512 threads run them and the queue in front has no bound',
  source: 'tokio builder.rs',
};

export const goStatement = goroutine;

/** Go methods that start a goroutine for the function they are given: `errgroup.Group.Go`, `sync.WaitGroup.Go`. */
export const goGroupTypes: Readonly<Record<string, SpawnRow>> = {
  'golang.org/x/sync/errgroup.Group': goroutine, // https://pkg.go.dev/golang.org/x/sync/errgroup#Group.Go
  'sync.WaitGroup': goroutine, // https://pkg.go.dev/sync#WaitGroup.Go
};

/** Rust functions by path; a path that ends in the key counts (`tokio::task::spawn` for `task::spawn`). */
export const rustSpawns: Readonly<Record<string, SpawnRow>> = {
  'tokio::spawn': task,
  'task::spawn': task,
  'task::spawn_local': task,
  'task::spawn_blocking': blocking,
  'tokio::spawn_blocking': blocking,
  'thread::spawn': thread,
  'async_std::spawn': task,
  'smol::spawn': task,
  'rayon::spawn': {
    unit: 'task',
    cost: 'A job waits in the queue of the pool with all it has captured',
    source: 'https://docs.rs/rayon',
  },
  'rt::spawn': task,
  'actix_rt::spawn': task,
  'actix_web::rt::spawn': task,
  'tokio_uring::spawn': task,
  'monoio::spawn': task,
};

/** Rust types (last segment) whose method `spawn` starts one. */
export const rustSpawners: Readonly<Record<string, SpawnRow>> = {
  JoinSet: task,
  Runtime: task,
  Handle: task,
  LocalSet: task,
  TaskTracker: task,
  Builder: thread,
  Scope: thread,
};

/** Calls that wait for, or are refused without, one of a limited number of permits. */
export const limiterMethods: ReadonlySet<string> = new Set(
  'acquire acquire_owned acquire_many try_acquire try_acquire_owned acquire_arc reserve reserve_owned Acquire TryAcquire Wait_permit until_ready'.split(
    ' ',
  ),
);

/** Server-wide limits: with one of these in the package, accepted work is limited before it reaches a handler. */
export const admissionLimits: ReadonlySet<string> = new Set(
  (
    'LimitListener concurrency_limit ConcurrencyLimitLayer GlobalConcurrencyLimitLayer concurrency_limit_per_connection max_connections ' +
    'MaxConcurrentStreams max_concurrent_streams NewThrottle Throttle ThrottleBacklog MaxConnections SetMaxOpenConns max_connection_rate LoadShedLayer load_shed'
  ).split(' '),
);

/** Names of channels that carry permits rather than work. */
export const permitNames = /sem|slot|token|limit|permit|gate|throttl|concurren|ticket|bucket|guard/i;
