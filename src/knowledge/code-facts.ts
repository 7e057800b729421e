/** What a line of code means for memory although nothing is wrong with it; hovers show it. */
import type { MythId } from './myths.ts';

export interface CodeFact {
  /** One or two sentences. */
  readonly text: string;
  readonly source: string;
  readonly myth?: MythId;
}

const GC_GUIDE = 'https://go.dev/doc/gc-guide';
const CGROUP = 'https://docs.kernel.org/admin-guide/cgroup-v2.html';

/** Go functions by import path and name. */
export const goCallFacts: Readonly<Record<string, CodeFact>> = {
  'runtime/debug.SetMemoryLimit': {
    text: 'A soft limit for what the runtime counts: heap, stacks and its own structures. The binary, cgo, mmap and kernel memory come on top, so 90 % of the container limit is a usual value; it replaces `GOMEMLIMIT`.',
    source: GC_GUIDE,
    myth: 'tighter-is-better',
  },
  'runtime/debug.SetGCPercent': {
    text: 'With 100 the heap may reach twice what is live before a collection; with -1 nothing is collected until a memory limit is near, and without one until the kernel kills.',
    source: GC_GUIDE,
    myth: 'tighter-is-better',
  },
  'runtime/debug.FreeOSMemory': {
    text: 'Forces a collection and returns free pages at once. The runtime returns them by itself; what this buys is a lower number between two bursts.',
    source: 'https://pkg.go.dev/runtime/debug#FreeOSMemory',
    myth: 'memory-falls-after-load',
  },
  'runtime.GC': {
    text: 'Collects now and blocks the caller until it is done. The peak between two collections is set by GOGC and GOMEMLIMIT, not by calls.',
    source: 'https://pkg.go.dev/runtime#GC',
    myth: 'memory-falls-after-load',
  },
  'runtime.ReadMemStats': {
    text: 'Shows what the Go runtime counts. The limit of the container also counts the binary, cgo, page cache in use, tmpfs and kernel memory.',
    source: CGROUP,
    myth: 'low-heap-is-safe',
  },
  'runtime.GOMAXPROCS': {
    text: 'Before Go 1.25 the default is the CPUs of the host; from 1.25 on it is the CPU limit of the container, rounded up. Caches and collector workers scale with it.',
    source: 'https://go.dev/doc/go1.25',
    myth: 'optimise-once',
  },
};

/** Rust functions by path. */
export const rustCallFacts: Readonly<Record<string, CodeFact>> = {
  'std::thread::spawn': {
    text: 'Reserves 2 MiB of address space for the stack; an idle thread touches about 10 KiB of it, plus a kernel stack. Only touched pages count against the limit, and they stay while the thread lives.',
    source: 'measured; std/src/sys/thread/unix.rs',
    myth: 'rust-unpredictable',
  },
  'tokio::spawn': {
    text: 'A task takes what its future holds across awaits, not a stack. Tokio sets no limit on how many run at once.',
    source: 'https://docs.rs/tokio/latest/tokio/fn.spawn.html',
  },
  'tokio::task::spawn_blocking': {
    text: 'Runs on up to 512 threads of 2 MiB reserved stack each, which end after 10 s of idleness. The queue in front of them has no bound.',
    source: 'https://docs.rs/tokio/latest/tokio/task/fn.spawn_blocking.html',
    myth: 'rust-unpredictable',
  },
  'std::sync::mpsc::sync_channel': {
    text: 'Touches every slot when it is made: 100 000 × 1 KiB are 98 MiB resident at once, unlike a channel in Go.',
    source: 'measured',
    myth: 'rust-less-than-go',
  },
  'std::sync::mpsc::channel': {
    text: 'Has no bound: what the receiver has not taken yet stays in memory.',
    source: 'https://doc.rust-lang.org/std/sync/mpsc/fn.channel.html',
  },
  'tokio::sync::mpsc::channel': {
    text: 'Takes blocks of 32 slots as it fills, up to the capacity, and reuses them.',
    source: 'https://docs.rs/tokio/latest/tokio/sync/mpsc/fn.channel.html',
  },
  'tokio::sync::mpsc::unbounded_channel': {
    text: 'Has no bound: what the receiver has not taken yet stays in memory.',
    source: 'https://docs.rs/tokio/latest/tokio/sync/mpsc/fn.unbounded_channel.html',
  },
  'tokio::sync::broadcast::channel': {
    text: 'Makes all slots when it is made: the capacity rounded up to a power of two.',
    source: 'https://docs.rs/tokio/latest/tokio/sync/broadcast/fn.channel.html',
  },
  'std::thread::available_parallelism': {
    text: 'Follows the CPU limit of the container, rounded down and at least 1. Go rounds up: 1500m is 1 here and 2 there.',
    source: 'https://doc.rust-lang.org/std/thread/fn.available_parallelism.html',
    myth: 'rust-unpredictable',
  },
};

/** Rust methods that hardly any other type has, by name. */
export const rustMethodFacts: Readonly<Record<string, CodeFact>> = {
  stack_size: {
    text: 'Address space, not memory: only the pages a thread touched count against the limit. Multiply by the number of threads for what may become resident at worst.',
    source: 'measured',
    myth: 'rust-unpredictable',
  },
  max_blocking_threads: {
    text: 'The default is 512 besides the workers. The queue in front of them has no bound, whatever the number.',
    source: 'https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html',
    myth: 'rust-unpredictable',
  },
  worker_threads: {
    text: 'The default is `TOKIO_WORKER_THREADS`, else the CPU limit rounded down. Buffers per worker scale with it.',
    source: 'https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html',
    myth: 'optimise-once',
  },
  shrink_to_fit: {
    text: 'Gives spare capacity back to the allocator, which may keep it; the next growth allocates and copies again.',
    source: 'https://doc.rust-lang.org/std/vec/struct.Vec.html#method.shrink_to_fit',
    myth: 'memory-falls-after-load',
  },
};

/** Go's `go` statement. */
export const goroutineFact: CodeFact = {
  text: 'A parked goroutine takes about 2.6 KiB, of which 2 KiB are its first stack, plus everything it holds.',
  source: 'measured; runtime/stack.go',
};

/** Go's `make(chan T, n)`. */
export const goChannelFact: CodeFact = {
  text: 'The buffer counts for the collector at once and becomes resident as it fills; drained, it stays resident. Size: capacity × size of an element.',
  source: 'measured; runtime/chan.go',
  myth: 'memory-falls-after-load',
};

/** Copies on a path that runs per request. */
export const copyFact: CodeFact = {
  text: 'A copy of what owns heap memory allocates each time; of an `Arc`, `Rc`, `Bytes` or a sender it only counts up.',
  source: 'https://doc.rust-lang.org/std/sync/struct.Arc.html',
  myth: 'fix-without-measuring',
};

/** Types that `#[global_allocator]` is set to, by their last segment. */
export const allocatorFacts: Readonly<Record<string, CodeFact>> = {
  Jemalloc: {
    text: 'jemalloc makes 4 arenas per CPU, keeps freed pages for 10 s and purges them only when the program allocates again, unless `background_thread` is on. This crate reads `_RJEM_MALLOC_CONF`; `MALLOC_CONF` only with the feature `unprefixed_malloc_on_supported_platforms`.',
    source: 'https://github.com/jemalloc/jemalloc/blob/dev/TUNING.md',
    myth: 'rust-unpredictable',
  },
  MiMalloc: {
    text: 'mimalloc keeps freed pages for 10 ms (v2) or 1000 ms (v3) and reserves 1 GiB arenas, which are address space. On one data set it peaked at 435–465 MB where musl took 137 MB; `MIMALLOC_PURGE_DELAY=0` brought 276–308 MB.',
    source: 'https://github.com/rustic-rs/rustic/issues/1820',
    myth: 'rust-unpredictable',
  },
  System: {
    text: 'The allocator of the platform. glibc makes up to 8 arenas per CPU of the host, whatever the CPU limit says; musl has one behind a lock.',
    source: 'https://man7.org/linux/man-pages/man3/mallopt.3.html',
    myth: 'rust-unpredictable',
  },
};
