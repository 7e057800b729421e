/**
 * Containers that can grow without end, what adds to them, what removes from them, and the types around them that
 * lead to the same memory. Rows are found by a type's last path segment, Go's by `package.Type`.
 */

export interface ContainerRow {
  /** `map` keeps keys and values, `set` keys, `list` elements. */
  readonly shape: 'map' | 'set' | 'list';
  /** Index of the type argument that is the value or element. */
  readonly value: number;
  /** Many threads may use it through a shared reference: it lives as long as its owners. */
  readonly shared: boolean;
}

const row = (shape: ContainerRow['shape'], shared = false): ContainerRow => ({
  shape,
  value: shape === 'map' ? 1 : 0,
  shared,
});

/** Growable containers of Rust by last path segment; those without a source: https://doc.rust-lang.org/std/collections/ */
export const rustContainers: Readonly<Record<string, ContainerRow>> = {
  HashMap: row('map'),
  BTreeMap: row('map'),
  HashSet: row('set'),
  BTreeSet: row('set'),
  Vec: row('list'), // https://doc.rust-lang.org/std/vec/
  VecDeque: row('list'),
  BinaryHeap: row('list'),
  LinkedList: row('list'),
  IndexMap: row('map'), // https://docs.rs/indexmap
  IndexSet: row('set'), // https://docs.rs/indexmap
  FxHashMap: row('map'), // https://docs.rs/rustc-hash
  FxHashSet: row('set'), // https://docs.rs/rustc-hash
  AHashMap: row('map'), // https://docs.rs/ahash
  AHashSet: row('set'), // https://docs.rs/ahash
  FnvHashMap: row('map'), // https://docs.rs/fnv
  FnvHashSet: row('set'), // https://docs.rs/fnv
  DashMap: row('map', true), // https://docs.rs/dashmap
  DashSet: row('set', true), // https://docs.rs/dashmap
  SkipMap: row('map', true), // https://docs.rs/crossbeam-skiplist
  SkipSet: row('set', true), // https://docs.rs/crossbeam-skiplist
  SegQueue: row('list', true), // https://docs.rs/crossbeam-queue
  Slab: row('list'), // https://docs.rs/slab
  SlotMap: { shape: 'list', value: 1, shared: false }, // https://docs.rs/slotmap
  SmallVec: row('list'), // https://docs.rs/smallvec
  String: { shape: 'list', value: -1, shared: false }, // https://doc.rust-lang.org/std/string/
  PriorityQueue: row('map'), // https://docs.rs/priority-queue
  JoinSet: row('list'), // https://docs.rs/tokio/latest/tokio/task/struct.JoinSet.html
};

/** What starts a task in a set, which keeps what it gave until somebody asks for it. */
export const taskAdders: ReadonlySet<string> = new Set(
  'spawn spawn_on spawn_local spawn_local_on spawn_blocking spawn_blocking_on'.split(' '),
);

/** What takes the finished out of a set of tasks, or all of them. */
export const taskTakers: ReadonlySet<string> = new Set(
  (
    'join_next try_join_next join_next_with_id try_join_next_with_id poll_join_next poll_join_next_with_id join_all ' +
    'shutdown detach_all'
  ).split(' '),
);

/** Growable containers of Go by canonical name; `map` and `slice` are the built-in ones. */
export const goContainers: Readonly<Record<string, ContainerRow>> = {
  map: row('map'), // https://go.dev/ref/spec#Map_types
  slice: row('list'), // https://go.dev/ref/spec#Slice_types
  'sync.Map': { shape: 'map', value: -1, shared: true }, // https://pkg.go.dev/sync#Map
  'container/list.List': {
    shape: 'list',
    value: -1,
    shared: false,
    // https://pkg.go.dev/container/list
  },
  'golang.org/x/sync/syncmap.Map': {
    shape: 'map',
    value: -1,
    shared: true,
    // https://pkg.go.dev/golang.org/x/sync/syncmap
  },
  'github.com/alphadose/haxmap.Map': row('map', true), // https://pkg.go.dev/github.com/alphadose/haxmap
  'github.com/cornelk/hashmap.Map': row('map', true), // https://pkg.go.dev/github.com/cornelk/hashmap
  'github.com/elliotchance/orderedmap.OrderedMap': row('map'), // https://pkg.go.dev/github.com/elliotchance/orderedmap/v2
  'github.com/wk8/go-ordered-map.OrderedMap': row('map'), // https://pkg.go.dev/github.com/wk8/go-ordered-map/v2
  'github.com/gammazero/deque.Deque': row('list'), // https://pkg.go.dev/github.com/gammazero/deque
  'github.com/eapache/queue.Queue': {
    shape: 'list',
    value: -1,
    shared: false,
    // https://pkg.go.dev/github.com/eapache/queue
  },
  'github.com/deckarep/golang-set.Set': row('set', true), // https://pkg.go.dev/github.com/deckarep/golang-set/v2
  'k8s.io/apimachinery/pkg/util/sets.Set': row('set'), // https://pkg.go.dev/k8s.io/apimachinery/pkg/util/sets
  'k8s.io/apimachinery/pkg/util/sets.String': {
    shape: 'set',
    value: -1,
    shared: false,
    // https://pkg.go.dev/k8s.io/apimachinery/pkg/util/sets
  },
  'github.com/puzpuzpuz/xsync.Map': row('map', true), // https://pkg.go.dev/github.com/puzpuzpuz/xsync
  'github.com/puzpuzpuz/xsync.MapOf': row('map', true), // https://pkg.go.dev/github.com/puzpuzpuz/xsync
  'github.com/orcaman/concurrent-map.ConcurrentMap': row('map', true), // https://pkg.go.dev/github.com/orcaman/concurrent-map
};

/** Go types of text that is written to piece by piece, by canonical name. */
export const goTexts: Readonly<Record<string, ContainerRow>> = {
  string: { shape: 'list', value: -1, shared: false }, // https://go.dev/ref/spec#String_concatenation
  'bytes.Buffer': { shape: 'list', value: -1, shared: false }, // https://pkg.go.dev/bytes#Buffer
  'strings.Builder': {
    shape: 'list',
    value: -1,
    shared: false,
    // https://pkg.go.dev/strings#Builder
  },
};

/** What methods do to such text; what any other does nobody knows, besides those that only look at it. */
export const goTextMethods: Readonly<Record<string, 'grow' | 'remove'>> = {
  Write: 'grow',
  WriteString: 'grow',
  WriteByte: 'grow',
  WriteRune: 'grow',
  ReadFrom: 'grow',
  Reset: 'remove',
  Truncate: 'remove',
  Next: 'remove',
  Read: 'remove',
  ReadByte: 'remove',
  ReadBytes: 'remove',
  ReadRune: 'remove',
  ReadString: 'remove',
  WriteTo: 'remove',
};

/** Methods that leave what it holds as it is. */
export const goTextLooks: ReadonlySet<string> = new Set('String Bytes Len Cap Available Grow'.split(' '));

/** Functions that write to what their first argument points to. */
export const goTextWriters: ReadonlySet<string> = new Set(
  'fmt.Fprint fmt.Fprintf fmt.Fprintln io.WriteString encoding/binary.Write'.split(' '),
);

/** Containers whose own capacity, cost or time to live bounds them. */
export const boundedContainers: Readonly<Record<string, { readonly by: string }>> = {
  LruCache: { by: 'the capacity of `LruCache`' }, // https://docs.rs/lru
  Cache: { by: 'the capacity of the cache' }, // https://docs.rs/moka
  SizedCache: { by: 'the size of `SizedCache`' }, // https://docs.rs/cached
  TimedCache: { by: 'the lifespan of `TimedCache`' }, // https://docs.rs/cached
  TimedSizedCache: { by: 'the size of `TimedSizedCache`' }, // https://docs.rs/cached
  TtlCache: { by: 'the capacity of `TtlCache`' }, // https://docs.rs/ttl_cache
  ArrayVec: { by: 'the fixed capacity of `ArrayVec`' }, // https://docs.rs/arrayvec
  ArrayQueue: { by: 'the fixed capacity of `ArrayQueue`' }, // https://docs.rs/crossbeam-queue
  'github.com/hashicorp/golang-lru.Cache': {
    by: 'the size of the LRU cache',
    // https://pkg.go.dev/github.com/hashicorp/golang-lru/v2
  },
  'github.com/hashicorp/golang-lru/expirable.LRU': {
    by: 'the size and TTL of the LRU cache',
    // https://pkg.go.dev/github.com/hashicorp/golang-lru/v2/expirable
  },
  'github.com/dgraph-io/ristretto.Cache': {
    by: 'the `MaxCost` of ristretto',
    // https://pkg.go.dev/github.com/dgraph-io/ristretto
  },
  'github.com/patrickmn/go-cache.Cache': {
    by: 'the expiration of go-cache',
    // https://pkg.go.dev/github.com/patrickmn/go-cache
  },
  'github.com/jellydator/ttlcache.Cache': {
    by: 'the TTL of ttlcache',
    // https://pkg.go.dev/github.com/jellydator/ttlcache/v3
  },
  'github.com/coocood/freecache.Cache': {
    by: 'the fixed size of freecache',
    // https://pkg.go.dev/github.com/coocood/freecache
  },
  'github.com/allegro/bigcache.BigCache': {
    by: 'the life window of bigcache',
    // https://pkg.go.dev/github.com/allegro/bigcache/v3
  },
  'github.com/hashicorp/golang-lru.ARCCache': {
    by: 'the size of the ARC cache',
    // https://pkg.go.dev/github.com/hashicorp/golang-lru/v2
  },
  'github.com/hashicorp/golang-lru.TwoQueueCache': {
    by: 'the size of the 2Q cache',
    // https://pkg.go.dev/github.com/hashicorp/golang-lru/v2
  },
  'github.com/hashicorp/golang-lru/simplelru.LRU': {
    by: 'the size of the LRU',
    // https://pkg.go.dev/github.com/hashicorp/golang-lru/v2/simplelru
  },
  'github.com/elastic/go-freelru.LRU': {
    by: 'the capacity of freelru',
    // https://pkg.go.dev/github.com/elastic/go-freelru
  },
  'github.com/elastic/go-freelru.SyncedLRU': {
    by: 'the capacity of freelru',
    // https://pkg.go.dev/github.com/elastic/go-freelru
  },
  'github.com/maypok86/otter.Cache': {
    by: 'the capacity of otter',
    // https://pkg.go.dev/github.com/maypok86/otter
  },
  'github.com/karlseguin/ccache.Cache': {
    by: 'the maximum size of ccache',
    // https://pkg.go.dev/github.com/karlseguin/ccache/v3
  },
  'github.com/bluele/gcache.Cache': {
    by: 'the size of gcache',
    // https://pkg.go.dev/github.com/bluele/gcache
  },
  'github.com/VictoriaMetrics/fastcache.Cache': {
    by: 'the fixed size of fastcache',
    // https://pkg.go.dev/github.com/VictoriaMetrics/fastcache
  },
  'github.com/golang/groupcache/lru.Cache': {
    by: 'the `MaxEntries` of the LRU',
    // https://pkg.go.dev/github.com/golang/groupcache/lru
  },
  'github.com/ReneKroon/ttlcache.Cache': {
    by: 'the TTL of ttlcache',
    // https://pkg.go.dev/github.com/ReneKroon/ttlcache/v2
  },
  'k8s.io/utils/lru.Cache': { by: 'the size of the LRU' }, // https://pkg.go.dev/k8s.io/utils/lru
  'k8s.io/apimachinery/pkg/util/cache.LRUExpireCache': {
    by: 'the size of the LRU',
    // https://pkg.go.dev/k8s.io/apimachinery/pkg/util/cache
  },
  'k8s.io/apimachinery/pkg/util/cache.Expiring': {
    by: 'the TTL of the cache',
    // https://pkg.go.dev/k8s.io/apimachinery/pkg/util/cache
  },
  'k8s.io/client-go/util/workqueue.Type': {
    by: 'the distinct keys of the work queue',
    // https://pkg.go.dev/k8s.io/client-go/util/workqueue
  },
  'container/ring.Ring': { by: 'the length of the ring' }, // https://pkg.go.dev/container/ring
};

/** Methods that add an entry or element. `argument` is the index of the key (maps, sets) or element (lists). */
export const growingMethods: Readonly<Record<string, { readonly key: number; readonly value: number }>> = {
  insert: { key: 0, value: 1 },
  try_insert: { key: 0, value: 1 },
  insert_full: { key: 0, value: 1 },
  insert_unique: { key: 0, value: 1 },
  // https://docs.rs/scc/latest/scc/hash_map/struct.HashMap.html
  insert_async: { key: 0, value: 1 },
  insert_sync: { key: 0, value: 1 },
  upsert_async: { key: 0, value: 1 },
  upsert_sync: { key: 0, value: 1 },
  get_or_insert: { key: 0, value: 0 },
  get_or_insert_with: { key: 0, value: 1 },
  push: { key: -1, value: 0 },
  push_back: { key: -1, value: 0 },
  push_front: { key: -1, value: 0 },
  append: { key: -1, value: 0 },
  extend: { key: -1, value: 0 },
  extend_from_slice: { key: -1, value: 0 },
  push_str: { key: -1, value: 0 },
  // entry(k).or_insert…: the object is the entry
  or_insert: { key: -2, value: 0 },
  or_insert_with: { key: -2, value: 0 },
  or_insert_with_key: { key: -2, value: 0 },
  or_default: { key: -2, value: -1 },
  insert_entry: { key: -2, value: 0 },
  // Go
  Store: { key: 0, value: 1 },
  LoadOrStore: { key: 0, value: 1 },
  LoadOrCompute: { key: 0, value: 1 },
  Swap: { key: 0, value: 1 },
  PushBack: { key: -1, value: 0 },
  PushFront: { key: -1, value: 0 },
  Set: { key: 0, value: 1 },
  Add: { key: 0, value: 0 },
  Insert: { key: 0, value: 0 },
  SetIfAbsent: { key: 0, value: 1 },
};

/** Methods that take entries or elements out again. */
export const removingMethods: ReadonlySet<string> = new Set(
  (
    'remove remove_entry remove_if remove_if_mut swap_remove shift_remove swap_remove_full shift_remove_full pop pop_front pop_back ' +
    'pop_if pop_front_if pop_back_if pop_first pop_last pop_min pop_max truncate clear retain retain_mut drain drain_filter extract_if split_off take evict dequeue ' +
    'remove_async remove_sync remove_if_async remove_if_sync retain_async retain_sync clear_async clear_sync remove_range shrink_to split_at_off try_remove delete remove_item ' +
    // gammazero/deque, container/heap, priority queues
    'Delete LoadAndDelete Clear Remove RemoveCb Pop PopFront PopBack PopItem Shift Dequeue CompareAndDelete Init'
  ).split(' '),
);

/** Removers that take out one element a call: they bound an insert only where they run with it. */
export const singleRemovers: ReadonlySet<string> = new Set(
  'remove remove_entry remove_async remove_sync swap_remove shift_remove pop pop_front pop_back pop_first pop_last delete Delete LoadAndDelete CompareAndDelete Remove PopFront PopBack'.split(
    ' ',
  ),
);

/** Types that lead to the value inside without holding more than one. The index is the argument that is the value. */
export const rustWrappers: Readonly<Record<string, number>> = {
  '&': 0,
  '&mut': 0,
  '*': 0,
  dyn: 0,
  impl: 0,
  Box: 0,
  Rc: 0,
  Arc: 0,
  Weak: 0,
  Pin: 0,
  Cow: 0,
  Option: 0,
  Result: 0,
  Mutex: 0,
  RwLock: 0,
  ReentrantMutex: 0,
  FairMutex: 0,
  ShardedLock: 0,
  RefCell: 0,
  Cell: 0,
  UnsafeCell: 0,
  OnceCell: 0,
  OnceLock: 0,
  SetOnce: 0,
  LazyLock: 0,
  LazyCell: 0,
  Lazy: 0,
  MutexGuard: 0,
  RwLockReadGuard: 0,
  RwLockWriteGuard: 0,
  OwnedMutexGuard: 0,
  OwnedRwLockWriteGuard: 0,
  OwnedRwLockReadGuard: 0,
  MappedMutexGuard: 0,
  MappedRwLockWriteGuard: 0,
  RefMut: 0,
  Ref: 0,
  ArcSwap: 0,
  ArcSwapOption: 0,
  ArcSwapAny: 0,
  Atomic: 0,
  CachePadded: 0,
  ManuallyDrop: 0,
  Reverse: 0,
  ThreadLocal: 0,
  AssertUnwindSafe: 0,
  Data: 0,
  State: 0,
  Extension: 0,
};

/** Wrappers through which several threads or tasks share one value: the value outlives a single call. */
export const sharingWrappers: ReadonlySet<string> = new Set(
  'Arc Mutex RwLock ReentrantMutex FairMutex ShardedLock OnceLock OnceCell LazyLock Lazy ArcSwap ArcSwapOption ArcSwapAny Data State Extension'.split(
    ' ',
  ),
);

/** Wrappers that let a shared value be changed: only through one of these does something shared grow. */
export const lockingWrappers: ReadonlySet<string> = new Set(
  'Mutex RwLock ReentrantMutex FairMutex ShardedLock RefCell'.split(' '),
);

export const goWrappers: Readonly<Record<string, number>> = {
  '*': 0,
  'sync/atomic.Pointer': 0,
};

/** Go types whose presence in a struct says that goroutines share it. */
export const goSharingTypes: ReadonlySet<string> = new Set(['sync.Mutex', 'sync.RWMutex']);

/** Methods that lead to the same place: guards, borrows, unwraps. */
export const transparentMethods: ReadonlySet<string> = new Set(
  (
    'lock write read try_lock try_write try_read upgradable_read blocking_lock blocking_write blocking_read lock_owned write_owned read_owned ' +
    'lock_arc borrow borrow_mut try_borrow try_borrow_mut get_mut_unchecked as_mut as_ref as_deref as_deref_mut as_mut_slice deref deref_mut ' +
    'unwrap expect unwrap_or_else unwrap_or_default ok err into_inner get_or_init get_or_try_init force load load_full by_ref ' +
    'Load as_slice wait unwrap_unchecked unwrap_or upgrade make_mut iter iter_mut to_mut map_err ok_or ok_or_else context with_context wrap_err'
  ).split(' '),
);

/** Methods that lead from a container to one of its elements. */
export const elementMethods: ReadonlySet<string> = new Set(
  (
    'get get_mut get_refresh get_or_insert_with_mut first first_mut last last_mut peek peek_mut front front_mut back back_mut values values_mut iter iter_mut ' +
    'into_iter into_values range range_mut or_insert or_insert_with or_insert_with_key or_default and_modify get_key_value get_index get_index_mut ' +
    'Load LoadOrStore LoadOrCompute Get next pop pop_front pop_back remove nth find entry_mut value value_mut get_many_mut'
  ).split(' '),
);

/** Rust: methods whose closure is given the elements of a list, one after the other: https://doc.rust-lang.org/std/iter/trait.Iterator.html */
export const elementClosures =
  /^(for_each|try_for_each|retain|retain_mut|map|filter|filter_map|flat_map|any|all|find|find_map|position|inspect|take_while|skip_while)$/;

/** Methods and functions that ask for the number of entries. */
export const sizeMethods: ReadonlySet<string> = new Set(
  'len is_full Len Size size Count count is_empty'.split(' '),
);

/** Methods that lend what they are called on to the closure they are given: `KEY.with(|map| …)`. */
export const lendingMethods: ReadonlySet<string> = new Set(
  'with with_borrow with_borrow_mut with_mut with_lock rcu send_modify map and_then inspect is_some_and map_or map_or_else'.split(
    ' ',
  ),
);

/** Those of them that lend all of it, whatever it is: https://doc.rust-lang.org/std/thread/struct.LocalKey.html#method.with */
export const lendingWhole = /^with(_borrow(_mut)?|_mut|_lock)?$/;

/** Go functions that add to, or take from, the container behind their first argument. */
export const goContainerFunctions: Readonly<Record<string, { readonly kind: 'grow' | 'remove' }>> = {
  'container/heap.Push': { kind: 'grow' }, // https://pkg.go.dev/container/heap#Push
  'container/heap.Pop': { kind: 'remove' }, // https://pkg.go.dev/container/heap#Pop
  'container/heap.Remove': { kind: 'remove' }, // https://pkg.go.dev/container/heap#Remove
  'maps.DeleteFunc': { kind: 'remove' }, // https://pkg.go.dev/maps#DeleteFunc
  'golang.org/x/exp/maps.DeleteFunc': {
    kind: 'remove',
    // https://pkg.go.dev/golang.org/x/exp/maps#DeleteFunc
  },
  'golang.org/x/exp/maps.Clear': { kind: 'remove' }, // https://pkg.go.dev/golang.org/x/exp/maps#Clear
  'maps.Copy': { kind: 'grow' }, // https://pkg.go.dev/maps#Copy
  'golang.org/x/exp/maps.Copy': { kind: 'grow' }, // https://pkg.go.dev/golang.org/x/exp/maps#Copy
};

/** Go functions that give a slice back longer or shorter than they were given it. */
export const goSliceFunctions: Readonly<Record<string, { readonly kind: 'grow' | 'remove' }>> =
  Object.fromEntries(
    ['slices', 'golang.org/x/exp/slices'].flatMap((pkg) =>
      (
        [
          ['Insert', 'grow'],
          ['Concat', 'grow'],
          ['AppendSeq', 'grow'],
          ['Delete', 'remove'],
          ['DeleteFunc', 'remove'],
          ['Compact', 'remove'],
          ['CompactFunc', 'remove'],
        ] as const
      ).map(([name, kind]) => [`${pkg}.${name}`, { kind }]),
    ),
  );
