/** Where numbers come from that input decides, and what allocates as much as it is told. */

/** Methods and functions that decode a number of 32 bits or more from bytes somebody else wrote. */
export const decodedNumbers =
  /^(get_u32|get_u32_le|get_u64|get_u64_le|get_i32|get_i32_le|get_i64|get_i64_le|get_uint|read_u32|read_u32_le|read_u64|read_u64_le|read_i32|read_i64|read_varint\w*|read_uleb128|read_leb128|decode_varint|get_var_?int\w*|read_compact\w*|[bl]e_[ui](24|32|64)|Uvarint|Varint|ReadUvarint|ReadVarint|Uint32|Uint64|ConsumeVarint|DecodeVarint)$/;

/** Go: functions that read numbers into what they are given: https://pkg.go.dev/encoding/binary#Read, https://pkg.go.dev/fmt#Fscanf */
export const numberReaders = /^(Read|[FS]scan(f|ln)?)$/;

/** Methods and functions that decode a number of at most 16 bits: it cannot be large. */
export const smallNumbers =
  /^(get_u8|get_i8|get_u16|get_u16_le|get_i16|read_u8|read_i8|read_u16|read_u16_le|read_i16|[bl]e_[ui](8|16)|ReadByte|Uint16|Uint8)$/;

/** Rust extractors (axum, actix-web, rocket, poem) that hold what a client sent. */
export const requestExtractors = /(^|::)(Query|Json|Form|Path|Cbor|Protobuf|ProtoBuf|MsgPack|Qs)$/;

/** Rust types that wrap a decoded message: https://docs.rs/tonic/latest/tonic/struct.Request.html */
export const requestTypes = /(^|::)(tonic::)?Request$/;

/** Rust functions that decode bytes into a value: serde's formats, prost, bincode, borsh, zerocopy. */
export const valueDecoders =
  /^(deserialize|deserialize_from|from_slice|from_str|from_reader|from_bytes|decode|decode_from_slice|decode_length_delimited|parse_from_bytes|read_from|read_from_bytes|read_from_prefix|ref_from|try_from_slice|unpack)$/;

/** Types that hold what an operator wrote, whoever decodes them. */
export const configurationTypes = /(Config|Configuration|Settings)$/;

/** Text turned into a number. */
export const parsedNumbers = /^(Atoi|ParseInt|ParseUint|from_str_radix|parse)$/;

/** Rust's `uN::from_be_bytes` and relatives. */
export const bytesToNumber = /^(u8|i8|u16|i16|u32|i32|u64|i64|u128|i128|usize|isize)::from_(be|le|ne)_bytes$/;

/** Rust: a number by the trait with which a program decodes all that comes: `u32::decode(reader)?`. */
export const wireNumbers =
  /^(u32|i32|u64|i64|usize)::(consensus_|borsh_|scale_)?(decode|read|deserialize|unpack|parse|take|get)(_\w+)?$/;

/** Types whose largest value allocates little. */
export const smallTypes = /^(u8|i8|u16|i16|bool|uint8|int8|byte|uint16|int16|NonZeroU8|NonZeroU16)$/;

/** Methods that hand the same number on. */
export const passingMethods =
  /^(unwrap|expect|unwrap_or|unwrap_or_default|unwrap_or_else|ok|ok_or|ok_or_else|map_err|into|try_into|as_usize|to_usize|get|saturating_add|saturating_mul|saturating_sub|wrapping_sub|checked_sub|wrapping_add|wrapping_mul|checked_add|checked_mul|max|next_power_of_two|next_multiple_of|div_ceil|div_euclid|context|with_context|copied|cloned|to_owned|value|Int64|Int)$/;

/** Rust: an entry of an archive, and what gives one: https://docs.rs/zip/latest/zip/read/struct.ZipArchive.html#method.by_index */
export const archiveEntries = /(^|::)ZipFile(Seek)?$/;
export const archiveEntryGivers = /^(by_(index|name)(_decrypt)?|entries)$/;
export const archiveTypes = /Archive$/;

/** Methods whose result is limited by an argument. */
export const limitingMethods = /^([mM]in|clamp|rem_euclid|trailing_zeros|leading_zeros|count_ones)$/;

/** Methods that measure something that is already in memory. */
export const measuringMethods =
  /^(len|count|capacity|remaining|size_hint|size|Len|Cap|Size|Buffered|Count|NumField|available)$/;

/** Rust functions and methods that allocate as many elements as they are told; the index of the argument. */
export const rustAllocations: Readonly<Record<string, number>> = {
  with_capacity: 0,
  with_capacity_and_hasher: 0,
  reserve: 0,
  reserve_exact: 0,
  try_reserve: 0,
  resize: 0,
  resize_with: 0,
  zeroed: 0,
  new_zeroed_slice: 0,
};

/** Those of them that are told what to fill the room with, too. */
export const fillingMethods: ReadonlySet<string> = new Set(['resize', 'resize_with']);

/** Rust methods of text and slices that do, and no function of that name. */
export const rustAllocatingMethods: Readonly<Record<string, number>> = { repeat: 0 };

/** Rust methods that make a picture of four bytes or so for each of width × height: https://docs.rs/image/latest/image/enum.DynamicImage.html */
export const pictureMethods: ReadonlySet<string> = new Set([
  'resize_exact',
  'resize_to_fill',
  'thumbnail_exact',
]);

/** Go functions besides `make`: the index of the argument. */
export const goAllocations: Readonly<Record<string, number>> = {
  Grow: 0, // bytes.Buffer, strings.Builder
};

/** Go: `strings.Repeat(s, n)` and that of `bytes` make a text n times as long: https://pkg.go.dev/strings#Repeat */
export const goRepeats = /^(strings|bytes)\.Repeat$/;

/** Functions of Go's reflect that allocate as many elements as they are told; which argument says how many. */
export const goReflected: Readonly<Record<string, number>> = {
  MakeSlice: 2, // https://pkg.go.dev/reflect#MakeSlice
  MakeMapWithSize: 1, // https://pkg.go.dev/reflect#MakeMapWithSize
};

/** Names through which configuration, not input, reaches a program. */
export const configurationSources =
  /^(Getenv|LookupEnv|var|var_os|args|Args|Flag|Int|Duration|FromEnv|from_env|arg|env)$/;

/** Functions that fill what they are given a pointer to. */
export const fillingCalls = /^(Decode\w*|Unmarshal\w*|ShouldBind\w*|Bind\w*|BodyParser|Read|ReadJSON)$/;

/** Those of them that take bytes apart, for whatever pointer they are given: https://pkg.go.dev/encoding/binary#Read */
export const unpackingCalls = /^(Unmarshal\w*|Decode\w*|Read)$/;

/** Calls that say whether a number may be so large: a range's `contains`, `limiter.AllowSizeBytes(tenant, n)`. */
export const allowingCalls =
  /^(contains$|[aA]llow|[cC]heck\w*(Size|Limit|Quota)|[eE]xceeds|[iI]s(Valid|Allowed)|[vV]alidate\w*(Size|Length))/;

/** Go's highest numbers of 32 bits and more: https://pkg.go.dev/math#pkg-constants */
export const highestNumbers = /^MaxU?[iI]nt(32|64)?$/;

/** What the type of a request is called. */
export const requestTypeNames = /(Request|Req)$/;

/** Macros that go on only when what they are given holds. */
export const checkingMacros = /(^|::)(ensure|assert|bail_if|require)$/;

/** Go: private fields that hold the limits a type was made with: nothing decodes into them. */
export const ownLimits = /^max[A-Z]/;

/** Rust: methods by which a parser takes the next piece of its input, of std's iterators and cursors and by custom. */
export const consumesInput =
  /^(next|next_token|bump|advance|consume|eat|expect|split_first|take_token|pop_front|get_u(8|16|32|64)|read_(u8|u16|u32|u64|byte|exact|varint)|skip_\w+)$/;

/** The same of Go: https://pkg.go.dev/bufio#Scanner.Scan, https://pkg.go.dev/encoding/json#Decoder.Token, and by custom. */
export const goConsumesInput =
  /^([nN]ext\w*|advance|consume\w*|accept\w*|expect\w*|eat\w*|[sS]can|Token|RawToken|ReadBytes?|ReadRune|ReadString|ReadLine|ReadSlice|ReadFull|read[A-Z]\w*|skip[A-Z]\w*)$/;

/** Go: types that what is read is taken from, by the standard library and by custom. */
export const goCursors =
  /^(io\.\w*Reader|io\.\w*Scanner|bufio\.\w+|bytes\.(Reader|Buffer)|strings\.Reader|text\/scanner\.Scanner|(json|xml|gob|cbor|msgpack)\.Decoder)$|(^|\.)\w*([pP]arser|[sS]canner|[lL]exer|[dD]ecoder|[rR]eader|[cC]ursor|[tT]okeni[sz]er|[sS]tream)$/;

/** What code calls a count of levels, and what makes room on the stack: https://docs.rs/stacker/latest/stacker/ */
export const depthNames = /depth|level|nest|recurs|remaining|budget|fuel|stacker|maybe_grow|enter|descend/i;
