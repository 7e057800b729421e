/** What a program does while it starts, and what it loads then. */

/** Calls that begin to serve: a program without one of them runs once and ends. */
export const serving =
  /^(ListenAndServe|ListenAndServeTLS|Serve|ServeTLS|Listen|ListenPacket|bind|serve|accept|Accept|incoming|launch|serve_with_shutdown|serve_with_incoming|ReceiveMessages|Consume|subscribe|Subscribe)$/;

/** Go: calls that begin to serve whatever comes, by their name alone: what a function does before one is a start. */
export const servesFromThere = /^(ListenAndServe|ListenAndServeTLS)$/;

/** Rust: functions and types that make a query, whose values are bound to it: https://docs.rs/sqlx/latest/sqlx/query/struct.Query.html#method.bind */
export const queries =
  /^(query|query_as|query_scalar|query_with|query_as_with|sql_query|prepare|sqlx|Query|Statement)$/;

/** Calls that run the closure they are given before they return. */
export const runsItsClosure =
  /^(map|for_each|filter|filter_map|flat_map|and_then|or_else|then|map_err|unwrap_or_else|map_or|map_or_else|fold|try_fold|try_for_each|inspect|block_on|scope|with|install|collect|Walk|WalkDir|Range|get_or_init|get_or_try_init|call_once|Do|new)$/;

/** Names of files, functions and variables that hold configuration, keys and other small texts. */
export const smallFiles =
  /conf|cfg|setting|option|cert|(^|[^a-z])keys?([^a-z]|$)|[a-z]Key|pem|\.crt|(^|[^a-z])ca([^a-z]|$)|cas?_?(file|path|bundle)|token|secret|passw|cred|auth|templ|\.html|\.sql|licen[cs]e|version|manifest|schema|\/proc|\/sys\/|cgroup|\/etc\/|hosts|resolv|\.toml|\.ya?ml|\.ini|\.env|env|(^|[^a-z])lua|middleware|readme|namespace|uuid|pid|args|rule|polic|route|plugin|script|flag|migration|kube|proto|wasm|metadata|cluster|node|label|hostname|machine|vendor|status/i;

/** Source files that are named after the configuration they read. */
export const configurationFiles = /^(\w+_)?(config|configuration|settings|ini|toml|ya?ml|hcl|lua)\.(go|rs)$/;

/** Formats that people write, as the packages and crates that decode them are called. */
export const configurationFormats = /^((serde_)?(yaml|yml|toml|hcl|ini)(::\w+)*)$/i;

/** Endings of files that hold data. */
export const dataEndings =
  /\.(bin|dat|csv|tsv|ndjson|jsonl|mmdb|gz|zst|bz2|xz|parquet|idx|dic|dict|onnx|npy|vec|snap|dump)\b/i;

/** Words in the names of files that hold data, where nothing says that they are small. */
export const dataWords =
  /dataset|dictionary|corpus|geo|network|words|snapshot|catalog|embedding|gazetteer|lookup|table|index|records|entries|\/data\//i;

/** Where services keep what they have gathered: https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch05.html */
export const storePaths = /(^|[ "'])\/(var\/(lib|cache|spool)|srv|data)\//;

/** Endings of files that hold configuration or a key wherever they lie. */
export const smallEndings = /\.(toml|ya?ml|ini|conf|cfg|env|pem|crt|key|html|sql|json5?|proto|wasm|pid)\b/i;

/** Rust: what gives the records of a reader one by one: https://docs.rs/csv/latest/csv/struct.Reader.html */
export const recordReads = /^(deserialize|into_deserialize|records|into_records|byte_records|lines)$/;

/** Rust: what opens a file to be read. */
export const fileReaders = /^(from_path|open)$/;

/** Methods and functions that cut a whole text or file into its records. */
export const cutting =
  /^(lines|chunks|chunks_exact|split|split_terminator|split_whitespace|par_lines|par_chunks|as_chunks|records|deserialize|Split|SplitN|SplitSeq|Lines|Fields|FieldsFunc)$/;

/** Functions that decode a whole text or file into a value. */
export const decoding = /^(from_slice|from_str|from_reader|deserialize|decode|from_bytes|Unmarshal|Decode)$/;

/** Queries: the methods that send one, and those that collect all its rows. */
export const rustQueries = /^(fetch_all|query|load|get_results)$/;
/**
 * rusqlite: a statement is prepared first, then asked for its rows, which come one by one until somebody collects them:
 * https://docs.rs/rusqlite/latest/rusqlite/struct.Statement.html#method.query_map
 */
export const rustPreparing = /^prepare(_cached)?$/;
export const rustRowStreams = /^(query_map|query_and_then|mapped|and_then)$/;
export const goQueries = /^(Query|QueryContext|Queryx|QueryxContext|Select|SelectContext|QueryRow)$/;

/** Tables that have as many rows as people have written, not as the service has users; also those of the database. */
export const smallTables =
  /migration|setting|config|schema|version|role|permission|feature|flag|categor|countr|currenc|plan|tenants?$|workspaces?$|tenant_type|lookup|^pg_|^sqlite_|^pragma_|^information_schema/i;

/** A query that says how many rows it wants, or which, or one for each group. */
export const limitedQueries =
  /\bLIMIT\b|\bGROUP\s+BY\b|\bSELECT\s+DISTINCT\b|\bFETCH\s+FIRST\b|\bTOP\s*\(?\d|[$?:@]\w*\d|=\s*\?|=\s*[:@]\w|\bIN\s*\(/i;

/** Calls that give the entries of a folder. */
export const folderReads = /^(ReadDir|read_dir|Glob|WalkDir|glob|Walk|walk_dir)$/;

/** Functions that are called while a program starts, and later as well. */
export const loadNames = /^(load|Load|parse|Parse)/;

/** What reads a table in order to change all of it. */
export const migrationNames = /migrat/i;

/** Methods that put what was read into a collection. */
export const fillingMethods = /^(push|insert|push_back|entry|extend|Store|Add|Set)$/;

/** Methods that run once for what they belong to, when they are told nothing. */
export const openingMethods = /^(Start|Init|Initialize|Open|Setup|SetUp)$/;
