/** What a clone of a type costs in Rust, which calls copy, and which methods only look. */

/**
 * Types whose clone copies a pointer, a counter or a few words. Keys are the last path segment, or `crate::Segment`
 * where the bare name is too common.
 */
export const rustCheapClones: ReadonlySet<string> = new Set([
  'Arc', // https://doc.rust-lang.org/std/sync/struct.Arc.html
  'Rc', // https://doc.rust-lang.org/std/rc/struct.Rc.html
  'Weak', // https://doc.rust-lang.org/std/sync/struct.Weak.html
  'Waker', // https://doc.rust-lang.org/std/task/struct.Waker.html
  'Thread', // https://doc.rust-lang.org/std/thread/struct.Thread.html
  'Sender', // https://doc.rust-lang.org/std/sync/mpsc/struct.Sender.html
  'SyncSender', // https://doc.rust-lang.org/std/sync/mpsc/struct.SyncSender.html
  'UnboundedSender', // https://docs.rs/tokio/latest/tokio/sync/mpsc/struct.UnboundedSender.html
  'WeakSender', // https://docs.rs/tokio/latest/tokio/sync/mpsc/struct.WeakSender.html
  'Receiver', // https://docs.rs/tokio/latest/tokio/sync/watch/struct.Receiver.html
  'PollSender', // https://docs.rs/tokio-util/latest/tokio_util/sync/struct.PollSender.html
  'CancellationToken', // https://docs.rs/tokio-util/latest/tokio_util/sync/struct.CancellationToken.html
  'TaskTracker', // https://docs.rs/tokio-util/latest/tokio_util/task/struct.TaskTracker.html
  'AbortHandle', // https://docs.rs/tokio/latest/tokio/task/struct.AbortHandle.html
  'Handle', // https://docs.rs/tokio/latest/tokio/runtime/struct.Handle.html
  'Shared', // https://docs.rs/futures/latest/futures/future/struct.Shared.html
  'Bytes', // https://docs.rs/bytes/latest/bytes/struct.Bytes.html
  'ByteString', // https://docs.rs/bytestring
  'Span', // https://docs.rs/tracing/latest/tracing/struct.Span.html
  'Dispatch', // https://docs.rs/tracing/latest/tracing/struct.Dispatch.html
  // Parts of an http message share their Bytes; standard names and methods are enums.
  'Uri', // https://docs.rs/http/latest/http/uri/struct.Uri.html
  'Authority', // https://docs.rs/http/latest/http/uri/struct.Authority.html
  'PathAndQuery', // https://docs.rs/http/latest/http/uri/struct.PathAndQuery.html
  'Scheme', // https://docs.rs/http/latest/http/uri/struct.Scheme.html
  'HeaderName', // https://docs.rs/http/latest/http/header/struct.HeaderName.html
  'HeaderValue', // https://docs.rs/http/latest/http/header/struct.HeaderValue.html
  'Method', // https://docs.rs/http/latest/http/method/struct.Method.html
  'StatusCode', // https://docs.rs/http/latest/http/status/struct.StatusCode.html
  'reqwest::Client', // https://docs.rs/reqwest/latest/reqwest/struct.Client.html
  'ClientWithMiddleware', // https://docs.rs/reqwest-middleware
  'hyper::Client', // https://docs.rs/hyper/0.14/hyper/client/struct.Client.html
  'hyper_util::Client', // https://docs.rs/hyper-util/latest/hyper_util/client/legacy/struct.Client.html
  'kube::Client', // https://docs.rs/kube/latest/kube/struct.Client.html
  'kube::Api', // https://docs.rs/kube/latest/kube/struct.Api.html
  'mongodb::Client', // https://docs.rs/mongodb/latest/mongodb/struct.Client.html
  'mongodb::Collection', // https://docs.rs/mongodb/latest/mongodb/struct.Collection.html
  'aws_sdk_s3::Client', // https://docs.rs/aws-sdk-s3/latest/aws_sdk_s3/struct.Client.html
  'tonic::Channel', // https://docs.rs/tonic/latest/tonic/transport/struct.Channel.html
  'tower::Buffer', // https://docs.rs/tower/latest/tower/buffer/struct.Buffer.html
  'BoxCloneService', // https://docs.rs/tower/latest/tower/util/struct.BoxCloneService.html
  'PgPool', // https://docs.rs/sqlx/latest/sqlx/struct.Pool.html
  'MySqlPool', // https://docs.rs/sqlx/latest/sqlx/struct.Pool.html
  'SqlitePool', // https://docs.rs/sqlx/latest/sqlx/struct.Pool.html
  'Pool', // https://docs.rs/sqlx/latest/sqlx/struct.Pool.html
  'DatabaseConnection', // https://docs.rs/sea-orm/latest/sea_orm/enum.DatabaseConnection.html
  'ConnectionManager', // https://docs.rs/redis/latest/redis/aio/struct.ConnectionManager.html
  'MultiplexedConnection', // https://docs.rs/redis/latest/redis/aio/struct.MultiplexedConnection.html
  'moka::Cache', // https://docs.rs/moka/latest/moka/sync/struct.Cache.html
  'quick_cache::Cache', // https://docs.rs/quick_cache
  'async_nats::Client', // https://docs.rs/async-nats/latest/async_nats/struct.Client.html
  'prometheus::IntCounter', // https://docs.rs/prometheus
  'IntCounter', // https://docs.rs/prometheus
  'IntGauge', // https://docs.rs/prometheus
  'IntCounterVec', // https://docs.rs/prometheus
  'HistogramVec', // https://docs.rs/prometheus
  'Histogram', // https://docs.rs/prometheus
  'Counter', // https://docs.rs/prometheus-client
  'Gauge', // https://docs.rs/prometheus-client
  'Family', // https://docs.rs/prometheus-client
  'Regex', // https://docs.rs/regex/latest/regex/struct.Regex.html
  'RegexSet', // https://docs.rs/regex/latest/regex/struct.RegexSet.html
  'SmolStr', // https://docs.rs/smol_str
  'ArcStr', // https://docs.rs/arcstr
  'ByteStr', // https://docs.rs/bytestring
  'FastStr', // https://docs.rs/faststr
  'EcoString', // https://docs.rs/ecow
  'EcoVec', // https://docs.rs/ecow
  'Ustr', // https://docs.rs/ustr
  'Symbol', // https://docs.rs/string-interner
  'Version', // https://docs.rs/http/latest/http/version/struct.Version.html
  'Duration', // https://doc.rust-lang.org/std/time/struct.Duration.html
  'Instant', // https://doc.rust-lang.org/std/time/struct.Instant.html
  'SystemTime', // https://doc.rust-lang.org/std/time/struct.SystemTime.html
  'DateTime', // https://docs.rs/chrono/latest/chrono/struct.DateTime.html
  'NaiveDate', // https://docs.rs/chrono
  'NaiveDateTime', // https://docs.rs/chrono
  'OffsetDateTime', // https://docs.rs/time/latest/time/struct.OffsetDateTime.html
  'Uuid', // https://docs.rs/uuid/latest/uuid/struct.Uuid.html
  'Ulid', // https://docs.rs/ulid
  'IpAddr', // https://doc.rust-lang.org/std/net/enum.IpAddr.html
  'Ipv4Addr', // https://doc.rust-lang.org/std/net/struct.Ipv4Addr.html
  'Ipv6Addr', // https://doc.rust-lang.org/std/net/struct.Ipv6Addr.html
  'SocketAddr', // https://doc.rust-lang.org/std/net/enum.SocketAddr.html
  'Decimal', // https://docs.rs/rust_decimal
  'PhantomData', // https://doc.rust-lang.org/std/marker/struct.PhantomData.html
  'Ordering', // https://doc.rust-lang.org/std/cmp/enum.Ordering.html
  'NonZeroUsize', // https://doc.rust-lang.org/std/num/
  'NonZeroU32', // https://doc.rust-lang.org/std/num/
  'NonZeroU64', // https://doc.rust-lang.org/std/num/
  'Iterator', // https://doc.rust-lang.org/std/iter/
]);

/** Built-in types that are copied, not cloned. */
export const rustCopyTypes: ReadonlySet<string> = new Set(
  'u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char & * fn never str slice'.split(' '),
);

export interface OwningRow {
  /** `buffer`: one allocation of text or bytes. `collection`: as many as it has elements, or a block of any size. */
  readonly what: 'buffer' | 'collection';
  /** Each element is cloned as well. */
  readonly elements: boolean;
  readonly source: string;
}

const owning = (what: OwningRow['what'], elements: boolean, source: string): OwningRow => ({
  what,
  elements,
  source,
});
const std = 'https://doc.rust-lang.org/std/';

/** Types whose clone allocates, by last path segment or `crate::Segment`. */
export const rustOwning: Readonly<Record<string, OwningRow>> = {
  String: owning('buffer', false, `${std}string/struct.String.html`),
  PathBuf: owning('buffer', false, `${std}path/struct.PathBuf.html`),
  OsString: owning('buffer', false, `${std}ffi/struct.OsString.html`),
  CString: owning('buffer', false, `${std}ffi/struct.CString.html`),
  Vec: owning('collection', true, `${std}vec/struct.Vec.html`),
  VecDeque: owning('collection', true, `${std}collections/struct.VecDeque.html`),
  LinkedList: owning('collection', true, `${std}collections/struct.LinkedList.html`),
  BinaryHeap: owning('collection', true, `${std}collections/struct.BinaryHeap.html`),
  HashMap: owning('collection', true, `${std}collections/struct.HashMap.html`),
  HashSet: owning('collection', true, `${std}collections/struct.HashSet.html`),
  BTreeMap: owning('collection', true, `${std}collections/struct.BTreeMap.html`),
  BTreeSet: owning('collection', true, `${std}collections/struct.BTreeSet.html`),
  IndexMap: owning('collection', true, 'https://docs.rs/indexmap'),
  IndexSet: owning('collection', true, 'https://docs.rs/indexmap'),
  FxHashMap: owning('collection', true, 'https://docs.rs/rustc-hash'),
  FxHashSet: owning('collection', true, 'https://docs.rs/rustc-hash'),
  AHashMap: owning('collection', true, 'https://docs.rs/ahash'),
  AHashSet: owning('collection', true, 'https://docs.rs/ahash'),
  FnvHashMap: owning('collection', true, 'https://docs.rs/fnv'),
  FnvHashSet: owning('collection', true, 'https://docs.rs/fnv'),
  DashMap: owning('collection', true, 'https://docs.rs/dashmap'),
  DashSet: owning('collection', true, 'https://docs.rs/dashmap'),
  HeaderMap: owning('collection', false, 'https://docs.rs/http/latest/http/header/struct.HeaderMap.html'),
  'serde_json::Value': owning(
    'collection',
    false,
    'https://docs.rs/serde_json/latest/serde_json/enum.Value.html',
  ),
  'serde_json::Map': owning(
    'collection',
    false,
    'https://docs.rs/serde_json/latest/serde_json/struct.Map.html',
  ),
  'serde_yaml::Value': owning('collection', false, 'https://docs.rs/serde_yaml'),
  'toml::Value': owning('collection', false, 'https://docs.rs/toml'),
  'url::Url': owning('buffer', false, 'https://docs.rs/url/latest/url/struct.Url.html'),
  BytesMut: owning('collection', false, 'https://docs.rs/bytes/latest/bytes/struct.BytesMut.html'),
};

/** Types that cost what their arguments cost. */
export const rustTransparentClones: ReadonlySet<string> = new Set(
  'Option Result tuple array Box Cow Reverse Wrapping Saturating Bound Poll ControlFlow'.split(' '),
);

/** Methods that make an owned copy of what they are called on. `text`: only where the receiver is text or bytes. */
export const rustCopies: Readonly<
  Record<string, { readonly of: 'any' | 'text' | 'slice' | 'cow'; readonly source: string }>
> = {
  clone: { of: 'any', source: `${std}clone/trait.Clone.html` },
  to_owned: { of: 'any', source: `${std}borrow/trait.ToOwned.html` },
  to_string: { of: 'text', source: `${std}string/trait.ToString.html` },
  to_vec: { of: 'slice', source: `${std}primitive.slice.html#method.to_vec` },
  into_owned: { of: 'cow', source: `${std}borrow/enum.Cow.html#method.into_owned` },
  to_path_buf: { of: 'text', source: `${std}path/struct.Path.html#method.to_path_buf` },
  to_os_string: { of: 'text', source: `${std}ffi/struct.OsStr.html#method.to_os_string` },
  cloned: { of: 'any', source: `${std}option/enum.Option.html#method.cloned` },
};

/** Methods that take out what an option holds: https://doc.rust-lang.org/std/option/enum.Option.html */
export const rustOpening: ReadonlySet<string> = new Set(['unwrap', 'expect', 'unwrap_or_default']);

/** Methods that only look at their receiver, by the receiver's last segment; `*` holds for every type. */
export const rustLookers: ReadonlySet<string> = new Set(
  // text
  (
    'as_bytes as_ref as_str as_slice as_path as_os_str as_deref borrow bytes chars char_indices contains display ends_with eq eq_ignore_ascii_case ' +
    'find rfind is_ascii is_char_boundary lines matches match_indices parse repeat replace replacen split split_ascii_whitespace split_at ' +
    'split_inclusive split_once split_terminator split_whitespace splitn rsplit rsplit_once rsplitn starts_with strip_prefix strip_suffix ' +
    'to_ascii_lowercase to_ascii_uppercase to_lowercase to_uppercase to_owned to_string to_vec to_path_buf to_str to_string_lossy trim trim_end ' +
    'trim_end_matches trim_matches trim_start trim_start_matches ' +
    // collections
    'len is_empty capacity get get_key_value contains_key first last front back iter keys values range chunks chunks_exact windows concat join ' +
    'binary_search binary_search_by binary_search_by_key split_first split_last first_key_value last_key_value union intersection difference ' +
    'is_subset is_superset is_disjoint peek get_index get_full ' +
    // comparison, paths, options
    'cmp partial_cmp ne lt le gt ge hash exists is_dir is_file is_absolute extension file_name file_stem parent components with_extension ' +
    'is_some is_none is_ok is_err clone host_str path query scheme as_u64 as_i64 as_f64 as_bool as_array as_object pointer'
  ).split(' '),
);

/** Map and set lookups that take a key by reference to any borrowed form of it. */
export const rustBorrowingLookups: ReadonlySet<string> = new Set(
  'get get_mut get_key_value contains_key contains remove remove_entry take get_many_mut range get_or_default'.split(
    ' ',
  ),
);

/** Methods that look for something in a collection, and give a reference or a number. */
export const rustLooksInto: ReadonlySet<string> = new Set(
  'get contains_key contains len is_empty first last get_key_value first_key_value last_key_value'.split(' '),
);

/** Macros that take their arguments by reference. */
export const rustBorrowingMacros: ReadonlySet<string> = new Set(
  (
    'format print println eprint eprintln write writeln panic assert assert_eq assert_ne debug_assert debug_assert_eq debug_assert_ne todo ' +
    'unimplemented unreachable trace debug info warn error event span trace_span debug_span info_span warn_span error_span log bail anyhow ensure ' +
    'matches format_args json'
  ).split(' '),
);

/** Crates whose macros of those names they are: another's `event!` may keep what it is given. */
export const rustBorrowingCrates: ReadonlySet<string> = new Set(
  'std core alloc log tracing defmt slog anyhow eyre color_eyre miette serde_json'.split(' '),
);

/** Methods that take anything which can be seen as a path, text or bytes (`AsRef`), so that a borrow serves. */
export const rustAsRefMethods: ReadonlySet<string> = new Set(
  'join arg args current_dir env with_file_name with_extension strip_prefix'.split(' '),
);

/** Methods of text and buffers that take their argument by any reference to text or bytes. */
export const rustTextTakers: ReadonlySet<string> = new Set(
  (
    'push_str write_str insert_str starts_with ends_with find rfind split split_once rsplit_once strip_prefix strip_suffix eq_ignore_ascii_case ' +
    'trim_start_matches trim_end_matches replace replacen write_all extend_from_slice copy_from_slice'
  ).split(' '),
);

/** Functions that take text or bytes by reference. */
export const rustTextFunctions =
  /(^|::)(from_str|from_slice|from_utf8|from_utf8_lossy|parse_str|from_bytes|Path::new|Url::parse|Regex::new|HeaderValue::from_str|Bytes::copy_from_slice)$/;

/** Functions of the same kind. */
export const rustAsRefFunctions =
  /^(std::)?(fs::\w+|fs::File::\w+|File::(open|create)|env::(var|set_current_dir))$/;

/** Methods that keep what they are given. */
export const rustKeepers: ReadonlySet<string> = new Set(
  'insert push push_back push_front entry or_insert extend send try_send blocking_send store set append add_task enqueue replace put'.split(
    ' ',
  ),
);

/** Types whose `clone_from` writes into the memory that the target already has. */
export const rustReusing: ReadonlySet<string> = new Set(
  'String Vec VecDeque BinaryHeap HashMap HashSet PathBuf OsString'.split(' '), // https://doc.rust-lang.org/std/clone/trait.Clone.html#method.clone_from
);

/** Calls that read a piece of input: a loop around one of them runs as often as the input is long. */
export const rustInputReads: ReadonlySet<string> = new Set(
  'read_line read_until read_record next_line fill_buf read_exact read_buf read read_frame read_message lines records deserialize into_records next_segment'.split(
    ' ',
  ),
);

/** Methods whose closure runs once for each element. */
export const rustPerElement: ReadonlySet<string> = new Set(
  (
    'map filter filter_map flat_map for_each any all find find_map position retain take_while skip_while map_while inspect fold try_fold try_for_each ' +
    'partition min_by max_by min_by_key max_by_key sort_by sort_by_key sort_unstable_by sort_unstable_by_key sort_by_cached_key dedup_by dedup_by_key ' +
    'binary_search_by binary_search_by_key for_each_concurrent group_by chunk_by scan rposition reduce then'
  ).split(' '),
);

/** Those of them that no `Option` has: https://doc.rust-lang.org/std/option/enum.Option.html */
export const rustIteratorsOnly =
  /^(for_each|sort|retain|dedup|flat_map|fold|partition|binary_search|try_for_each|position|rposition|filter_map|find_map|any$|all$|find$|take_while|skip_while|map_while|scan$|(min|max)_by)/;

/** Sorting methods that call their key function again for each comparison. */
export const rustKeySorts: ReadonlySet<string> = new Set('sort_by_key sort_unstable_by_key'.split(' '));

/** Methods that put their argument into what they are called on. */
export const keepingMethods =
  /^(push|push_back|push_front|insert|replace|set|extend|append|get_or_insert|add|store|entry)$/;

/** Methods that lend what they are called on, or what is in it. */
export const lendingMethods =
  /^(borrow_mut|borrow|lock|write|read|unwrap|expect|get_mut|as_mut|as_ref|entry|or_default|or_insert_with|deref_mut|make_mut)$/;

/** Types that hold no heap of their own. */
export const plainTypes =
  /^(bool|char|str|[iuf](8|16|32|64|128|size)|NonNull|PhantomData|Duration|Instant|Atomic\w+|NonZero\w*|Ordering)$/;

/**
 * Calls that take back what `into_raw` gave away: https://doc.rust-lang.org/std/boxed/struct.Box.html#method.from_raw
 */
export const rawTakes = /(^|::)(from_raw(_in|_parts|_parts_in)?|decrement_strong_count|drop_in_place)$/;

/** Calls that end what `ManuallyDrop` keeps: https://doc.rust-lang.org/std/mem/struct.ManuallyDrop.html */
export const manualTakes = /(^|::)(ManuallyDrop::(drop|take|into_inner)|ptr::read|drop_in_place)$/;

/** Methods after which somebody may have the pointer. */
export const pointerMethods =
  /^(as_ptr|as_mut_ptr|as_raw\w*|into_raw\w*|read|read_unaligned|addr_of\w*|transmute\w*|as_non_null|from_raw\w*|cast|take|replace)$/;

/** Methods that wait for a lock, or try it: https://doc.rust-lang.org/std/sync/struct.RwLock.html, https://docs.rs/parking_lot */
export const rustLocking = /^((try_|blocking_)?(lock|read|write)|upgradable_read)(_owned|_arc|_recursive)?$/;

/** Methods that look at what is shared for a moment, without a lock's name. */
export const rustMomentary = /^(borrow|borrow_mut|load)$/;

/** Lists whose elements are gone over one by one. */
export const rustLists = /^(Vec|VecDeque|slice|array|BTreeSet|HashSet|BinaryHeap|LinkedList|SmallVec)$/;

/** What owns bytes or text, and the handle that many can have of the same: https://docs.rs/bytes, https://doc.rust-lang.org/std/sync/struct.Arc.html */
export const rustShared: Readonly<Record<string, string>> = {
  'Vec<u8>': 'Bytes',
  Vec: 'Arc',
  BytesMut: 'Bytes',
  String: 'Arc<str>',
};

/** What gives another receiver of a sender: https://docs.rs/tokio/latest/tokio/sync/broadcast/struct.Sender.html#method.subscribe, https://docs.rs/async-broadcast/latest/async_broadcast/struct.Sender.html#method.new_receiver */
export const subscribingMethods = /^(subscribe|new_receiver)$/;

/** What goes around a future before it is spawned: https://docs.rs/tracing/latest/tracing/trait.Instrument.html, https://docs.rs/opentelemetry/latest/opentelemetry/trait.FutureExt.html */
export const taskWrappers = /^(instrument|in_current_span|with_context|with_current_context|boxed)$/;
