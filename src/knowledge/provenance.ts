/** Where values come from that a program has not made up itself: who could have written them. */

/** Types (canonical names, pointers taken off) whose contents a peer on the network writes. */
export const goNetworkTypes: ReadonlySet<string> = new Set([
  'net.Conn', // https://pkg.go.dev/net#Conn
  'net.TCPConn',
  'net.UDPConn',
  'net.UnixConn',
  'net.PacketConn',
  'net.Listener',
  'net.Addr',
  'crypto/tls.Conn', // https://pkg.go.dev/crypto/tls#Conn
  'mime/multipart.File', // https://pkg.go.dev/mime/multipart#File
  'mime/multipart.Part',
  'mime/multipart.FileHeader',
  'github.com/quic-go/quic-go.Stream', // https://pkg.go.dev/github.com/quic-go/quic-go#Stream
  'github.com/quic-go/quic-go.Connection',
  'golang.org/x/crypto/ssh.Channel', // https://pkg.go.dev/golang.org/x/crypto/ssh#Channel
]);

/** Types whose contents the program itself has stored: files, embedded databases, what its operator set. */
export const goOwnTypes: ReadonlySet<string> = new Set([
  'os.File', // https://pkg.go.dev/os#File
  'io/fs.File',
  'io/fs.DirEntry',
  'io/fs.FileInfo',
  'os.FileInfo',
  'os.DirEntry',
  'embed.FS',
  'go.etcd.io/bbolt.Bucket', // https://pkg.go.dev/go.etcd.io/bbolt
  'go.etcd.io/bbolt.Cursor',
  'go.etcd.io/bbolt.Tx',
  'github.com/dgraph-io/badger.Item', // https://pkg.go.dev/github.com/dgraph-io/badger/v4#Item
  'github.com/syndtr/goleveldb/leveldb/iterator.Iterator',
  'github.com/cockroachdb/pebble.Iterator', // https://pkg.go.dev/github.com/cockroachdb/pebble#Iterator
  'flag.FlagSet',
  'github.com/spf13/pflag.FlagSet', // https://pkg.go.dev/github.com/spf13/pflag
  'github.com/spf13/cobra.Command',
  'github.com/spf13/viper.Viper',
  'github.com/urfave/cli.Context', // https://pkg.go.dev/github.com/urfave/cli/v2#Context
]);

/** Types that hold the answer of a peer which the program has chosen to ask. */
export const goPeerTypes: ReadonlySet<string> = new Set([
  'net/http.Response', // https://pkg.go.dev/net/http#Response
  'net/http.Client',
  'github.com/go-resty/resty.Response', // https://pkg.go.dev/github.com/go-resty/resty/v2#Response
]);

/** Packages whose functions give what the program's own files, flags and environment hold. */
export const goOwnPackages: ReadonlySet<string> = new Set([
  'os',
  'io/ioutil',
  'embed',
  'flag',
  'runtime',
  'syscall',
  'golang.org/x/sys/unix',
  'golang.org/x/exp/mmap',
  'github.com/edsrzf/mmap-go',
  'github.com/spf13/viper',
  'github.com/spf13/pflag',
]);

/** Packages whose functions only make something of their arguments: the result is from whoever wrote those. */
export const goPurePackages: ReadonlySet<string> = new Set([
  'bufio',
  'bytes',
  'crypto/md5',
  'crypto/sha1',
  'crypto/sha256',
  'encoding/base64',
  'encoding/binary',
  'encoding/hex',
  'fmt',
  'hash/fnv',
  'io',
  'maps',
  'net/url',
  'path',
  'path/filepath',
  'slices',
  'sort',
  'strconv',
  'strings',
  'unsafe',
]);

/** Functions that do so in packages of the program's own: https://pkg.go.dev/io/ioutil#ReadAll */
export const goPassing: ReadonlySet<string> = new Set(['io/ioutil.ReadAll', 'io/ioutil.NopCloser']);

/** Functions by package and name that give something new each time. */
export const goFresh =
  /^(time\.Now|sync\/atomic\.AddU?[iI]nt(32|64)|math\/rand(\/v2)?\.\w+|crypto\/rand\.\w+|(github\.com\/(google|gofrs|satori\/go\.)\/?uuid|github\.com\/rs\/xid|github\.com\/oklog\/ulid|github\.com\/segmentio\/ksuid)(\/v\d+)?\.(New|Must|Make)\w*)$/;

/** Functions that ask a peer which the program names: the answer is a peer's. */
export const goAsking = /^(Dial\w*|Get|Post|PostForm|Head|Do)$/;
/** The packages of these. */
export const goAskingPackages: ReadonlySet<string> = new Set(['net', 'net/http', 'crypto/tls']);

/** Methods and fields that give a route as it was registered, not what was asked for. */
export const goRoutes = /^(Pattern|FullPath|RoutePattern|GetPathTemplate|FullMethod)$/;

/** Methods of frameworks' contexts that give what the program has put there, by the context's type. */
export const goContextValues: Readonly<Record<string, RegExp>> = {
  // https://pkg.go.dev/github.com/gin-gonic/gin#Context.Get
  'github.com/gin-gonic/gin.Context':
    /^((Must)?Get|Get(String|Bool|U?[iI]nt(8|16|32|64)?|Float(32|64)|Time|Duration)\w*|Value)$/,
  'github.com/labstack/echo.Context': /^Get$/, // https://pkg.go.dev/github.com/labstack/echo/v4#Context
  'github.com/gofiber/fiber.Ctx': /^Locals$/, // https://pkg.go.dev/github.com/gofiber/fiber/v2#Ctx.Locals
  'github.com/valyala/fasthttp.RequestCtx': /^(UserValue(Bytes)?|Value)$/, // https://pkg.go.dev/github.com/valyala/fasthttp#RequestCtx.UserValue
};

/** Methods of connections that give what the other side has sent as a whole. */
export const givesMessages =
  /^((Read|Fetch)(Message|JSON|Frame|Packet|Msg)|NextReader|Recv(Msg)?|Receive(Message)?)$/;

/**
 * Methods that look something up: what they give is from whoever filled it, not from whoever asks. Embedded databases have
 * buckets in buckets: https://pkg.go.dev/go.etcd.io/bbolt#Bucket.Bucket
 */
export const goLookups =
  /^((\w*[a-z])?Bucket|(Get|Peek|Read|Describe|Stat|([lL]oad|[lL]ookup|[fF]ind|[rR]esolve|[fF]etch|[qQ]uery|[sS]elect|[lL]ist|[sS]earch))([A-Z]\w*)?)$/;

/** Methods and functions that decode into what they are given a pointer to. */
export const goDecoding =
  /^(Decode\w*|Unmarshal\w*|ShouldBind\w*|Bind\w*|BodyParser|Read|ReadJSON|ReadArgs|RecvMsg|Parse\w*|Scan)$/;
/** Methods and functions that read into the bytes they are given. */
export const goReading = /^(Read|ReadFull|ReadAtLeast|ReadAt|ReadFrom|ReadFromUDP|ReadMsgUDP|copy)$/;

/** Names of fields and types that hold what an operator wrote. */
export const configurationNames = /^(\w*[cC]onfig|[cC]fg|[oO]pts|[oO]ptions|[sS]ettings|[fF]lags|[cC]onf)$/;
/** Names of types that do. */
export const configurationTypeNames = /(Config|Configuration|Options|Opts|Settings|Flags|Cfg)$/;

/** Packages through which a program listens, dials or takes messages. */
export const goNetworkPackages =
  /^(net|net\/http|crypto\/tls|google\.golang\.org\/grpc|github\.com\/(gorilla|coder)\/websocket|nhooyr\.io\/websocket|github\.com\/quic-go\/quic-go|github\.com\/gin-gonic\/gin|github\.com\/labstack\/echo|github\.com\/gofiber\/fiber|github\.com\/valyala\/fasthttp|github\.com\/aws\/aws-sdk-go(-v2)?(\/[\w/-]+)?)(\/v\d+)?$/;

/** Rust types, by last path segment, that read what lies on the program's own disk or what its operator set. */
export const rustOwnTypes: ReadonlySet<string> = new Set(
  // https://doc.rust-lang.org/std/fs/struct.File.html, https://docs.rs/memmap2, https://docs.rs/clap,
  // https://docs.rs/axum/latest/axum/extract/struct.MatchedPath.html: a route, as it was registered
  // rows: https://docs.rs/sqlx/latest/sqlx/trait.Row.html, https://docs.rs/rusqlite, https://docs.rs/tokio-postgres
  'File Mmap MmapMut MmapRaw DirEntry ArgMatches MatchedPath PgRow SqliteRow MySqlRow AnyRow QueryResult'.split(
    ' ',
  ),
);

/** Rust types, by the end of their name, through which a program asks its own database or bucket. */
export const rustStoreTypes =
  /(Repository|Repo|Pool|Database|Db|DbConn|DbConnection|PgConnection|SqliteConnection|MySqlConnection|DatabaseConnection|Dao|DataStore)$|(Bucket|Blob|ObjectStore|S3)\w*(Client|Store|Storage)(Impl)?$/;

/** Rust functions and methods that run a query and give its rows: sqlx, rusqlite, tokio-postgres, diesel, SeaORM, Prisma. */
export const rustQueries =
  /^(fetch_(one|optional|all)|query_(row|one|opt|scalar|map)|query_row_\w+|get_results?|find_by_id|find_(one|unique|many|first))$/;

/** Rust types, by last path segment, through which a framework hands every handler what the program has made. */
export const rustOwnStates: ReadonlySet<string> = new Set(
  // https://docs.rs/axum/latest/axum/extract/struct.State.html, https://docs.rs/actix-web/latest/actix_web/web/struct.Data.html
  'State Extension Data'.split(' '),
);

/** Rust types, by last path segment, that hold or read what somebody has sent. */
export const rustSentTypes: ReadonlySet<string> = new Set(
  // sockets of std, tokio and TLS libraries
  (
    'TcpListener TcpStream UnixListener UnixStream TlsStream UdpSocket OwnedReadHalf ReadHalf WebSocket WebSocketStream SendStream RecvStream ' +
    // bodies, requests and extractors of hyper, axum, actix, tonic, warp
    'Incoming Body Request HttpRequest ServiceRequest Multipart Payload Streaming Json Query Form Path HeaderMap TypedHeader ConnectInfo ' +
    // messages: https://docs.rs/rdkafka, https://docs.rs/lapin, https://docs.rs/lambda_runtime
    'BorrowedMessage OwnedMessage StreamConsumer Delivery LambdaEvent'
  ).split(' '),
);

/** Rust functions of such types that put one together. */
export const sentMakers = /^(new|default|from|from_iter|with_capacity|builder|empty)$/;

/** Rust types, by last path segment, that hold the answer of a peer which the program has chosen to ask. */
export const rustPeerTypes: ReadonlySet<string> = new Set(['Response']);

/** Rust functions by full path, and methods by name, that give what the program has stored or what its operator set. */
export const rustOwnCalls =
  /^(std|tokio|async_std|fs_err)::fs::(read|read_to_string|read_dir|File::open)$|^std::env::\w+$|(^|::)(File::open|OpenOptions::open|Mmap::map|MmapOptions::map)$|^(get_object|get_blob|get_range|get_ranges|get_cf|get_pinned|get_pinned_cf|read_at|read_exact_at|read_at_exact|pread|mmap|map_copy|open_read|get_opts|match_pattern|match_name|matched_path)$/;

/** Rust functions and methods that give something new each time. */
export const rustFresh =
  /(^|::)(Uuid::(new_v[1467]|now_v7|now_v6)|Ulid::new|nanoid|Instant::now|SystemTime::now|(Utc|Local|OffsetDateTime)::(now|now_utc)|random|thread_rng|rng|Id::unique)$|^(fetch_add|fetch_sub|gen_range|random_range)$/;

/** Rust methods that look something up: what they give is from whoever filled it, not from whoever asks. */
export const rustLookups =
  /^(get|get_mut|get_or_insert_with|load|lookup|find|resolve|fetch|query|select|peek|read|list|search|describe|entry|range)(_\w+)?$/;

/** Rust methods that put what they are called on into the hasher they are given: https://doc.rust-lang.org/std/hash/trait.Hash.html */
export const rustHashing = /^(hash|hash_slice)$/;

/** Rust methods that read into what they are given a mutable reference to. */
export const rustReading =
  /^(read|read_exact|read_to_end|read_to_string|read_buf|read_until|read_line|recv|recv_from|recv_buf|recv_buf_from|peek|peek_from)$/;

/**
 * Rust methods that say who the other end has proven to be:
 * https://docs.rs/rustls/latest/rustls/struct.CommonState.html#method.peer_certificates
 * https://docs.rs/quinn/latest/quinn/struct.Connection.html#method.peer_identity
 * https://docs.rs/native-tls/latest/native_tls/struct.TlsStream.html#method.peer_certificate
 */
export const peerIdentities = /^peer_(certificates?|identity)$/;

/** Rust functions by name that only convert or wrap what they are given: constructors of the standard library, variants. */
export const rustWraps =
  /^(from|new|into|from_str|from_utf8|from_utf8_lossy|clone|copy_from_slice|[A-Z]\w*)$/;

/** Folders and files for what the members of a cluster send each other: consensus, replication, storage of another node. */
export const clusterFiles =
  /(^|[/_-])(raft\w*|consensus|state[_-]transfer|internode|memberlist|cluster)([/._-]|$)/i;

/** Rust: files and methods in which a member of a cluster serves the others: the parts of a plan, the locks of a request. */
export const memberFiles = /(^|\/)(node_service|peer_service|internal_(api|rpc|service))([/.]|$)/;
export const memberCalls = /::(leaf|internal|peer|member|replica)_\w+` /;

/** Go: the generated type of the stream a server gets: https://grpc.io/docs/languages/go/generated-code/ */
export const goGrpcServers = /(^|\.)\w+_\w+Server$/;

/** Go: the generated type of the stream of whoever asks. */
export const goGrpcClients = /(^|\.)\w+_\w+Client$/;

/** What a type of the program is called that stands for a connection or a subscription, when it gives messages. */
export const connectionTypes = /(Conn|Connection|WebSocket|Socket|Reader|Consumer|Subscri(ber|ption))$/;

/** Fields that an operator fills. */
export const configurationFieldNames = /^(Args|config|cfg|opts|options|settings|env)$/i;

/** Locals that hold what an operator has written. */
export const configurationLocalNames = /^(config|cfg|conf|opts|options|settings|env)$/i;

/**
 * Rust: calls that open a connection to whom the program has chosen: https://docs.rs/hyper/latest/hyper/client/conn/
 */
export const openingCalls = /^(\w*handshake|connect|connect_\w+|new_connection)$/;

/** Go: calls that open a connection to whom the program has chosen, and what may open another thing: https://pkg.go.dev/net#Dial */
export const goDialing = /^\w*[dD]ial\w*$/;
export const goOpeningCalls = /^(\w*[dD]ial\w*|[cC]onnect\w*|[oO]pen\w*)$/;

/** Rust: what waits for its second argument for so long: https://docs.rs/tokio/latest/tokio/time/fn.timeout.html */
export const timeLimits = /^timeout(_at)?$/;

/** Rust: calls that are awaited and connect to whom the program has chosen. */
export const connectCalls = /^connect(_\w+)?$/;

/** Rust: what is made by itself and then brings what others send. */
export const sentSources = /(Stream|Listener|Socket|Consumer)$/;

/** Parts of a request of which the protocol knows few. */
export const protocolParts = /^(method|version|scheme)$/;

/** Rust: methods that take out of a request what was sent. */
export const requestParts = /^(into_inner|get_ref|get_mut|message)$/;

/** Rust: extractors whose value was sent: https://docs.rs/axum/latest/axum/extract/ */
export const valueExtractors = /(^|::)(Json|Query|Form|Path)$/;

/** Go: functions that make a request which the program sends: https://pkg.go.dev/net/http#NewRequest */
export const requestMakers = /^NewRequest(WithContext)?$/;

/** Go: what a replicated log hands to the program once its members have agreed on it. */
export const logEntries: ReadonlySet<string> = new Set([
  'github.com/hashicorp/raft.Log', // https://pkg.go.dev/github.com/hashicorp/raft#FSM
  'go.etcd.io/raft/raftpb.Entry', // https://pkg.go.dev/go.etcd.io/raft/v3/raftpb#Entry
  'go.etcd.io/etcd/raft/raftpb.Entry',
]);

/** Go: what a snapshot of such a log is restored from: https://pkg.go.dev/github.com/hashicorp/raft#FSM */
export const snapshotStreams: ReadonlySet<string> = new Set(['io.ReadCloser', 'io.Reader']);
