/** Rust's channels: which constructors have no bound, what bounds them instead, and how their ends are used. */

export interface UnboundedChannel {
  /** Crate and module as a person writes them. */
  readonly name: string;
  /** The bounded constructor of the same crate that keeps both ends' types, or empty when the types change. */
  readonly bounded: string;
  /** The sending method of the bounded sender waits: it must be awaited. */
  readonly asyncSend: boolean;
  readonly source: string;
}

const tokio = 'https://docs.rs/tokio/latest/tokio/sync/mpsc/';

/** By the end of the constructor's path. */
export const unboundedChannels: Readonly<Record<string, UnboundedChannel>> = {
  'tokio::sync::mpsc::unbounded_channel': {
    name: 'tokio mpsc',
    bounded: 'channel',
    asyncSend: true,
    source: tokio,
  },
  'mpsc::unbounded_channel': { name: 'tokio mpsc', bounded: 'channel', asyncSend: true, source: tokio },
  'futures::channel::mpsc::unbounded': {
    name: 'futures mpsc',
    bounded: 'channel',
    asyncSend: true,
    source: 'https://docs.rs/futures/latest/futures/channel/mpsc/',
  },
  'futures_channel::mpsc::unbounded': {
    name: 'futures mpsc',
    bounded: 'channel',
    asyncSend: true,
    source: 'https://docs.rs/futures-channel',
  },
  'mpsc::unbounded': {
    name: 'futures mpsc',
    bounded: 'channel',
    asyncSend: true,
    source: 'https://docs.rs/futures/latest/futures/channel/mpsc/',
  },
  'std::sync::mpsc::channel': {
    name: 'std mpsc',
    bounded: 'sync_channel',
    asyncSend: false,
    source: 'https://doc.rust-lang.org/std/sync/mpsc/fn.channel.html',
  },
  'crossbeam_channel::unbounded': {
    name: 'crossbeam',
    bounded: 'bounded',
    asyncSend: false,
    source: 'https://docs.rs/crossbeam-channel',
  },
  'crossbeam::channel::unbounded': {
    name: 'crossbeam',
    bounded: 'bounded',
    asyncSend: false,
    source: 'https://docs.rs/crossbeam-channel',
  },
  'channel::unbounded': {
    name: 'crossbeam',
    bounded: 'bounded',
    asyncSend: false,
    source: 'https://docs.rs/crossbeam-channel',
  },
  'flume::unbounded': {
    name: 'flume',
    bounded: 'bounded',
    asyncSend: false,
    source: 'https://docs.rs/flume',
  },
  'async_channel::unbounded': {
    name: 'async-channel',
    bounded: 'bounded',
    asyncSend: true,
    source: 'https://docs.rs/async-channel',
  },
  'async_std::channel::unbounded': {
    name: 'async-std channel',
    bounded: 'bounded',
    asyncSend: true,
    source: 'https://docs.rs/async-std',
  },
  'smol::channel::unbounded': {
    name: 'async-channel',
    bounded: 'bounded',
    asyncSend: true,
    source: 'https://docs.rs/smol',
  },
  'kanal::unbounded': {
    name: 'kanal',
    bounded: 'bounded',
    asyncSend: false,
    source: 'https://docs.rs/kanal',
  },
  'kanal::unbounded_async': {
    name: 'kanal async',
    bounded: 'bounded_async',
    asyncSend: true,
    source: 'https://docs.rs/kanal',
  },
  'loole::unbounded': {
    name: 'loole',
    bounded: 'bounded',
    asyncSend: false,
    source: 'https://docs.rs/loole',
  },
};

/** What changes in code that uses a channel when the channel gets a bound. */
export interface ChannelRename {
  /** The unbounded constructor's own name. */
  readonly constructor: string;
  /** Names of the ends' types before and after. */
  readonly types: readonly (readonly [string, string])[];
  /** Full paths of these types. */
  readonly home: RegExp;
  /** Methods that send into the unbounded end. */
  readonly send: RegExp;
  /** Whether the bounded end's `send` blocks its thread. */
  readonly waits: 'block' | 'await';
  /** The method that is awaited for room, where there is one. */
  readonly awaited?: string;
  /** What `try_send` gives: an error when there is no room, a `bool`, or nothing that fits here. */
  readonly tries: 'result' | 'bool' | 'none';
  readonly source: string;
}

const same = { types: [], home: /^$/, send: /^send$/ } as const;

/** By the name of the crate and module, as in `unboundedChannels`. */
export const channelRenames: Readonly<Record<string, ChannelRename>> = {
  'tokio mpsc': {
    constructor: 'unbounded_channel',
    types: [
      ['UnboundedSender', 'Sender'],
      ['UnboundedReceiver', 'Receiver'],
    ],
    home: /(^|::)tokio::sync::mpsc::|^mpsc::/,
    send: /^send$/,
    waits: 'await',
    awaited: 'send',
    tries: 'result',
    source: tokio,
  },
  'std mpsc': {
    constructor: 'channel',
    types: [['Sender', 'SyncSender']],
    home: /^std::sync::mpsc::/,
    send: /^send$/,
    waits: 'block',
    tries: 'result',
    source: 'https://doc.rust-lang.org/std/sync/mpsc/fn.sync_channel.html',
  },
  crossbeam: {
    ...same,
    constructor: 'unbounded',
    waits: 'block',
    tries: 'result',
    source: 'https://docs.rs/crossbeam-channel/latest/crossbeam_channel/fn.bounded.html',
  },
  flume: {
    ...same,
    constructor: 'unbounded',
    waits: 'block',
    awaited: 'send_async',
    tries: 'result',
    source: 'https://docs.rs/flume/latest/flume/struct.Sender.html',
  },
  loole: {
    ...same,
    constructor: 'unbounded',
    waits: 'block',
    awaited: 'send_async',
    tries: 'result',
    source: 'https://docs.rs/loole',
  },
  'async-channel': {
    ...same,
    constructor: 'unbounded',
    waits: 'await',
    awaited: 'send',
    tries: 'result',
    source: 'https://docs.rs/async-channel/latest/async_channel/struct.Sender.html',
  },
  'async-std channel': {
    ...same,
    constructor: 'unbounded',
    waits: 'await',
    awaited: 'send',
    tries: 'result',
    source: 'https://docs.rs/async-std/latest/async_std/channel/',
  },
  // `try_send` of a full kanal channel is `Ok(false)`.
  kanal: {
    ...same,
    constructor: 'unbounded',
    waits: 'block',
    tries: 'bool',
    source: 'https://docs.rs/kanal/latest/kanal/struct.Sender.html',
  },
  'kanal async': {
    ...same,
    constructor: 'unbounded_async',
    waits: 'await',
    awaited: 'send',
    tries: 'bool',
    source: 'https://docs.rs/kanal/latest/kanal/struct.AsyncSender.html',
  },
  // Every clone of a sender has a slot of its own, and sending needs `&mut`: only what awaits already stays as it is.
  'futures mpsc': {
    constructor: 'unbounded',
    types: [
      ['UnboundedSender', 'Sender'],
      ['UnboundedReceiver', 'Receiver'],
    ],
    home: /(^|::)futures(_channel)?::(channel::)?mpsc::|^mpsc::/,
    send: /^(send|unbounded_send|start_send|feed)$/,
    waits: 'await',
    tries: 'none',
    source: 'https://docs.rs/futures/latest/futures/channel/mpsc/fn.channel.html',
  },
};

/** Constructors that take a size, by the end of their path: tokio, std, crossbeam, flume, async-channel, kanal, futures. */
export const boundedChannels =
  /(^|::)(mpsc|broadcast)::channel$|(^|::)sync_channel$|(^|::)(flume|kanal|crossbeam_channel|async_channel|channel|loole)::bounded(_async)?$/;

/** Channels that carry one answer back. */
export const replyChannels =
  /(^|::)(oneshot::(channel|oneshot)|oneshot|mpsc::(sync_)?channel|bounded(_async)?|channel|flume::bounded)$/;

/** Names under which a program wraps the making of such a channel. */
export const replyMakers = /(reply|answer|response|oneshot|one_shot)\w*$/;

/** Sending ends, by last path segment. */
export const senderTypes: ReadonlySet<string> = new Set(
  'Sender UnboundedSender SyncSender AsyncSender WeakUnboundedSender'.split(' '),
);

/** Receiving ends, by last path segment. */
export const receiverTypes: ReadonlySet<string> = new Set(
  'Receiver UnboundedReceiver AsyncReceiver'.split(' '),
);

/** Methods that take messages out of a channel, and that nothing else has. */
export const takingMethods: ReadonlySet<string> = new Set(
  'recv try_recv try_iter recv_async recv_many recv_timeout recv_deadline blocking_recv blocking_recv_many'.split(
    ' ',
  ),
);

/** Methods that put a message into a channel. */
export const sendingMethods: ReadonlySet<string> = new Set(
  'send try_send unbounded_send start_send send_async blocking_send send_blocking force_send do_send feed send_timeout'.split(
    ' ',
  ),
);

/** Names of functions that make a channel and return both ends. */
export const channelConstructors =
  /^(unbounded|unbounded_channel|unbounded_async|channel|bounded|sync_channel)$/;

/** Methods of a receiving end that take one message. */
export const singleTakes = /^(recv|recv_async|recv_timeout|recv_deadline|blocking_recv|try_recv)$/;

/** Methods of a receiving end that take what has come. */
export const receiverTakes = /^(recv|recv_async|recv_many|blocking_recv|next|iter|try_iter|into_iter)$/;

/** Locks that many may hold at once: who only reads waits for no work. */
export const sharedLocks = /^(read|read_owned)$/;

/** Calls that put something aside. */
export const asideCalls = /^(push|push_back|insert|extend|append)$/;

/** Calls that only look at something, or make something of it at once. */
export const lookCalls =
  /^([A-Z]\w*|ok|clone|is_empty|len|boxed|new|pin|into|pending|next|borrow|is_none|is_some|unwrap|expect|id|default|fetch_add|instrument|to_string|detach|for_each)$/;

/** Calls that hold up their thread, by their name: files, sockets and databases without `await`, and sleeping. */
export const blockingCalls =
  /^(write_all|write_fmt|write_vectored|flush|sync_all|sync_data|send_to|execute\w*|query\w*|commit\w*|persist\w*|save\w*|put\w*|block_on|blocking_\w+|sleep|join|wait|recv_timeout|connect)$/;

/** The same by the path of what is called: https://doc.rust-lang.org/std/fs/, https://doc.rust-lang.org/std/thread/ */
export const blockingPaths = /(^|::)(fs|File|OpenOptions|Command|TcpStream|thread)::/;

/** Macros that write: https://doc.rust-lang.org/std/macro.println.html */
export const printingMacros = /^(e?print(ln)?|write(ln)?)$/;

/** The types of receiving ends, by last path segment. */
export const receivingEnds = /^(Async|Unbounded)?Receiver(Stream)?$/;

/** Methods of a receiving end that take the next message. */
export const messageTakes =
  /^(recv|try_recv|recv_timeout|recv_async|blocking_recv|next|iter|try_iter|into_iter)$/;

/** Methods of the receiving ends of channels, and of nothing else. */
export const receives = /^(recv|recv_async|blocking_recv|recv_timeout|try_recv)$/;

/** The same with what a stream calls it, where it is known to be an end that receives. */
export const receivesOrStreams = /^(recv|recv_async|blocking_recv|recv_timeout|next)$/;

/** What tells how many wait. */
export const backlogReads = /^(len|load|fetch_add|pending|in_flight|queued|backlog)$/;

/** What a message carries that limits how many of them there are. */
export const messagePermits = /(^|_)(permit|lease|reservation)s?$/;

/** What a semaphore gives as long as there is some left: https://docs.rs/tokio/latest/tokio/sync/struct.OwnedSemaphorePermit.html */
export const semaphorePermits = /^(Owned)?SemaphorePermit$|^SemaphoreGuard(Arc)?$/;

/** Crates of programs that talk to one person: https://docs.rs/crossterm/latest/crossterm/event/ */
export const terminalCrates = /^(crossterm|termion|ratatui)(::|$)/;
