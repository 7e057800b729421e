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
  'github.com/sourcegraph/conc.WaitGroup': goroutine, // https://pkg.go.dev/github.com/sourcegraph/conc#WaitGroup.Go
  'gopkg.in/tomb.Tomb': goroutine, // https://pkg.go.dev/gopkg.in/tomb.v2#Tomb.Go
};

/** What Rust's kinds of spawn start; see `rust-spawn.ts` for which function is which. */
export const rustUnits: Readonly<Record<'thread' | 'blocking' | 'task' | 'pool', SpawnRow>> = {
  thread,
  blocking,
  task,
  pool: {
    unit: 'task',
    cost: 'A job waits in the queue of the pool with all it has captured',
    source: 'https://docs.rs/rayon/latest/rayon/fn.spawn.html',
  },
};

/** Calls that wait for, or are refused without, one of a limited number of permits. */
export const limiterMethods: ReadonlySet<string> = new Set(
  'acquire acquire_owned acquire_many try_acquire try_acquire_owned acquire_arc reserve reserve_owned Acquire TryAcquire Wait_permit until_ready'.split(
    ' ',
  ),
);

/**
 * Those of them that give a permit, which in Rust is free again when it is dropped:
 * https://docs.rs/tokio/latest/tokio/sync/struct.Semaphore.html, https://pkg.go.dev/golang.org/x/sync/semaphore
 */
export const permitTakes = /^((try_)?acquire(_many)?(_owned|_arc)?|(Try)?Acquire)$/;

/**
 * What makes a semaphore, and is told how many permits it has: https://docs.rs/tokio/latest/tokio/sync/struct.Semaphore.html,
 * https://pkg.go.dev/golang.org/x/sync/semaphore#NewWeighted
 */
export const semaphoreMakers = /(^|::)(Semaphore::(new|const_new)|NewWeighted)$/;

/** A permit, until it is dropped: https://docs.rs/tokio/latest/tokio/sync/struct.OwnedSemaphorePermit.html */
export const permitTypes = /(^|::)(Owned)?Semaphore(Permit|Guard(Arc)?)$/;

/** What is done to the answer of such a call before it is the permit. */
export const permitUnwraps = /^(unwrap|expect|map_err|context|with_context|ok)$/;

/** How many messages of a broker may be unacknowledged at once: https://www.rabbitmq.com/docs/confirms#channel-qos-prefetch */
export const prefetchLimits: ReadonlySet<string> = new Set(['basic_qos', 'Qos']);

/** Server-wide limits: with one of these in the package, accepted work is limited before it reaches a handler. */
export const admissionLimits: ReadonlySet<string> = new Set(
  (
    'LimitListener concurrency_limit ConcurrencyLimit ConcurrencyLimitLayer GlobalConcurrencyLimitLayer concurrency_limit_per_connection max_connections ' +
    'MaxConcurrentStreams max_concurrent_streams NewThrottle Throttle ThrottleBacklog MaxConnections SetMaxOpenConns max_connection_rate LoadShedLayer load_shed'
  ).split(' '),
);

/** Those of them that say how many connections there may be, and not how many requests, or streams of one of them. */
export const connectionLimits = /max_?conn|Listener/i;

/** Types that say how many connections a program opens to its database: https://docs.rs/sqlx/latest/sqlx/pool/struct.PoolOptions.html */
export const poolOptions = /(Pool|Connect)(Options|Builder|Config|Manager)?(::|$)/;

/** Names of channels that carry permits rather than work. */
export const permitNames = /sem|slot|token|limit|permit|gate|throttl|concurren|ticket|bucket|guard/i;

/** Methods of rate limiters that wait or refuse, on something that is named like one: `limiter.Wait(ctx)`. */
export const rateMethods: ReadonlySet<string> = new Set(
  'Wait WaitN Allow AllowN Take until_ready until_key_ready check check_key'.split(' '),
);

/** Go: methods of queues that bring several messages at once, never more than they are asked for. */
export const takesBatch =
  /^(Receive|Poll|Fetch|Pull|Reserve|Lease)(Messages?|Records|Batch|Fetches|Jobs|Tasks|Events)?$|^(ReadBatch|ReadMessageBatch|XReadGroup)$/;

/** Go functions that give a list in parts of a length they are told: https://pkg.go.dev/slices#Chunk */
export const partings = /(^c|C)hunk|(^b|B)atch|(^p|P)artition/;

/** Names of what something was before: a comparison with it tells a change. */
export const formerValues = /^(last|prev|previous|former|before)([A-Z_]\w*)?$|^old[A-Z_]\w*$/;

/** Names of channels on which a program is told of a new configuration: as often as its operator writes one. */
export const reloadChannels = /(reload|[cC]onf(ig)?)(_?[cC]h(an)?)?$/;

/** Settings of `quic.Config`, which takes 100 streams of a kind at a time unless told otherwise: https://pkg.go.dev/github.com/quic-go/quic-go#Config */
export const quicStreamLimits: ReadonlySet<string> = new Set(['MaxIncomingStreams', 'MaxIncomingUniStreams']);

/** The library of QUIC, where it is and where it was. */
export const quicLibrary = /^github\.com\/(quic-go|lucas-clemente)\/quic-go(\/|$)/;

/** Go functions that call what they are given for each file below a folder: https://pkg.go.dev/path/filepath#WalkDir */
export const goWalks = /^(Walk|WalkDir)$/;

/** Go: calls that ask a server: https://pkg.go.dev/net/http#Client */
export const askingMethods = /^(Get|Head|Post|PostForm|Do)$/;

/** Go: calls that wait for a command: https://pkg.go.dev/os/exec#Cmd */
export const commandRuns = /^(Run|Output|CombinedOutput)$/;

/** Go: names of what gives a wait its end: a timeout or a deadline. */
export const timeBounds = /[tT]imeout|[dD]eadline/;
