/** What tells, of bytes that a Rust program decodes, who has written them. */

/** Methods, and functions by the last two segments of their path, that write what `sizes.ts` and decoders read. */
export const writesFormats =
  /^(put_u32|put_u32_le|put_u64|put_u64_le|put_i32|put_i64|write_u32|write_u32_le|write_u64|write_u64_le|write_i32|write_i64|write_varint\w*|encode_varint|encode_u64\w*|encode_u32\w*|to_be_bytes|to_le_bytes|to_ne_bytes|(\w+::)?(write_u32|write_u64|encode_all|compress|compress_prepend_size|copy_encode)|(\w*(Encoder|Compressor|Writer))::(new|with_quality|fast|default))$/;

/** Words in the names of a crate, a file, a type or a function that say that it is about messages between programs. */
export const protocolWords: ReadonlySet<string> = new Set(
  (
    'frame frames framed framing packet packets protocol wire message messages msg handshake rpc request requests response ' +
    'peer peers conn connection net socket transport gossip p2p http websocket mqtt amqp kafka redis resp postgres mysql ldap dns tls quic rtp rtmp'
  ).split(' '),
);

/** Types that are what one program sends to another, by the last word of their names. */
export const messageTypes = /(Message|Msg|Frame|Packet|Datagram|Request)$/;
export const messageNames = /^(message|msg|frame|packet|datagram|request|req)$/;

/** Rust: calls that look up in a store what was put there: https://docs.rs/redis/latest/redis/trait.AsyncCommands.html */
export const storeReads = /^(h?get|h?mget|get_?(ex|del)|hget(all|ex)|get_(item|object|blob|value|cf))$/;

/** Rust: calls that open a connection to a server, and those that take what clients open. */
export const opening = /^(connect|connect_\w+)$/;
export const accepting = /^(accept|accept_\w+|incoming|bind|bind_\w+|listen|listen_\w+|serve|serve_\w+)$/;

/** Rust: folders of crates that clients of a server are made with. */
export const clientCrates = /(^|[/_-])(sdks?|clients?)([/_-]|$)/;

/** Go: functions that compress what they are given: https://pkg.go.dev/github.com/golang/snappy#Encode, https://pkg.go.dev/github.com/klauspost/compress/zstd#Encoder.EncodeAll */
export const packs = /^(Encode(All|Better|Best|Snappy)?|Compress\w*|Gzip|Deflate)$/;

/** Rust: what goes through a directory: https://docs.rs/walkdir/latest/walkdir/struct.WalkDir.html */
export const walks = /^(fs::read_dir|read_dir|WalkDir::new|glob|glob::glob)$/;
