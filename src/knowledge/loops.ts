/** Calls by which a loop waits, and what they say of it. */

/** What a stream calls it: it may end. */
export const streamNext = /^(next|try_next|poll_next)$/;

/** Rust: takes the next of a stream or channel when there is one, and does not wait for it. */
export const takesWithoutWaiting = /^(poll_next|poll_next_unpin|poll_recv|try_recv|try_next)$/;

/** Rust: what is awaited until somebody says that there is something to do: https://docs.rs/tokio/latest/tokio/sync/struct.Notify.html */
export const wakes = /^(notified|recv|recv_many|next|changed)$/;

/** Rust: what is awaited until a time has passed. */
export const ticks = /^(tick|sleep|sleep_until|interval)$/;

/** Rust: what is awaited until something may be done. */
export const waitsForLeave = /^(lock|read|write|acquire|acquire_owned|yield_now|cancelled)$/;

/** What a loop waits by that tries again until something has worked. */
export const retryWaits = /^(sleep|sleep_until|wait|fetch|poll|receive|select)$/;

/** Calls that wait, or that an iterator or a collection has as well. */
export const eitherWaits = /^(next|wait|poll|fetch|receive|park|select|Next|Get|Take|Pop|Fetch|Wait)$/;

/** Go: methods and functions that take what a connection brings next: https://pkg.go.dev/encoding/gob#Decoder.Decode */
export const connectionReads =
  /^(Decode|Read|ReadFull|ReadAtLeast|ReadString|ReadBytes|ReadLine|ReadSlice|ReadMIMEHeader)$/;

/**
 * Rust: methods that take what a connection brings next:
 * https://docs.rs/tokio/latest/tokio/io/trait.AsyncReadExt.html, https://doc.rust-lang.org/std/io/trait.Read.html
 */
export const rustConnectionReads =
  /^(read|read_exact|read_buf|read_line|read_until|read_(u|i)(8|16|32|64|128)(_le)?|next_line|fill_buf)$/;

/** Go: those of them that wait when they are given a context. */
export const iteratorCalls = /^(Next|Fetch)$/;

/** Go: names of calls that hand something to another process, and take as long as that takes. */
export const sendsAway =
  /^(Encode|Write(To|Message|JSON|Frame|Messages|Points?|Batch)?|Send\w*|Push\w*|Publish\w*|Produce\w*|Post\w*|Put\w*Objects?|Do|Exec(Context)?|SendBatch|CopyFrom|Insert(One|Many)|Index\w*|Bulk\w*|Deliver\w*|Upload\w*|Export\w*|Forward\w*)$/;

/** Rust: iterators over what a connection brings: https://doc.rust-lang.org/std/io/trait.BufRead.html#method.lines */
export const rustConnectionItems = /^(lines|split|bytes)$/;

/** Rust: what is asked or said of a peer that takes no more for now: https://doc.rust-lang.org/std/io/enum.ErrorKind.html#variant.WouldBlock */
export const peerPaced =
  /^(WouldBlock|try_write|poll_write|poll_ready|poll_flush|start_send|start_send_unpin|writable)$/;
