/** Where Go text is copied between `string` and `[]byte`, and which functions take either. */

/**
 * Functions that `strings` and `bytes` both have, by name: positions of the arguments that are text. Only those with
 * a result that holds no text. https://pkg.go.dev/strings https://pkg.go.dev/bytes
 */
export const goTextFunctions: Readonly<Record<string, readonly number[]>> = {
  Compare: [0, 1],
  Contains: [0, 1],
  ContainsAny: [0],
  ContainsFunc: [0],
  ContainsRune: [0],
  Count: [0, 1],
  EqualFold: [0, 1],
  HasPrefix: [0, 1],
  HasSuffix: [0, 1],
  Index: [0, 1],
  IndexAny: [0],
  IndexByte: [0],
  IndexFunc: [0],
  IndexRune: [0],
  LastIndex: [0, 1],
  LastIndexAny: [0],
  LastIndexByte: [0],
  LastIndexFunc: [0],
};

/** A function or method for bytes and the one that does the same for a string. */
export interface GoTextPair {
  readonly bytes: string;
  readonly text: string;
  /** Position of the text among the arguments. */
  readonly argument: number;
  /** The function keeps no hold of its argument: Go 1.22 then needs no copy for `[]byte(s)`. */
  readonly holds: boolean;
}

const pair = (bytes: string, text: string, holds: boolean, argument = 0): GoTextPair => ({
  bytes,
  text,
  argument,
  holds,
});

/** Pairs by import path (functions) or type (methods). */
export const goTextPairs: Readonly<Record<string, readonly GoTextPair[]>> = {
  // https://pkg.go.dev/unicode/utf8
  'unicode/utf8': [
    pair('DecodeLastRune', 'DecodeLastRuneInString', false),
    pair('DecodeRune', 'DecodeRuneInString', false),
    pair('FullRune', 'FullRuneInString', false),
    pair('RuneCount', 'RuneCountInString', false),
    pair('Valid', 'ValidString', false),
  ],
  // https://pkg.go.dev/regexp
  regexp: [pair('Match', 'MatchString', true, 1)],
  'regexp.Regexp': [
    pair('FindAllIndex', 'FindAllStringIndex', true),
    pair('FindAllSubmatchIndex', 'FindAllStringSubmatchIndex', true),
    pair('FindIndex', 'FindStringIndex', true),
    pair('FindSubmatchIndex', 'FindStringSubmatchIndex', true),
    pair('Match', 'MatchString', true),
  ],
  'bytes.Buffer': [pair('Write', 'WriteString', false)],
  'strings.Builder': [pair('Write', 'WriteString', false)],
  'bufio.Writer': [pair('Write', 'WriteString', true)],
  'os.File': [pair('Write', 'WriteString', true)],
  'hash/maphash.Hash': [pair('Write', 'WriteString', false)],
  'github.com/gin-gonic/gin.ResponseWriter': [pair('Write', 'WriteString', true)], // https://pkg.go.dev/github.com/gin-gonic/gin
  'github.com/valyala/fasthttp.RequestCtx': [pair('Write', 'WriteString', true)], // https://pkg.go.dev/github.com/valyala/fasthttp
  'github.com/valyala/bytebufferpool.ByteBuffer': [pair('Write', 'WriteString', false)], // https://pkg.go.dev/github.com/valyala/bytebufferpool
};

/**
 * Writers whose usual implementation has a WriteString that copies nothing, so that `io.WriteString` helps.
 * `httptest.ResponseRecorder` and net/http's own response have one: https://pkg.go.dev/net/http
 */
export const goStringWriters: ReadonlySet<string> = new Set(['net/http.ResponseWriter']);

/** Functions that read from an `io.Reader` argument and keep nothing of its type: position of the reader. */
export const goReaderConsumers: Readonly<Record<string, number>> = {
  'bufio.NewReader': 0, // https://pkg.go.dev/bufio
  'bufio.NewScanner': 0,
  'compress/gzip.NewReader': 0,
  'encoding/base64.NewDecoder': 1,
  'encoding/csv.NewReader': 0, // https://pkg.go.dev/encoding/csv
  'encoding/gob.NewDecoder': 0,
  'encoding/json.NewDecoder': 0, // https://pkg.go.dev/encoding/json
  'encoding/xml.NewDecoder': 0, // https://pkg.go.dev/encoding/xml
  'io.Copy': 1, // https://pkg.go.dev/io
  'io.LimitReader': 0,
  'io.NopCloser': 0,
  'io.ReadAll': 0,
  'io/ioutil.NopCloser': 0,
  'io/ioutil.ReadAll': 0,
  'net/http.NewRequest': 2, // https://pkg.go.dev/net/http
  'net/http.NewRequestWithContext': 3,
  'net/http.Post': 2,
  'gopkg.in/yaml.NewDecoder': 0, // https://pkg.go.dev/gopkg.in/yaml.v3
};

/** Functions of package fmt and log whose format takes `%s` of a string and of bytes alike: position of the format. */
export const goFormatters: Readonly<Record<string, number>> = {
  'fmt.Appendf': 1, // https://pkg.go.dev/fmt
  'fmt.Fprintf': 1,
  'fmt.Printf': 0,
  'fmt.Sprintf': 0,
  'log.Fatalf': 0, // https://pkg.go.dev/log
  'log.Panicf': 0,
  'log.Printf': 0,
};

/**
 * Functions that only read their arguments: they change nothing, keep nothing, and give back no part of them. By
 * import path; `*` stands for all functions of the package.
 */
export const goReadOnly: Readonly<Record<string, string>> = {
  bytes:
    'Compare Contains ContainsAny ContainsFunc ContainsRune Count Equal EqualFold HasPrefix HasSuffix Index IndexAny IndexByte IndexFunc ' +
    'IndexRune LastIndex LastIndexAny LastIndexByte LastIndexFunc Join Repeat Replace ReplaceAll ToLower ToUpper Clone', // https://pkg.go.dev/bytes
  strings: '*', // https://pkg.go.dev/strings (strings cannot change)
  strconv: '*', // https://pkg.go.dev/strconv
  unicode: '*',
  'unicode/utf8': '*',
  math: '*',
  'math/bits': '*',
  errors: 'New Is As',
  fmt: 'Sprint Sprintf Sprintln Errorf Fprint Fprintf Fprintln Print Printf Println', // https://pkg.go.dev/fmt
  log: 'Print Printf Println',
  time: '*',
  'hash/crc32': 'ChecksumIEEE Checksum',
  'hash/adler32': 'Checksum',
  'crypto/md5': 'Sum',
  'crypto/sha1': 'Sum',
  'crypto/sha256': 'Sum256 Sum224',
  'crypto/sha512': 'Sum512 Sum384',
  'crypto/hmac': 'Equal',
  'crypto/subtle': 'ConstantTimeCompare',
  'encoding/base64': 'EncodeToString EncodedLen',
  'encoding/hex': 'EncodeToString DecodeString EncodedLen',
  'encoding/json': 'Unmarshal Valid Marshal', // https://pkg.go.dev/encoding/json: values are copied out of the input
  'encoding/xml': 'Unmarshal', // https://pkg.go.dev/encoding/xml
  'encoding/binary': 'Uvarint Varint Size',
  'gopkg.in/yaml': 'Unmarshal Marshal', // https://pkg.go.dev/gopkg.in/yaml.v3
  'sigs.k8s.io/yaml': 'Unmarshal Marshal',
  slices:
    'Contains ContainsFunc Equal Index IndexFunc BinarySearch BinarySearchFunc IsSorted Max Min Compare', // https://pkg.go.dev/slices
  'golang.org/x/exp/slices':
    'Contains ContainsFunc Equal Index IndexFunc BinarySearch IsSorted Max Min Compare',
  sort: 'IsSorted SearchInts SearchStrings StringsAreSorted IntsAreSorted',
  'net/url': 'QueryEscape PathEscape QueryUnescape PathUnescape Parse ParseQuery',
  path: '*',
  'path/filepath': 'Base Clean Dir Ext Join Match',
  'google.golang.org/protobuf/proto': 'Unmarshal', // https://pkg.go.dev/google.golang.org/protobuf/proto: bytes are copied
};

/** Methods whose result is a view into a buffer that the object writes again: `path.Type.Method`. */
export const goViews: ReadonlySet<string> = new Set([
  'bufio.Reader.Peek', // https://pkg.go.dev/bufio#Reader.Peek
  'bufio.Reader.ReadLine',
  'bufio.Reader.ReadSlice',
  'bufio.Scanner.Bytes', // https://pkg.go.dev/bufio#Scanner.Bytes
  'bytes.Buffer.Bytes', // https://pkg.go.dev/bytes#Buffer.Bytes
  'bytes.Buffer.Next',
]);

/**
 * From this Go version on the compiler makes no copy for `[]byte(s)` that is neither changed nor kept:
 * https://github.com/golang/go/issues/2205
 */
export const GO_ZERO_COPY_BYTES = '1.22';

/** Bytes whose copy nobody needs to think about; up to 32 the compiler uses the stack (`tmpStringBufSize`, `runtime/string.go`). */
export const GO_SMALL_TEXT = 64;

/** Types whose `Write` may not keep what it is given: https://pkg.go.dev/io#Writer ("Implementations must not retain p"). */
export const goWriters =
  /^(io\.(Writer|WriteCloser|ReadWriter|ReadWriteCloser)|net\.(Conn|TCPConn|UnixConn)|net\/http\.ResponseWriter|bufio\.Writer|bytes\.Buffer|os\.File|hash\.Hash)$/;
