/** What Go programs make anew although one could be used again, and who keeps hold of memory that is lent to it. */

/**
 * Functions of the standard library that keep an argument or give part of it back; all others only use it.
 * https://pkg.go.dev/std
 */
export const goKeepers =
  /^(bytes\.(NewReader|NewBuffer|Split\w*|Fields\w*|Trim\w*|Cut\w*)|bufio\.New\w+|context\.With\w+|errors\.\w+|io\.(NewSectionReader|MultiReader|MultiWriter|TeeReader|LimitReader)|slices\.(Clip|Grow|Insert|Delete\w*|Compact\w*|Chunk|Values|All)|maps\.(All|Keys|Values)|atomic\.Store\w*|reflect\.\w+|unsafe\.\w+|sync\.\w+|json\.RawMessage|net\.(IP|IPMask|Buffers)|iter\.\w+|strings\.NewReplacer)$/;

/**
 * Methods whose contract says that they do not keep what they are given: `Write` "must not retain p", `Read` "must
 * not retain p" (https://pkg.go.dev/io#Reader, https://pkg.go.dev/io#Writer), and those of hashes and codecs.
 */
export const goLendingMethods =
  /^(Read|ReadAt|ReadFull|ReadFrom|ReadFromUDP|ReadMsgUDP|Peek|Write|WriteAt|WriteTo|WriteString|WriteByte|Sum|Encode|EncodeToString|AppendEncode|Decode|DecodeString|PutUint(16|32|64)|Uint(16|32|64)|XORKeyStream|CryptBlocks|Printf|Print|Println|Sprintf|Fprintf|Equal|Scan|Exec|Query|QueryRow|ExecContext|QueryContext|QueryRowContext|Debug\w*|Info\w*|Warn\w*|Error\w*|Log\w*)$/;

/** A constructor whose result can begin anew, by import path and name. */
export interface ResetRow {
  /** What one of them allocates, measured with Go 1.19 on amd64; 0 where nobody measured. */
  readonly bytes: number;
  /** So much that once per request is often already. */
  readonly heavy: boolean;
  readonly source: string;
  /** `Reset` takes nothing: what the constructor was given must be the same in each turn. */
  readonly asMade?: true;
}

const row = (bytes: number, heavy: boolean, source: string): ResetRow => ({ bytes, heavy, source });
const hash = (bytes: number): ResetRow => ({
  bytes,
  heavy: false,
  source: 'https://pkg.go.dev/hash#Hash',
  asMade: true,
});

export const goResettable: Readonly<Record<string, ResetRow>> = {
  'compress/gzip.NewWriter': row(813_872, true, 'https://pkg.go.dev/compress/gzip#Writer.Reset'),
  'compress/gzip.NewWriterLevel': row(0, true, 'https://pkg.go.dev/compress/gzip#Writer.Reset'),
  'compress/gzip.NewReader': row(40_980, false, 'https://pkg.go.dev/compress/gzip#Reader.Reset'),
  'compress/zlib.NewWriter': row(813_872, true, 'https://pkg.go.dev/compress/zlib#Writer.Reset'),
  'compress/zlib.NewWriterLevel': row(0, true, 'https://pkg.go.dev/compress/zlib#Writer.Reset'),
  'compress/flate.NewWriter': row(0, true, 'https://pkg.go.dev/compress/flate#Writer.Reset'),
  'bufio.NewReader': row(4096, false, 'https://pkg.go.dev/bufio#Reader.Reset'),
  'bufio.NewReaderSize': row(0, false, 'https://pkg.go.dev/bufio#Reader.Reset'),
  'bufio.NewWriter': row(4096, false, 'https://pkg.go.dev/bufio#Writer.Reset'),
  'bufio.NewWriterSize': row(0, false, 'https://pkg.go.dev/bufio#Writer.Reset'),
  'crypto/md5.New': hash(96),
  'crypto/sha1.New': hash(112),
  'crypto/sha256.New': hash(128),
  'crypto/sha512.New': hash(224),
  'crypto/hmac.New': hash(0),
  'github.com/klauspost/compress/gzip.NewWriter': row(
    0,
    true,
    'https://pkg.go.dev/github.com/klauspost/compress/gzip',
  ),
  'github.com/klauspost/compress/zstd.NewWriter': row(
    0,
    true,
    'https://pkg.go.dev/github.com/klauspost/compress/zstd#Encoder.Reset',
  ),
  'github.com/klauspost/compress/zstd.NewReader': row(
    0,
    true,
    'https://pkg.go.dev/github.com/klauspost/compress/zstd#Decoder.Reset',
  ),
  'github.com/golang/snappy.NewBufferedWriter': row(
    0,
    true,
    'https://pkg.go.dev/github.com/golang/snappy#Writer.Reset',
  ),
  'github.com/andybalholm/brotli.NewWriter': row(
    0,
    true,
    'https://pkg.go.dev/github.com/andybalholm/brotli#Writer.Reset',
  ),
};

/** Functions that compile a text into a program, by import path and name: what they compile. */
export const goCompilers: Readonly<Record<string, string>> = {
  'regexp.Compile': 'regular expression', // https://pkg.go.dev/regexp#MustCompile
  'regexp.CompilePOSIX': 'regular expression',
  'regexp.Match': 'regular expression', // "more complicated queries need to use Compile": https://pkg.go.dev/regexp#Match
  'regexp.MatchString': 'regular expression',
  'regexp.MustCompile': 'regular expression',
  'regexp.MustCompilePOSIX': 'regular expression',
  'github.com/dlclark/regexp2.MustCompile': 'regular expression',
  'github.com/dlclark/regexp2.Compile': 'regular expression',
  'html/template.ParseFS': 'template', // https://pkg.go.dev/html/template#ParseFiles
  'html/template.ParseFiles': 'template',
  'html/template.ParseGlob': 'template',
  'text/template.ParseFS': 'template',
  'text/template.ParseFiles': 'template',
  'text/template.ParseGlob': 'template',
  'strings.NewReplacer': 'replacer', // built at its first use: https://pkg.go.dev/strings#Replacer
  'github.com/itchyny/gojq.Parse': 'query',
  'github.com/gobwas/glob.MustCompile': 'pattern',
  'github.com/gobwas/glob.Compile': 'pattern',
  'github.com/google/cel-go/cel.NewEnv': 'environment', // https://pkg.go.dev/github.com/google/cel-go/cel#NewEnv
};
