/** What reads a whole stream into memory, what limits a stream, and what decompresses one. */

/** Functions and methods that read to the end. The stream is argument `reader`, or the object where it is -1. */
export interface WholeRead {
  readonly reader: number;
}

/** Go, by canonical name of the function, or `.Method`. */
export const goWholeReads: Readonly<Record<string, WholeRead>> = {
  'io.ReadAll': { reader: 0 }, // https://pkg.go.dev/io#ReadAll
  'io/ioutil.ReadAll': { reader: 0 }, // https://pkg.go.dev/io/ioutil#ReadAll
  '.ReadFrom': { reader: 0 }, // https://pkg.go.dev/bytes#Buffer.ReadFrom
};

/** What a framework's request keeps of its body, by name of the method or function. */
export interface BodyReads {
  /** Gives all of it. */
  readonly gives?: RegExp;
  /** Decodes it, which keeps all of it until then; what decodes forms and queries as well depends on the target. */
  readonly decodes?: RegExp;
  /** Gives it piece by piece. */
  readonly streams?: RegExp;
  /** The server limits all bodies until somebody lifts that. */
  readonly served?: true;
}

const fasthttpStream = /^(Request)?BodyStream$/;

/** Go: types of frameworks that hold a request, and packages whose functions are given its body (`package:`). */
export const goBodyReads: Readonly<Record<string, BodyReads>> = {
  // https://pkg.go.dev/github.com/gin-gonic/gin#Context.ShouldBindJSON
  'github.com/gin-gonic/gin.Context': {
    gives: /^(GetRawData|ShouldBindBodyWith(JSON|XML|YAML|TOML)?)$/,
    decodes: /^(Should)?Bind(JSON|XML|YAML|TOML)?$/,
  },
  'github.com/labstack/echo.Context': { decodes: /^Bind$/ }, // https://pkg.go.dev/github.com/labstack/echo/v4#DefaultBinder.BindBody
  'github.com/gobuffalo/buffalo.Context': { decodes: /^Bind$/ }, // https://pkg.go.dev/github.com/gobuffalo/buffalo#Context
  'github.com/emicklei/go-restful.Request': { decodes: /^ReadEntity$/ }, // https://pkg.go.dev/github.com/emicklei/go-restful/v3#Request.ReadEntity
  // https://pkg.go.dev/github.com/kataras/iris/v12/context#Context.ReadJSON
  'github.com/kataras/iris.Context': { gives: /^GetBody$/, decodes: /^Read(JSON|XML|YAML|Body)$/ },
  'github.com/kataras/iris/context.Context': { gives: /^GetBody$/, decodes: /^Read(JSON|XML|YAML|Body)$/ },
  'package:github.com/go-chi/render': { decodes: /^(Decode(JSON|XML)?|Bind)$/ }, // https://pkg.go.dev/github.com/go-chi/render#DecodeJSON
  // https://pkg.go.dev/github.com/gofiber/fiber/v2#Ctx.Body
  'github.com/gofiber/fiber.Ctx': { gives: /^Body(Raw)?$/, decodes: /^BodyParser$/, served: true },
  // https://pkg.go.dev/github.com/valyala/fasthttp#Request.Body
  'github.com/valyala/fasthttp.Request': { gives: /^Body$/, streams: fasthttpStream, served: true },
  'github.com/valyala/fasthttp.RequestCtx': { gives: /^PostBody$/, streams: fasthttpStream, served: true },
};

/**
 * Go: settings of servers that limit all bodies to 4 MiB by default: which field says how long one may be, and which one hands
 * longer ones on as streams: https://pkg.go.dev/github.com/gofiber/fiber/v2#Config, https://pkg.go.dev/github.com/valyala/fasthttp#Server
 */
export const goServerLimits: Readonly<Record<string, string>> = {
  'github.com/gofiber/fiber.Config': 'BodyLimit',
  'github.com/valyala/fasthttp.Server': 'MaxRequestBodySize',
};
export const goBodyStreams = 'StreamRequestBody';

/** A body of this length is longer than the memory of most containers. */
export const hugeBody = 1n << 30n;

/** Go methods that read to an end which the other side sets, by the type that has them. */
export const goEndReads: Readonly<Record<string, readonly string[]>> = {
  'net/textproto.Reader': ['ReadDotBytes', 'ReadDotLines'], // https://pkg.go.dev/net/textproto#Reader.ReadDotBytes
  'net/textproto.Conn': ['ReadDotBytes', 'ReadDotLines'],
};

/**
 * Go methods that give a whole message, by the type that has them. A connection of gorilla's limits none until it is told:
 * https://pkg.go.dev/github.com/gorilla/websocket#Conn.SetReadLimit
 */
export const goMessageReads: Readonly<Record<string, readonly string[]>> = {
  'github.com/gorilla/websocket.Conn': ['ReadMessage', 'ReadJSON'],
};
export const goMessageLimit = 'SetReadLimit';
export const goMessageTakes = /^(ReadMessage|ReadJSON|NextReader)$/;

/** Go methods that give the same message piece by piece. */
export const goMessageReaders: Readonly<Record<string, readonly string[]>> = {
  'github.com/gorilla/websocket.Conn': ['NextReader'], // https://pkg.go.dev/github.com/gorilla/websocket#Conn.NextReader
};

/** Go methods that ask a store for an object, with the field of their input that names it. */
export const goObjects: Readonly<Record<string, string>> = {
  GetObject: 'Key', // https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/service/s3#Client.GetObject
  GetObjectWithContext: 'Key', // https://docs.aws.amazon.com/sdk-for-go/api/service/s3/#S3.GetObjectWithContext
};

/** Go types that decode a value from a stream, and keep all of its bytes until it ends. */
export const goStreamDecoders: ReadonlySet<string> = new Set([
  'encoding/json.Decoder', // https://pkg.go.dev/encoding/json#Decoder.Decode
  'encoding/xml.Decoder', // https://pkg.go.dev/encoding/xml#Decoder.Decode
  'gopkg.in/yaml.v2.Decoder', // https://pkg.go.dev/gopkg.in/yaml.v2#Decoder.Decode
  'gopkg.in/yaml.v3.Decoder', // https://pkg.go.dev/gopkg.in/yaml.v3#Decoder.Decode
]);

/** Methods of such a decoder with which a caller takes a stream value by value. */
export const goStreamSteps = /^(More|Token|RawToken)$/;

/** Go functions that give a request with its whole body where their second argument is true. */
export const goDumps: ReadonlySet<string> = new Set([
  'net/http/httputil.DumpRequest', // https://pkg.go.dev/net/http/httputil#DumpRequest
]);

/** Whole files by name. */
export const goFileReads: ReadonlySet<string> = new Set(['os.ReadFile', 'io/ioutil.ReadFile']);
export const rustFileReads = /^(std::fs|fs|tokio::fs|async_std::fs|async_fs|fs_err)::(read|read_to_string)$/;

/** Rust methods that read to the end of the object. */
export const rustWholeReads: ReadonlySet<string> = new Set(['read_to_end', 'read_to_string']);

/**
 * Go methods that read up to a delimiter, however far that is, by the type that has them. `ReadLine` of a
 * `bufio.Reader` and a `Scanner` give up where their buffer ends: https://pkg.go.dev/bufio#Reader.ReadString
 */
export const goLineReads: Readonly<Record<string, readonly string[]>> = {
  'bufio.Reader': ['ReadString', 'ReadBytes'],
  'bufio.ReadWriter': ['ReadString', 'ReadBytes'],
  'net/textproto.Reader': ['ReadLine', 'ReadLineBytes', 'ReadContinuedLine'],
  'net/textproto.Conn': ['ReadLine', 'ReadLineBytes', 'ReadContinuedLine'],
};

/**
 * Rust methods that read up to a delimiter, however far that is, with the fewest arguments they have:
 * https://doc.rust-lang.org/std/io/trait.BufRead.html
 */
export const rustLineReads: Readonly<Record<string, number>> = {
  read_line: 1,
  read_until: 2,
  lines: 0,
  split: 1,
};

/**
 * Rust methods that, awaited on a stream, keep all of it: http-body-util's `BodyExt`, futures' `StreamExt`.
 * https://docs.rs/http-body-util/latest/http_body_util/trait.BodyExt.html#method.collect
 */
export const rustCollectors: ReadonlySet<string> = new Set(
  // rocket's `DataStream` has the last two: https://docs.rs/rocket/latest/rocket/data/struct.DataStream.html
  (
    'collect try_collect concat try_concat fold try_fold to_bytes aggregate into_bytes into_string ' +
    // poem's `Body`: https://docs.rs/poem/latest/poem/struct.Body.html#method.into_vec
    'into_vec'
  ).split(' '),
);

/**
 * Rust: codecs that gather a line however long it is, unless they are made with a maximum:
 * https://docs.rs/tokio-util/latest/tokio_util/codec/struct.LinesCodec.html#method.new
 */
export const rustLineCodecs =
  /^tokio_util::codec::(LinesCodec|AnyDelimiterCodec)::(new|default|new_with_max_length)$/;

/** Rust: what opens a connection to a server: https://docs.rs/tokio/latest/tokio/net/struct.TcpStream.html#method.connect */
export const connecting = /^(connect(_timeout)?|connect_async\w*|client\w*)$/;

/** Rust: methods that set how long one frame of tokio-util's `LengthDelimitedCodec` may be. */
export const frameLimits: ReadonlySet<string> = new Set(['max_frame_length', 'set_max_frame_length']);

/**
 * Rust: how long a message of a web socket may be, where 64 MiB is what it would be:
 * https://docs.rs/tungstenite/latest/tungstenite/protocol/struct.WebSocketConfig.html#structfield.max_message_size
 */
export const messageLimitSetting = 'max_message_size';

/** Rust: the types that have it: https://docs.rs/axum/latest/axum/extract/ws/struct.WebSocketUpgrade.html */
export const webSocketSettings = /(^|::)WebSocket(Config|Upgrade)$/;

/** Rust: what makes a web socket of a connection that somebody has opened: https://docs.rs/tokio-tungstenite/latest/tokio_tungstenite/ */
export const webSocketAccepts = /^(accept(_hdr)?(_async)?_with_config|on_upgrade)$/;

/** Rust: methods that bring a connection: https://doc.rust-lang.org/std/net/struct.TcpListener.html */
export const rustAccepts = /^(accept|accept_unix|incoming)$/;

/** Rust methods that keep all of a response: https://docs.rs/reqwest/latest/reqwest/struct.Response.html#method.bytes */
export const rustAnswerReads: ReadonlySet<string> = new Set(['bytes', 'text', 'text_with_charset']);

/** Methods of clients that begin a request, whose last argument is the address. */
export const rustAsks: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'request']);

/** Functions that make an address of the text of one: https://docs.rs/url/latest/url/struct.Url.html#method.parse */
export const addressMakers = /^(parse|from_str|try_from|from)$/;

/** Methods that give the same address in another form, or out of a result. */
export const sameAddress =
  /^(clone|as_str|as_ref|as_deref|to_string|to_owned|into|parse|trim|map_err|ok|ok_or|ok_or_else|context|with_context|wrap_err|unwrap|expect)$/;

/** Go methods that add a piece to a buffer: https://pkg.go.dev/bytes#Buffer.Write */
export const goPieces: ReadonlySet<string> = new Set(['Write', 'WriteString']);

/** Rust: asks a store for an object: https://docs.rs/aws-sdk-s3/latest/aws_sdk_s3/struct.Client.html#method.get_object */
export const rustObjectGet = 'get_object';

/** Rust methods that add a piece to a buffer. */
export const rustPieces = /^(extend_from_slice|extend|put|put_slice|append|push|push_str|write_all)$/;

/** Warp's filters that give a whole body; warp limits none of them: https://docs.rs/warp/latest/warp/filters/body/ */
export const rustBodySources = /^warp::(filters::)?body::(bytes|json|form|aggregate)$/;

/** Rust methods that add what a stream gives to a buffer: https://docs.rs/tokio/latest/tokio/io/trait.AsyncReadExt.html#method.read_buf */
export const rustBufferReads: ReadonlySet<string> = new Set(['read_buf']);

/** Rust functions that parse all of a reader. */
export const rustParsers =
  /^(serde_json|serde_yaml|serde_yml|serde_cbor|ciborium|rmp_serde|bincode|simd_json)::(\w+::)?(from_reader|from_read|deserialize_from)$/;

/** A call that decompresses a whole buffer into memory. */
export interface WholeDecode {
  readonly decoder: string;
  /** The argument that is written to, where the result is not returned. */
  readonly output?: number;
  /** The argument that limits the result, where there is one. */
  readonly limit?: number;
}

const miniz = { decoder: 'miniz_oxide' }; // https://docs.rs/miniz_oxide/latest/miniz_oxide/inflate/
const inflate = { decoder: 'inflate' }; // https://docs.rs/inflate/latest/inflate/
const lz4Flex = { decoder: 'lz4_flex' }; // https://docs.rs/lz4_flex/latest/lz4_flex/block/
const zstdStream = { decoder: 'zstd' }; // https://docs.rs/zstd/latest/zstd/stream/
const lzma = { decoder: 'lzma_rs', output: 1 }; // https://docs.rs/lzma-rs

/** Rust functions that decompress a whole buffer, by the end of their path. */
export const rustDecodes: Readonly<Record<string, WholeDecode>> = {
  'zstd::decode_all': zstdStream,
  'zstd::stream::decode_all': zstdStream,
  'zstd::stream::copy_decode': { ...zstdStream, output: 1 },
  'ruzstd::decode_all': { decoder: 'ruzstd' }, // https://docs.rs/ruzstd
  'inflate::decompress_to_vec': miniz,
  'inflate::decompress_to_vec_zlib': miniz,
  'inflate::inflate_bytes': inflate,
  'inflate::inflate_bytes_zlib': inflate,
  'inflate::inflate_bytes_zlib_no_checksum': inflate,
  'lz4_flex::decompress_size_prepended': lz4Flex,
  'lz4_flex::block::decompress_size_prepended': lz4Flex,
  'lz4::block::decompress': { decoder: 'lz4', limit: 1 }, // https://docs.rs/lz4/latest/lz4/block/
  'brotli::BrotliDecompress': { decoder: 'brotli', output: 1 }, // https://docs.rs/brotli
  'brotli_decompressor::BrotliDecompress': {
    decoder: 'brotli',
    output: 1,
    // https://docs.rs/brotli-decompressor
  },
  'lzma_rs::lzma_decompress': lzma,
  'lzma_rs::lzma2_decompress': lzma,
  'lzma_rs::xz_decompress': lzma,
  'yazi::decompress': { decoder: 'yazi' }, // https://docs.rs/yazi
};

/** What is unpacked, where that is no text or bytes. */
export const PICTURE = 'a picture';

/** Go functions that decompress a whole buffer, by canonical name, methods with their type. */
export const goDecodes: Readonly<Record<string, WholeDecode>> = {
  'github.com/golang/snappy.Decode': {
    decoder: 'snappy',
    // https://pkg.go.dev/github.com/golang/snappy#Decode
  },
  'github.com/klauspost/compress/snappy.Decode': {
    decoder: 'snappy',
    // https://pkg.go.dev/github.com/klauspost/compress/snappy#Decode
  },
  'github.com/klauspost/compress/s2.Decode': {
    decoder: 's2',
    // https://pkg.go.dev/github.com/klauspost/compress/s2#Decode
  },
  'github.com/klauspost/compress/zstd.Decoder.DecodeAll': {
    decoder: 'zstd',
    // https://pkg.go.dev/github.com/klauspost/compress/zstd#Decoder.DecodeAll
  },
  'github.com/DataDog/zstd.Decompress': {
    decoder: 'zstd',
    // https://pkg.go.dev/github.com/DataDog/zstd#Decompress
  },
  'github.com/valyala/gozstd.Decompress': {
    decoder: 'gozstd',
    // https://pkg.go.dev/github.com/valyala/gozstd#Decompress
  },
  ...pictures([
    'image.Decode', // https://pkg.go.dev/image#Decode
    'image/png.Decode', // https://pkg.go.dev/image/png#Decode
    'image/jpeg.Decode', // https://pkg.go.dev/image/jpeg#Decode
    'image/gif.Decode', // https://pkg.go.dev/image/gif#Decode
    'image/gif.DecodeAll', // https://pkg.go.dev/image/gif#DecodeAll
    'golang.org/x/image/webp.Decode', // https://pkg.go.dev/golang.org/x/image/webp#Decode
    'golang.org/x/image/tiff.Decode', // https://pkg.go.dev/golang.org/x/image/tiff#Decode
    'golang.org/x/image/bmp.Decode', // https://pkg.go.dev/golang.org/x/image/bmp#Decode
    'github.com/disintegration/imaging.Decode', // https://pkg.go.dev/github.com/disintegration/imaging#Decode
  ]),
};

/** A picture of a few kilobytes may say that it has any number of pixels, each of which takes up to eight bytes. */
function pictures(functions: readonly string[]): Readonly<Record<string, WholeDecode>> {
  return Object.fromEntries(functions.map((name) => [name, { decoder: PICTURE }]));
}

/**
 * Options that limit what a decoder of the package gives, and what says how many pixels there are before they are unpacked:
 * https://pkg.go.dev/github.com/klauspost/compress/zstd#WithDecoderMaxMemory, https://pkg.go.dev/image#DecodeConfig
 */
export const goDecoderLimits: ReadonlySet<string> = new Set(['WithDecoderMaxMemory', 'DecodeConfig']);

/** Rust methods that do, with the number of their arguments. */
export const rustDecodingMethods: Readonly<
  Record<string, { readonly decoder: string; readonly arguments: number }>
> = {
  decompress_vec: {
    decoder: 'snap',
    arguments: 1,
    // https://docs.rs/snap/latest/snap/raw/struct.Decoder.html#method.decompress_vec
  },
};

/** Rust functions that collect a request body; the index of the limit argument, or -1 where there is none. */
export const rustBodyReads: Readonly<Record<string, number>> = {
  'axum::body::to_bytes': 1,
  'hyper::body::to_bytes': -1,
  'body::to_bytes': 1,
  to_bytes: 1,
  'hyper::body::aggregate': -1,
  'body::aggregate': -1,
  'http_body_util::BodyExt::collect': -1,
  'BodyExt::collect': -1,
};

/** Calls and types around a stream that limit what can be read from it. */
export const limits: ReadonlySet<string> = new Set(
  'LimitReader MaxBytesReader NewSectionReader LimitedReader MaxBytesHandler take Limited take_until LimitStream with_limit'.split(
    ' ',
  ),
);

/** Calls that hand the same stream on. The stream is the first argument, or the object. */
export const passing: ReadonlySet<string> = new Set(
  (
    'NewReader NewReaderSize TeeReader NopCloser NewScanner new with_capacity from by_ref reader get_mut get_ref into_inner ' +
    'as_mut compat into_async_read buffered lock unwrap expect ' +
    'split into_split into_data_stream into_stream map_err map_ok map boxed boxed_unsync fuse inspect_ok entries unwrap_or_else ok context'
  ).split(' '),
);

/** Go packages whose NewReader decompresses. */
export const goDecoders =
  /^(compress\/(gzip|zlib|flate|bzip2|lzw)|github\.com\/klauspost\/(compress|pgzip)(\/\w+)*|github\.com\/golang\/snappy|github\.com\/andybalholm\/brotli|github\.com\/ulikunitz\/xz|github\.com\/pierrec\/lz4|github\.com\/DataDog\/zstd|github\.com\/valyala\/gozstd)$/;

/** Rust types that decompress what they wrap. */
export const rustDecoders =
  /^(GzDecoder|MultiGzDecoder|ZlibDecoder|DeflateDecoder|BzDecoder|XzDecoder|ZstdDecoder|BrotliDecoder|Decompressor|FrameDecoder|StreamingDecoder|GzipDecoder|LzmaDecoder|Lz4Decoder)$/;

/** Go: fields that hold the body of a request, by the type that has it. */
export const goBodies: Readonly<Record<string, { readonly what: string; readonly request: boolean }>> = {
  'net/http.Request': { what: 'a request body', request: true },
  'net/http.Response': { what: 'a response body', request: false },
};

/** Types of connections: whoever is at the other end decides when they end. */
export const connections =
  /(^|[.:])(Conn|TCPConn|UnixConn|TcpStream|UnixStream|TlsStream|OwnedReadHalf|ReadHalf|Multipart|Part)$/;

/** Rust: what is open as long as two programs speak with each other, and its halves. */
export const openConnections =
  /^(TcpStream|UnixStream|TlsStream|OwnedReadHalf|OwnedWriteHalf|ReadHalf|WriteHalf|WebSocketStream|WebSocket|Framed|FramedRead|FramedWrite|SendStream|RecvStream|ChildStdin)$/;

/**
 * Rust: web sockets, whose messages somebody sends: https://docs.rs/axum/latest/axum/extract/ws/struct.WebSocket.html,
 * https://docs.rs/tokio-tungstenite/latest/tokio_tungstenite/struct.WebSocketStream.html
 */
export const webSockets = /(^|::)WebSocket(Stream)?$/;

/** Those of them that are a part of a request. */
export const uploads = /(Multipart|Part)$/;

/**
 * Rust: parts of a form whose whole length the framework limits, to 2 MB or what the program says:
 * https://docs.rs/warp/latest/warp/filters/multipart/struct.FormOptions.html#method.max_length
 */
export const limitedParts = /^warp::(filters::)?multipart::Part$/;

/** Go functions and methods that ask a server, or make the request: which argument is its address. */
export const goAddressArguments: Readonly<Record<string, number>> = {
  Get: 0, // https://pkg.go.dev/net/http#Get
  Head: 0,
  Post: 0,
  PostForm: 0,
  NewRequest: 1, // https://pkg.go.dev/net/http#NewRequest
  NewRequestWithContext: 2,
};

/** What a program that was started here writes. */
export const children = /(^|[.:])(ChildStdout|ChildStderr)$/;

/** Where it says what went wrong, which is as much as its author has put into words. */
export const complaints = /(^|[.:])ChildStderr$/;

/**
 * Rust types that are a body, by last path segment. Frameworks' own limits apply to extractors such as `Bytes` and
 * `String`, not to these: https://docs.rs/axum/latest/axum/extract/struct.DefaultBodyLimit.html
 */
export const rustBodies: ReadonlySet<string> = new Set(
  'Incoming Body BoxBody UnsyncBoxBody Payload RecvStream BodyStream BodyDataStream'.split(' '),
);

/**
 * Rust methods that lend the body of a request, with the type that has them; neither server limits it:
 * https://docs.rs/rouille/latest/rouille/struct.Request.html#method.data
 * https://docs.rs/tiny_http/latest/tiny_http/struct.Request.html#method.as_reader
 */
export const rustBodyGivers: Readonly<Record<string, RegExp>> = {
  data: /^rouille::Request$/,
  as_reader: /^tiny_http::Request$/,
};

/** Rust methods that lead from a request or response to its body. */
export const rustBodyAccess = /^(into_body|body_mut|into_parts|into_data_stream|bytes_stream)$/;

/** Rust methods that hand a request on and give its response: https://docs.rs/axum/latest/axum/middleware/struct.Next.html#method.run */
export const rustAnswering = /^(run|call|oneshot|send|execute|request|send_request|ready_oneshot)$/;

/** Units of a limit that is none: https://docs.rs/rocket/latest/rocket/data/trait.ToByteUnit.html */
export const hugeUnits = /^(tera|tebi|peta|pebi|exa|exbi)bytes$/;

/** Readers over what is in memory already. */
export const inMemory =
  /(^|[.:])(Cursor|StringReader|strings\.Reader|bytes\.Reader|bytes\.Buffer|Buffer|BytesMut|Bytes|Builder|String|Vec)$/;

/** Server-wide limits on request bodies. */
export const bodyLimits: ReadonlySet<string> = new Set(
  'MaxBytesHandler BodyLimit BodyLimitWithConfig RequestBodyLimitLayer content_length_limit PayloadConfig MaxMultipartMemory RequestSizeLimiter LimitRequestBodySize'.split(
    ' ',
  ),
);

/** What limits those that take a whole body for a handler, and no stream that a handler reads itself: https://docs.rs/actix-web/latest/actix_web/web/struct.Payload.html */
export const extractorLimits = /PayloadConfig/;

/** Rust: what unpacks request bodies before a handler takes them in, and the decoders of the encodings it knows: https://docs.rs/tower-http/latest/tower_http/decompression/struct.RequestDecompressionLayer.html */
export const unpackingLayer = /(^|::)RequestDecompressionLayer::new$/;
export const layerDecodes = /(^|::)((Multi)?Gz|Zlib|Deflate|Brotli|Zstd)\w*Decoder$|^(brotli|zstd)::/;

/** Rust: what sets a limit on what clients send, as `Type::function` or method: with the highest number it sets none. */
export const rustLimits: ReadonlySet<string> = new Set([
  'DefaultBodyLimit::max', // https://docs.rs/axum/latest/axum/extract/struct.DefaultBodyLimit.html
  'PayloadConfig::new', // https://docs.rs/actix-web/latest/actix_web/web/struct.PayloadConfig.html
  'body::content_length_limit', // https://docs.rs/warp/latest/warp/filters/body/fn.content_length_limit.html
  'max_decoding_message_size', // https://docs.rs/tonic/latest/tonic/client/struct.Grpc.html
]);

/** What consumes a value piece by piece as well as whole: hashing and writing on. */
export const streamable = /^(update|write_all|write|Write|Sum256|digest|hash|copy|Copy|chain|consume)$/;

/** Names under which a stream says how long it is, or will be when decompressed. */
export const announcedLengths =
  /^(ContentLength|content_length|Size|size_hint|UncompressedSize64|(\w+::)*decompress(ed)?_len|uncompressed_size|(\w+::)*get_frame_content_size|size|DecodedLen)$/;

/** Those of them that say how long data will be when it is decompressed. */
export const unpackedLengths =
  /^(Size|size|UncompressedSize64|(\w+::)*decompress(ed)?_len|uncompressed_size|(\w+::)*get_frame_content_size|DecodedLen)$/;

/** What takes the place of a body under a name that speaks of a limit is taken at its word. */
export const limitingReaders = /limit|maxbytes/i;

/** What makes a service of a closure that takes a request: https://docs.rs/hyper/latest/hyper/service/fn.service_fn.html */
export const servingClosures = /(^|::)(service_fn|handler_fn)$/;

/** Rust: types whose body is what somebody sends. */
export const requestBodies = /^(Request|HttpRequest|ServiceRequest)$/;

/** Rust: functions that make one of them, of crates whose types have a plain name. */
export const decoderMakers =
  /(^|::)(zstd|lz4|snap|brotli|libflate|yazi|async_compression)(::\w+)*::(Decoder|MultiDecoder|Decompressor|FrameDecoder)::(new|with_buffer)$/;

/** Rust: readers that give what they are made of gives. */
export const rustWrappers =
  /^(BufReader|BufStream|StreamReader|FramedRead|AsyncBufReader|Archive|BodyStream)$/;

/** Rust: functions of the type of a client. */
export const clientMakers = /Client(<.*>)?::\w+$/;

/** What the type of a client is called. */
export const clientTypes = /Client$/;

/** What an answer is called. */
export const answerNames = /response|reply|answer/i;

/**
 * Rust: methods of a body that give the next piece: https://docs.rs/http-body-util/latest/http_body_util/trait.BodyExt.html
 */
export const pieceCalls = /^(next|try_next|chunk|data|frame|next_chunk)$/;

/** Rust: what the name of the type of a body says. */
export const bodyTypeWords = /body|hyper|axum|http/i;

/** Rust: macros that make a file a part of the program: https://doc.rust-lang.org/std/macro.include_str.html */
export const compiledIn = /(^|::)include_(str|bytes)$/;

/** Rust: extractors that hold the whole body: https://docs.rs/axum/latest/axum/extract/index.html */
export const wholeExtractors =
  /^(Bytes|BytesMut|String|Vec|Json|Form|RawForm|Cbor|Protobuf|MsgPack|TypedMultipart)$/;

/** Rust: extractors that hand a body over piece by piece. */
export const streamExtractors = /^(Multipart|Body|BodyStream|Request)$/;
