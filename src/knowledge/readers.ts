/** What reads a whole stream into memory, what limits a stream, and what decompresses one. */

/** Functions and methods that read to the end. The stream is argument `reader`, or the object where it is -1. */
export interface WholeRead {
  readonly reader: number;
  readonly source: string;
}

/** Go, by canonical name of the function, or `.Method`. */
export const goWholeReads: Readonly<Record<string, WholeRead>> = {
  'io.ReadAll': { reader: 0, source: 'https://pkg.go.dev/io#ReadAll' },
  'io/ioutil.ReadAll': { reader: 0, source: 'https://pkg.go.dev/io/ioutil#ReadAll' },
  '.ReadFrom': { reader: 0, source: 'https://pkg.go.dev/bytes#Buffer.ReadFrom' },
};

/** Whole files by name. */
export const goFileReads: ReadonlySet<string> = new Set(['os.ReadFile', 'io/ioutil.ReadFile']);
export const rustFileReads = /^(std::fs|fs|tokio::fs|async_std::fs|async_fs|fs_err)::(read|read_to_string)$/;

/** Rust methods that read to the end of the object. */
export const rustWholeReads: ReadonlySet<string> = new Set(['read_to_end', 'read_to_string']);

/** Rust functions that collect a request body; the index of the limit argument, or -1 where there is none. */
export const rustBodyReads: Readonly<Record<string, number>> = {
  'axum::body::to_bytes': 1,
  'hyper::body::to_bytes': -1,
  'body::to_bytes': 1,
  to_bytes: 1,
  'hyper::body::aggregate': -1,
  'body::aggregate': -1,
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
    'as_mut compat into_async_read buffered lock unwrap expect'
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
  /(^|[.:])(Conn|TCPConn|UnixConn|TcpStream|UnixStream|TlsStream|OwnedReadHalf|ReadHalf|Multipart|Part|ChildStdout|ChildStderr)$/;

/** Readers over what is in memory already. */
export const inMemory =
  /(^|[.:])(Cursor|StringReader|strings\.Reader|bytes\.Reader|bytes\.Buffer|Buffer|BytesMut|Bytes|Builder|String|Vec)$/;

/** Server-wide limits on request bodies. */
export const bodyLimits: ReadonlySet<string> = new Set(
  'MaxBytesHandler BodyLimit BodyLimitWithConfig RequestBodyLimitLayer content_length_limit PayloadConfig MaxMultipartMemory RequestSizeLimiter'.split(
    ' ',
  ),
);

/** What consumes a value piece by piece as well as whole: hashing and writing on. */
export const streamable = /^(update|write_all|write|Write|Sum256|digest|hash|copy|Copy|chain|consume)$/;
