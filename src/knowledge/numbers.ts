/** Numbers that libraries give names to, and functions that give a number back as it was, multiplied or read from text. */

/** Go constants by import path and name. */
export const goNumbers: Readonly<Record<string, bigint>> = {
  // https://pkg.go.dev/math#pkg-constants
  'math.MaxInt': (1n << 63n) - 1n,
  'math.MaxInt8': 127n,
  'math.MaxInt16': 32_767n,
  'math.MaxInt32': (1n << 31n) - 1n,
  'math.MaxInt64': (1n << 63n) - 1n,
  'math.MaxUint8': 255n,
  'math.MaxUint16': 65_535n,
  'math.MaxUint32': (1n << 32n) - 1n,
  'math.MaxUint64': (1n << 64n) - 1n,
  // https://pkg.go.dev/bufio#pkg-constants, https://pkg.go.dev/bytes#pkg-constants, https://pkg.go.dev/net/http#pkg-constants
  'bufio.MaxScanTokenSize': 65_536n,
  'bytes.MinRead': 512n,
  'net/http.DefaultMaxHeaderBytes': 1n << 20n,
  'net/http.DefaultMaxIdleConnsPerHost': 2n,
  // https://pkg.go.dev/github.com/dustin/go-humanize#pkg-constants
  'github.com/dustin/go-humanize.KiByte': 1n << 10n,
  'github.com/dustin/go-humanize.MiByte': 1n << 20n,
  'github.com/dustin/go-humanize.GiByte': 1n << 30n,
  'github.com/dustin/go-humanize.KByte': 1000n,
  'github.com/dustin/go-humanize.MByte': 1_000_000n,
  'github.com/dustin/go-humanize.GByte': 1_000_000_000n,
  // https://pkg.go.dev/github.com/docker/go-units#pkg-constants
  'github.com/docker/go-units.KiB': 1n << 10n,
  'github.com/docker/go-units.MiB': 1n << 20n,
  'github.com/docker/go-units.GiB': 1n << 30n,
  'github.com/docker/go-units.KB': 1000n,
  'github.com/docker/go-units.MB': 1_000_000n,
  'github.com/docker/go-units.GB': 1_000_000_000n,
  // https://pkg.go.dev/github.com/c2h5oh/datasize#pkg-constants
  'github.com/c2h5oh/datasize.KB': 1n << 10n,
  'github.com/c2h5oh/datasize.MB': 1n << 20n,
  'github.com/c2h5oh/datasize.GB': 1n << 30n,
  // https://pkg.go.dev/code.cloudfoundry.org/bytefmt#pkg-constants
  'code.cloudfoundry.org/bytefmt.KILOBYTE': 1n << 10n,
  'code.cloudfoundry.org/bytefmt.MEGABYTE': 1n << 20n,
  'code.cloudfoundry.org/bytefmt.GIGABYTE': 1n << 30n,
};

/** Rust constants by the last two segments of their path. */
export const rustNumbers: Readonly<Record<string, bigint>> = {
  'u8::MAX': 255n,
  'i8::MAX': 127n,
  'u16::MAX': 65_535n,
  'i16::MAX': 32_767n,
  'u32::MAX': (1n << 32n) - 1n,
  'i32::MAX': (1n << 31n) - 1n,
  'u64::MAX': (1n << 64n) - 1n,
  'i64::MAX': (1n << 63n) - 1n,
  'usize::MAX': (1n << 64n) - 1n,
  'isize::MAX': (1n << 63n) - 1n,
  'u8::BITS': 8n,
  'u16::BITS': 16n,
  'u32::BITS': 32n,
  'u64::BITS': 64n,
  'usize::BITS': 64n,
  // https://docs.rs/bytesize
  'bytesize::KB': 1000n,
  'bytesize::MB': 1_000_000n,
  'bytesize::GB': 1_000_000_000n,
  'bytesize::KIB': 1n << 10n,
  'bytesize::MIB': 1n << 20n,
  'bytesize::GIB': 1n << 30n,
};

/** `ByteSize::mib(64)`: what the constructors of size types multiply by. https://docs.rs/bytesize */
export const sizeConstructors: Readonly<Record<string, bigint>> = {
  b: 1n,
  kb: 1000n,
  mb: 1_000_000n,
  gb: 1_000_000_000n,
  kib: 1n << 10n,
  mib: 1n << 20n,
  gib: 1n << 30n,
};

/** Types whose constructors those are. */
export const sizeTypes = /^(ByteSize|Bytes|Byte|ByteUnit)$/;

/** Units behind a number in a text. Lower case; `Ki`, `Mi`, `Gi` are Kubernetes'. */
export const sizeUnits: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  m: 1_000_000n,
  g: 1_000_000_000n,
  kb: 1000n,
  mb: 1_000_000n,
  gb: 1_000_000_000n,
  ki: 1n << 10n,
  mi: 1n << 20n,
  gi: 1n << 30n,
  kib: 1n << 10n,
  mib: 1n << 20n,
  gib: 1n << 30n,
};

/** Methods and functions that hand a number on, or read it from text. */
export const sameNumber =
  /^(ok|ok_or|ok_or_else|unwrap|expect|map_err|into|try_into|get|parse|trim|as_str|as_ref|as_deref|to_string|to_owned|clone|cloned|copied|context|with_context|as_u64|as_usize|to_usize|as_u32|bytes|abs|Value|Bytes|Int64|AsInt64|Uint64|Atoi|ParseInt|ParseUint|ParseBytes|RAMInBytes|FromHumanSize|MustParse|ParseQuantity|TrimSpace)$/;

/** Names of functions that read an environment variable and give its text. */
export const environmentReads = /(^|::)env::(var|var_os)$|^(dotenv|dotenvy)::var$|^os\.(Getenv|LookupEnv)$/;

/** Go functions of `flag`, `pflag` and the like that return an address: name, default, usage. */
export const flagValues = /^(Int|Int32|Int64|Uint|Uint32|Uint64|String)P?$/;

/** Rust: what derives mark a type that is filled from a command line, the environment or a file. */
export const configuredDerives =
  /^derive\(.*\b(Deserialize|Parser|Args|Subcommand|StructOpt|FromArgs|Envconfig|Options|Config|Figment)\b/;

/** What such a type is called. */
export const configuredTypeNames =
  /(Config|Configuration|Options|Opts|Settings|Flags|Args|Arguments|Params)$/;

/** Attributes of fields that the command line or the environment fills. */
export const argumentAttributes = /^(arg|clap|structopt|argh|envconfig|bpaf|gumdrop|config)$/;

/** Rust functions that read a variable of the environment: https://doc.rust-lang.org/std/env/fn.var.html */
export const rustVariables = /(^|::)(env::var(_os)?|dotenvy?::var)$/;

/**
 * Flag libraries' functions that write a default to an address and later what the user gave: https://pkg.go.dev/flag#IntVar
 */
export const flagVariables = /Var(P|F)?$/;

/** Go: tags of fields that a file, the environment or a command line fills. */
export const configuredTags = /^(mapstructure|koanf|toml|hcl|yaml|arg|name|long|help)$/;

/** What a function of the program is called that reads the environment with a default. */
export const environmentNames = /env/i;
