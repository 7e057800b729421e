/** Rust caches: how they are made without a limit, and what limits them. */

/** Constructors that set no limit, by the end of their path, with the crate they must come from. */
export const unlimitedCaches: Readonly<Record<string, { readonly crate: RegExp; readonly source: string }>> =
  {
    'LruCache::unbounded': {
      crate: /^lru(_\w+)?::/,
      source: 'https://docs.rs/lru/latest/lru/struct.LruCache.html#method.unbounded',
    },
    'LruCache::unbounded_with_hasher': {
      crate: /^lru(_\w+)?::/,
      source: 'https://docs.rs/lru/latest/lru/struct.LruCache.html#method.unbounded_with_hasher',
    },
    'UnboundCache::new': {
      crate: /^cached::/,
      source: 'https://docs.rs/cached/latest/cached/stores/struct.UnboundCache.html',
    },
    'UnboundCache::with_capacity': {
      crate: /^cached::/,
      source: 'https://docs.rs/cached/latest/cached/stores/struct.UnboundCache.html',
    },
  };

/**
 * Go constructors that set no limit when an argument is at most this number, by import path and name; `fills` puts something
 * in without a time of its own.
 */
export const goUnlimitedCaches: Readonly<
  Record<
    string,
    { readonly argument: number; readonly none: bigint; readonly fills: RegExp; readonly source: string }
  >
> = {
  'github.com/golang/groupcache/lru.New': {
    argument: 0,
    none: 0n,
    fills: /^Add$/,
    source: 'https://pkg.go.dev/github.com/golang/groupcache/lru#Cache',
  },
  // Without an interval nothing that has expired is taken out.
  'github.com/patrickmn/go-cache.New': {
    argument: 1,
    none: 0n,
    fills: /^(Set|SetDefault|Add)$/,
    source: 'https://pkg.go.dev/github.com/patrickmn/go-cache#New',
  },
};

/** What limits a cache of moka in its builder: https://docs.rs/moka/latest/moka/sync/struct.CacheBuilder.html */
export const cacheLimits: ReadonlySet<string> = new Set(
  'max_capacity time_to_live time_to_idle expire_after'.split(' '),
);

/** Attributes that keep every result: https://docs.rs/cached/latest/cached/proc_macro/, https://docs.rs/memoize */
export const memoAttributes = /^((cached::)?(proc_macro::)?cached|memoize(::memoize)?)\b/;

/** Arguments of these attributes that limit what is kept. */
export const memoLimits = /\b(size|max_size|time|ty|type|create|Capacity|TimeToLive)\b/;

/** Methods of these caches that take entries out: https://docs.rs/lru/latest/lru/struct.LruCache.html */
export const cacheRemovals: ReadonlySet<string> = new Set(
  'pop_lru pop_mru pop_entry promote demote resize invalidate invalidate_all invalidate_entries_if cache_clear cache_remove cache_reset'.split(
    ' ',
  ),
);
