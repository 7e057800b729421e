/** Rust: what runs futures beside each other, and what tells how many there are. */

/**
 * Adapters that take a limit as their first argument: https://docs.rs/futures/latest/futures/stream/trait.StreamExt.html
 */
export const limitedAdaptors =
  /^(for_each_concurrent|try_for_each_concurrent|buffer_unordered|buffered|try_buffer_unordered|try_buffered|flatten_unordered|flat_map_unordered)$/;

/** Functions that run everything they are given. */
export const runsAll = /^(join_all|try_join_all)$/;

/**
 * Sets of futures that are polled together: https://docs.rs/futures/latest/futures/stream/struct.FuturesUnordered.html
 */
export const futureSets = /^(FuturesUnordered|FuturesOrdered)$/;

/** Iterator methods that give as many as they get, and what takes a collection out of a result. */
export const passesAll =
  /^(map|iter|into_iter|iter_mut|filter|filter_map|enumerate|zip|cloned|copied|collect|drain|values|keys|into_values|into_keys|chain|rev|flat_map|clone|to_vec|unwrap|expect|unwrap_or_default|map_err|context|into_inner|as_slice|as_ref|lock|read|chunks_exact|peekable|inspect|boxed|dedup|unique|sorted)$/;

/** Calls that give as many as there are elsewhere: rows, files, objects, keys. */
export const listings =
  /^(fetch_all|query_map|query_as|find_all|find_many|read_dir|load_many|list|list_(all|blobs|dir|entries|files|keys|objects\w*|prefix)|hgetall|smembers|zrange|lrange|scan_all|walk_dir|glob|lines|split|split_whitespace)$/;

/** Calls that ask how large a file is: https://docs.rs/tokio/latest/tokio/fs/fn.metadata.html */
export const fileSizes = /^(metadata|symlink_metadata|file_size)$/;

/** Types of parameters that are what somebody has sent. */
export const sentTypes =
  /(Request|Req|Params|Query|Body|Payload|Input|Form|Json|Command|Message|Msg|Event|Call|Args|Data|Batch)$/;

/** Methods that give the next of what is listed: of streams, of tokio's folders, of rows. */
export const nextItem = /^(next|try_next|next_entry|next_row|next_page|message)$/;

/** Methods of such a set that wait for one of them. */
export const nextFuture = /^(next|try_next|select_next_some)$/;
