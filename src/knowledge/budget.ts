/** How code facts become bytes: the formulas of the memory budget, each with its source, and the libraries they are for. */

export interface Formula {
  /** What happens with the memory, in one sentence. */
  readonly what: string;
  readonly source: string;
}

const MEASURED = 'measured with glibc 2.36, rustc 1.95 and Go 1.19 on x86-64';

export const formulas = {
  'rust-sync-channel': {
    what: 'Capacity × (message rounded to 8 + 8): every slot is written when the channel is made',
    source: `${MEASURED}; https://doc.rust-lang.org/std/sync/mpsc/fn.sync_channel.html`,
  },
  'rust-array-queue': {
    what: 'Capacity × (message rounded to 8 + 8): every slot is written when the queue is made',
    source: 'https://docs.rs/crossbeam-queue/latest/crossbeam_queue/struct.ArrayQueue.html',
  },
  'tokio-mpsc': {
    what: 'Capacity × message: blocks of 32 slots are taken as it fills and used again',
    source: 'https://docs.rs/tokio/latest/tokio/sync/mpsc/fn.channel.html',
  },
  'tokio-broadcast': {
    what: 'The next power of two of the capacity × slot: all slots are made with the channel',
    source: 'https://docs.rs/tokio/latest/tokio/sync/broadcast/fn.channel.html',
  },
  'rust-queue': {
    what: 'Capacity × message, as it fills',
    source: 'https://docs.rs/flume/latest/flume/fn.bounded.html',
  },
  'rust-capacity': {
    what: 'Capacity × element: address space until it is written',
    source: MEASURED,
  },
  'rust-filled-vec': {
    what: 'Length × element: every element is written when it is made',
    source: 'https://doc.rust-lang.org/std/macro.vec.html',
  },
  'rust-zeroed-vec': {
    what: 'Length × element: zeroed pages count when they are first written',
    source: MEASURED,
  },
  'rust-map-capacity': {
    what: 'The next power of two of 8/7 of the capacity × (entry + 1)',
    source: MEASURED,
  },
  'rust-static-array': {
    what: 'Length × element in the program’s zeroed data: pages count when they are first written',
    source: 'https://doc.rust-lang.org/reference/items/static-items.html',
  },
  'go-chan': {
    what: 'Capacity × element + 96: counts for the collector at once, resident as it fills, and stays',
    source: `${MEASURED}; https://go.dev/src/runtime/chan.go`,
  },
  'go-queue': {
    what: 'Slots × what each points to: so much waits when its receiver falls behind',
    source: 'https://go.dev/ref/spec#Channel_types',
  },
  'sent-buffers': {
    what: 'Slots × buffer: each message that waits keeps its own, as large as its sender lets it be',
    source:
      'https://go.dev/ref/spec#Channel_types, https://docs.rs/tokio/latest/tokio/sync/mpsc/fn.channel.html',
  },
  'held-bodies': {
    what: 'Slots × limit: each request that is let in may hold a body of the largest size',
    source:
      'https://pkg.go.dev/net/http#MaxBytesReader, https://docs.rs/axum/latest/axum/extract/struct.DefaultBodyLimit.html',
  },
  'held-buffers': {
    what: 'Permits × buffer: each that has taken a permit may hold one',
    source:
      'https://docs.rs/tokio/latest/tokio/sync/struct.Semaphore.html, https://pkg.go.dev/golang.org/x/sync/semaphore',
  },
  'go-make': {
    what: 'Capacity × element: counts for the collector at once, resident as it is written',
    source: MEASURED,
  },
  'go-map': {
    what: 'The next power of two of 8/13 of the hint × 8 slots × (entry + 1), halved and doubled for the growth between versions',
    source: 'https://go.dev/src/runtime/map.go',
  },
  'go-value': {
    what: 'The size of the value, as it is written',
    source: 'https://go.dev/ref/spec#Size_and_alignment_guarantees',
  },
  'cache-bytes': {
    what: 'What the cache may hold, and 10–30 % for its own records',
    source: 'https://docs.rs/moka/latest/moka/sync/struct.CacheBuilder.html#method.weigher',
  },
  'cache-preallocated': {
    what: 'What the cache is given, taken when it is made',
    source: 'https://github.com/coocood/freecache#readme',
  },
  'cache-count': {
    what: 'Entries × (key + value + 48 or more for the cache’s records)',
    source: 'https://docs.rs/lru/latest/lru/',
  },
  'storage-cache': {
    what: 'What the storage engine may keep in memory',
    source: 'https://github.com/facebook/rocksdb/wiki/Memory-usage-in-RocksDB',
  },
  threads: {
    what: 'Stacks are address space; an idle thread takes about 10 KiB and 16 KiB in the kernel',
    source: `${MEASURED}; https://doc.rust-lang.org/std/thread/index.html#stack-size`,
  },
  'blocking-threads': {
    what: 'Stacks are address space; a thread that runs takes about 26 KiB, and the queue in front has no bound',
    source: 'https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html#method.max_blocking_threads',
  },
  goroutines: {
    what: 'A parked goroutine takes about 2.6 KiB and what it holds',
    source: `${MEASURED}; https://go.dev/src/runtime/stack.go`,
  },
  tmpfs: {
    what: 'The size limit of a volume in memory, which counts for the container that writes it',
    source:
      'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/1967-size-memory-backed-volumes',
  },
  base: {
    what: 'What an empty program of its kind takes',
    source: MEASURED,
  },
  declared: {
    what: 'What a comment at the declaration says',
    source: '`headroom: budget`',
  },
} as const satisfies Readonly<Record<string, Formula>>;

export type FormulaId = keyof typeof formulas;

/** Go: readers that end after as many bytes as their last argument says. */
export const limitingCalls = /^(LimitReader|MaxBytesReader)$/;

/** A bounded channel or queue of Rust by the end of its constructor's path. */
export interface QueueRow {
  readonly formula: FormulaId;
  /** `committed` when all slots are written at once. */
  readonly when: 'committed' | 'filled';
  /** Bytes that each slot takes besides the message, least and most. */
  readonly slot: readonly [number, number];
  readonly rounded?: 'power-of-two';
}

const slots = (formula: FormulaId): QueueRow => ({ formula, when: 'committed', slot: [8, 16] });

export const rustQueues: Readonly<Record<string, QueueRow>> = {
  'std::sync::mpsc::sync_channel': slots('rust-sync-channel'),
  'crossbeam_channel::bounded': slots('rust-sync-channel'),
  'crossbeam::channel::bounded': slots('rust-sync-channel'),
  'async_channel::bounded': slots('rust-array-queue'),
  'smol::channel::bounded': slots('rust-array-queue'),
  'async_std::channel::bounded': slots('rust-array-queue'),
  'crossbeam_queue::ArrayQueue::new': slots('rust-array-queue'),
  'crossbeam::queue::ArrayQueue::new': slots('rust-array-queue'),
  'tokio::sync::mpsc::channel': { formula: 'tokio-mpsc', when: 'filled', slot: [0, 8] },
  'tokio::sync::broadcast::channel': {
    formula: 'tokio-broadcast',
    when: 'committed',
    slot: [24, 48],
    rounded: 'power-of-two',
  },
  'flume::bounded': { formula: 'rust-queue', when: 'filled', slot: [0, 24] },
  'kanal::bounded': { formula: 'rust-queue', when: 'filled', slot: [0, 8] },
  'kanal::bounded_async': { formula: 'rust-queue', when: 'filled', slot: [0, 8] },
  'futures::channel::mpsc::channel': { formula: 'rust-queue', when: 'filled', slot: [8, 24] },
  'futures_channel::mpsc::channel': { formula: 'rust-queue', when: 'filled', slot: [8, 24] },
};

/** Something that is told how many bytes it may keep. */
export interface ByteCacheRow {
  /** Which argument says it. */
  readonly arg: number;
  /** What a unit of the argument is in bytes. */
  readonly unit: number;
  readonly formula: FormulaId;
  readonly when: 'committed' | 'filled';
  /** Outside Go's heap: the collector and GOMEMLIMIT do not see it. */
  readonly offHeap?: boolean;
  /** What it is called in the ledger. */
  readonly label: string;
}

const storage = (label: string, arg = 0, unit = 1): ByteCacheRow => ({
  arg,
  unit,
  formula: 'storage-cache',
  when: 'filled',
  offHeap: true,
  label,
});

/** Rust functions by crate and the end of their path. */
export const rustByteCaches: Readonly<Record<string, Readonly<Record<string, ByteCacheRow>>>> = {
  rocksdb: {
    'Cache::new_lru_cache': storage('the block cache'),
    'Cache::new_hyper_clock_cache': storage('the block cache'),
  },
  rust_rocksdb: {
    'Cache::new_lru_cache': storage('the block cache'),
    'Cache::new_hyper_clock_cache': storage('the block cache'),
  },
};

/** Rust methods by crate and name; the crate must be a dependency, since such names are not rare. */
export const rustByteMethods: Readonly<Record<string, Readonly<Record<string, ByteCacheRow>>>> = {
  rocksdb: {
    set_db_write_buffer_size: storage('the write buffers'),
    set_write_buffer_size: storage('a write buffer'),
  },
  sled: { cache_capacity: storage('the cache of sled') },
  redb: { set_cache_size: storage('the cache of redb') },
};

/** Go functions by import path, without its major version, and name. */
export const goByteCaches: Readonly<Record<string, ByteCacheRow>> = {
  'github.com/coocood/freecache.NewCache': {
    arg: 0,
    unit: 1,
    formula: 'cache-preallocated',
    when: 'committed',
    label: 'the cache',
  },
  'github.com/VictoriaMetrics/fastcache.New': storage('the cache'),
  'github.com/cockroachdb/pebble.NewCache': storage('the block cache'),
  'github.com/golang/groupcache.NewGroup': {
    arg: 1,
    unit: 1,
    formula: 'cache-bytes',
    when: 'filled',
    label: 'the cache',
  },
};

/** Fields of Go configuration literals, by import path and `Type.Field`. */
export const goByteFields: Readonly<Record<string, ByteCacheRow>> = {
  'github.com/allegro/bigcache.Config.HardMaxCacheSize': {
    arg: 0,
    unit: 1 << 20,
    formula: 'cache-bytes',
    when: 'filled',
    label: 'the cache',
  },
};

/** Go methods by import path and name. */
export const goByteMethods: Readonly<Record<string, Readonly<Record<string, ByteCacheRow>>>> = {
  'github.com/dgraph-io/badger': {
    WithBlockCacheSize: storage('the block cache'),
    WithIndexCacheSize: storage('the index cache'),
    WithMemTableSize: storage('a memory table'),
  },
};

/** Go functions that make a cache of so many entries, by import path without its major version. */
export const goCountCaches: Readonly<Record<string, number>> = {
  'github.com/hashicorp/golang-lru.New': 0,
  'github.com/hashicorp/golang-lru.NewWithEvict': 0,
  'github.com/hashicorp/golang-lru.NewARC': 0,
  'github.com/hashicorp/golang-lru.New2Q': 0,
  'github.com/hashicorp/golang-lru/simplelru.NewLRU': 0,
  'github.com/hashicorp/golang-lru/expirable.NewLRU': 0,
};

/** Rust constructors of caches of so many entries, by the end of the path. */
export const rustCountCaches: Readonly<Record<string, number>> = {
  'lru::LruCache::new': 0,
  'moka::sync::Cache::new': 0,
  'moka::future::Cache::new': 0,
  'quick_cache::sync::Cache::new': 0,
};

/** Least and most bytes of an entry of a counting cache besides key and value. */
export const CACHE_ENTRY: readonly [number, number] = [48, 160];

/** What an empty program takes in bytes, least and most: measured with an idle program of each kind. */
export const baseOfProgram = {
  rust: [2 << 20, 6 << 20],
  go: [2 << 20, 6 << 20],
  'go-http': [5 << 20, 12 << 20],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

/** Bytes an idle thread takes: user pages and the kernel's stack. */
export const IDLE_THREAD: readonly [number, number] = [20 << 10, 32 << 10];

/** Bytes of a parked goroutine. */
export const GOROUTINE: readonly [number, number] = [2 << 10, 4 << 10];

/** What tokio may start for blocking work besides its workers, when nobody says otherwise. */
export const BLOCKING_THREADS = 512;

/** Address space of a thread's stack, when nobody says otherwise. */
export const DEFAULT_STACK = 2 << 20;

/** Rust: layers that let so many requests in at once: https://docs.rs/tower/latest/tower/limit/struct.ConcurrencyLimitLayer.html */
export const admissionLayers = /(^|::)(Global)?ConcurrencyLimitLayer::new$/;
