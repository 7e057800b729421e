/** How lists and channels are called that hold what is to be used again. */
export const freeListNames =
  /(^|_)(pool|pools|free|freelist|free_list|spare|spares|recycled?|recycler|reuse|reusable|idle_?buf\w*|scratch)(_|$)|([a-z](Pool|FreeList|Free|Spares?|Recycled?))$|^(pool|free|spare|recycle|reuse)[A-Z]?\w*/;

/** Rust types that pool objects: https://docs.rs/object-pool, https://docs.rs/lockfree-object-pool */
export const rustPoolCrates = /^(Pool|ObjectPool|LinearObjectPool|MutexObjectPool|SpinLockObjectPool)$/;

/** What the type of a free list is called. */
export const poolTypeNames = /pool$/i;

/** Rust: methods that put something back into a free list. */
export const putMethods = /^(push|push_back|try_send|send|force_push|attach)$/;

/** Methods of a pool of the program's own that take something back. */
export const givesBack = /^([pP]ut|[gG]ive|[rR]elease|[fF]ree|[rR]ecycle|[rR]eturn)/;
