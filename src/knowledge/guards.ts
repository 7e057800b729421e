/** Go and Rust: names of what lets one in at a time, or so many, and of what tells that one is in. */

/** Rust: methods of an atomic that change it only where it is what was seen: https://doc.rust-lang.org/std/sync/atomic/struct.AtomicUsize.html */
export const rustExchanges = /^(compare_exchange(_weak)?|fetch_update)$/;

/**
 * Calls that let one in and refuse a second: https://pkg.go.dev/sync/atomic, https://pkg.go.dev/sync#Mutex.TryLock
 */
export const atomicGates = /^(CompareAndSwap(U?[iI]nt(32|64)|Pointer)?|TryLock|CAS)$/;

/** Questions without an argument whether something is under way: `s.isRunning()`. */
export const runningNames = /([rR]unning|InProgress|inProgress|[bB]usy)$/;

/** Methods that note a key in a set or map of their own: a look before them under the same key finds it. */
export const keepsByKey = /^(Set|Add|Put|Insert|Store|Register|Track|Mark)$/;

/** Methods that tell whether a key was noted. */
export const looksUpByKey = /^(Get|Has|Contains|Exists|Lookup|Load|IsSet|Find)$/;

/** Methods that take a key for themselves and say whether they could; `releasesOne` are their counterparts. */
export const takesOne = /^(Add|Try|Start|Begin|Acquire|Claim|Reserve|Mark|Set|Register|Lock)[A-Z]?\w*$/;

/** Methods that give back what `takesOne` has taken. */
export const releasesOne =
  /^(Remove|Delete|Release|Finish|End|Done|Stop|Unmark|Unset|Unregister|Unlock|Clear)[A-Z]?\w*$/;

/** What a limiter is called, whose `Wait` or `Allow` says how often. */
export const limiterNames = /limit|throttl|bucket|rate/i;

/** Methods of a pool of connections that wait for one of them. */
export const poolTakes = /^(get|acquire|connection|get_conn)$/;

/** What running work is counted by: an atomic, a number or a collection named like one. */
export const runningCounts =
  /active|count|in_?flight|running|conns?$|connections|tasks|workers|handles|jobs|sessions|clients|pending/i;

/** Reads after which a connection has said something: https://docs.rs/tokio/latest/tokio/io/trait.AsyncReadExt.html */
export const waitsForPeer = /^read(_exact|_buf|_line|_until|_u\d+|_i\d+|_to_end|_to_string)?$/;

/** Calls that give the number that is counted: of an atomic, of the owners of an `Arc`. */
export const countReads = /^(load|Load|fetch_add|Add|AddInt32|AddInt64|LoadInt32|LoadInt64|strong_count)$/;

/** Those of them that count one more and give the number: https://pkg.go.dev/sync/atomic, https://doc.rust-lang.org/std/sync/atomic/ */
export const countsAndTells = /^(fetch_add|Add|AddU?[iI]nt(32|64))$/;

/** Methods that take one out of what runs, and wait for it. */
export const takesOut =
  /^(pop|pop_front|pop_back|remove|swap_remove|join_next|next|select_next_some|recv|acquire)$/;

/** Atomic operations that admit work only below a number. */
export const countingGates = /^(fetch_update|compare_exchange|compare_exchange_weak)$/;

/** Methods of a type of the program that take one of a limited number; `lendingReturns` give it back. */
export const lendingTakes = /^(Take|Get|Enter|Borrow|Obtain|Start|Begin|Open)$/;

/** Methods that give back what `lendingTakes` has taken. */
export const lendingReturns = /^(Give|GiveBack|Put|Release|Leave|Return|Free|Exit|Finish|End)$/;

/** What a pool is called. */
export const poolNames = /pool/i;

/** Rust: what says itself that it lets only so many in, and the questions it is asked. */
export const limiterObjects = /limiter$|throttl|semaphore|permits$|admission/i;
export const limiterQuestions = /^(check|allow|allowed|is_allowed|admit|enter|try_\w+|take|until_\w+|ready)$/;

/** Rust: what the most connections, clients or sessions are called that a server lets in. */
export const mostConnections =
  /^(max(imum)?_?(\w+_)?(conns?|connections?|clients?|sessions?)|(conns?|connections?|clients?|sessions?)_(limit|max))$/i;

/** What the type of a limiter is called. */
export const limiterTypes = /Limiter$/;

/** What runs something once is called: `sync.Once` as a field. */
export const onceNames = /once/i;

/** Methods that lock for whoever changes something: https://pkg.go.dev/sync#RWMutex.Lock, https://doc.rust-lang.org/std/sync/struct.RwLock.html */
export const writeLocks = /^(Lock|lock|write)$/;

/** Functions that leave something locked behind them because that is what they are for. */
export const lockers =
  /(^|[a-z0-9_])(Lock|Acquire|Begin|Enter|Pause|Freeze|Suspend|Hold)|^(r?lock|acquire|begin|enter|pause|freeze|suspend|hold)/;
