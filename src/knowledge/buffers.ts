/** Buffers that keep their allocation when they are emptied: what adds to one, what empties it, what gives it back. */

/** `bytes` holds text or bytes, `list` elements, `map` entries. */
export type BufferShape = 'bytes' | 'list' | 'map';

/** Rust types by last path segment. `clear` keeps the capacity: https://doc.rust-lang.org/std/vec/struct.Vec.html#method.clear */
export const rustBuffers: Readonly<Record<string, BufferShape>> = {
  String: 'bytes',
  BytesMut: 'bytes', // https://docs.rs/bytes/latest/bytes/struct.BytesMut.html#method.clear
  OsString: 'bytes',
  Vec: 'list',
  VecDeque: 'list',
  BinaryHeap: 'list',
  HashMap: 'map', // https://doc.rust-lang.org/std/collections/struct.HashMap.html#method.clear
  HashSet: 'map',
  FxHashMap: 'map',
  FxHashSet: 'map',
  AHashMap: 'map',
  AHashSet: 'map',
  IndexMap: 'map',
  IndexSet: 'map',
};

/** Go types by canonical name. `bytes.Buffer.Reset` keeps the storage: https://pkg.go.dev/bytes#Buffer.Reset */
export const goBuffers: Readonly<Record<string, BufferShape>> = {
  slice: 'list',
  map: 'map', // https://github.com/golang/go/issues/20135
  'bytes.Buffer': 'bytes',
};

/** Rust methods that add many elements a call; the argument that says which, or -1. */
export const rustBulk: Readonly<Record<string, number>> = {
  extend: 0,
  extend_from_slice: 0,
  extend_from_within: 0,
  append: 0,
  resize: 0,
  resize_with: 0,
  push_str: 0,
  insert_str: 1,
  put: 0,
  put_slice: 0,
  put_bytes: 1,
  write_all: 0,
  write: 0,
  write_str: 0,
  write_fmt: 0,
};

/** Rust methods that add one element a call. */
export const rustSingle: ReadonlySet<string> = new Set(
  'push push_back push_front insert or_insert or_insert_with or_default'.split(' '),
);

/** Rust methods that read into the buffer they are given; the argument it is. */
export const rustReadsInto: Readonly<Record<string, number>> = {
  read_to_end: 0,
  read_to_string: 0,
  read_until: 1,
  read_line: 0,
  read_buf: 0,
};

/** Rust functions that fill a buffer up to the length it has, or only take from it. */
export const rustFillsOnly =
  /^(read|read_exact|read_vectored|read_at|read_exact_at|recv|recv_many|recv_from|peek|copy_from_slice|fill|fill_bytes|try_fill_bytes|swap|drop|from_mut|borrow|poll_read|new|decode|append|extend|sort\w*|chunks\w*|iter_mut)$/;

/** Rust methods that empty a buffer and keep its allocation. */
export const rustEmptying: ReadonlySet<string> = new Set(['clear', 'truncate', 'drain', 'set_len']);

/** Rust methods that give the allocation back or away. */
export const rustReleasing: ReadonlySet<string> = new Set(
  'shrink_to shrink_to_fit split split_to split_off freeze into_boxed_slice'.split(' '),
);

/** Methods of Go's `bytes.Buffer` that add much a call. */
export const goBufferBulk: ReadonlySet<string> = new Set(['Write', 'WriteString', 'ReadFrom', 'Grow']);
export const goBufferSingle: ReadonlySet<string> = new Set(['WriteByte', 'WriteRune']);
export const goBufferEmptying: ReadonlySet<string> = new Set(['Reset', 'Truncate']);

/** Go functions and methods that write into the buffer their first argument points to. */
export const goWritesInto =
  /^(Copy$|CopyN|CopyBuffer|Fprint|Execute|Encode|Write|Marshal|Render|Indent|Compact|HTMLEscape|Dump|Serialize|Print|Compress|Append|New\w*(Writer|Encoder|Compressor|Marshaler))/;

/** Names of functions and types that handle one packet of a network at a time, which has 64 KiB at most. */
export const packetNames = /packet|datagram|ethernet|(^|[a-z_])(tap|tun)[A-Z_]/i;

/** Go functions that give back the slice they are given with more in it: `b = f(b, x)`. */
export const goAppends = /append|write|encode|marshal|put|add|grow|format|quote|insert|push/i;

/** Go functions that take what they read off the front of a slice: `rest, err := m.Unmarshal(rest)`. */
export const decodes = /unmarshal|decode|parse|consume/i;

/** Expressions of a few bytes: what turns numbers and times into text. */
export const smallTexts =
  /^(Itoa|FormatInt|FormatUint|FormatFloat|FormatBool|AppendInt|AppendUint|AppendFloat|AppendBool|AppendUint16|AppendUint32|AppendUint64|AppendUvarint|AppendVarint|AppendRune|AppendQuoteRune|AppendFormat|PutUvarint|Format|to_be_bytes|to_le_bytes|to_ne_bytes|as_micros|as_nanos)$/;

/** What texts of a few words are called, whoever chooses them. */
export const smallNames =
  /^(reason|host_?[nN]ame|host|label|prefix|suffix|kind|status|method|scheme|unit|tier|level|version|uuid)$/;

/** Types that belong to one session, connection or stream, by what they are called, and are gone with it. */
export const sessionTypes =
  /(Session|Conn|Connection|Stream|Iterator|([pP]acket|[sS]tream|[cC]onn|[fF]rame|[mM]essage)(Writer|Reader|Encoder|Decoder))$/;

/** Calls that write a value of the program into a buffer: https://docs.rs/serde_json/latest/serde_json/fn.to_writer.html, https://docs.rs/prost/latest/prost/trait.Message.html */
export const encoders = /^(encode\w*|serialize\w*|to_writer\w*|marshal\w*|Marshal\w*|Encode\w*)$/;

/** Rust: iterators over the characters or bytes of a text: https://doc.rust-lang.org/std/primitive.str.html#method.chars */
export const textWalks = /^(chars|char_indices|bytes|iter|split|lines|split_whitespace)$/;

/** Types of elements with room of their own, as long as whoever filled them liked. */
export const ownsRoom = /^(String|string|Vec|slice|BytesMut|Bytes|OsString|PathBuf|Box|Buffer)$/;

/** Types of elements that take a word or less, besides Rust's own numbers: Go's numbers, pointers, descriptors. */
export const wordTypes = /^(u?int(8|16|32|64|ptr)?|float(32|64)|rune|byte|RawFd|OwnedFd|Uid|Gid|Pid|\*)$/;

/** Names of numbers that something must not be larger than. */
export const limitNames = /(max|limit|cap|capacity|threshold|target|most|bound)/i;
