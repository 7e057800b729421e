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
    name: 'kanal',
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

/** Constructors that take a size, by the end of their path: tokio, std, crossbeam, flume, async-channel, kanal, futures. */
export const boundedChannels =
  /(^|::)(mpsc|broadcast)::channel$|(^|::)sync_channel$|(^|::)(flume|kanal|crossbeam_channel|async_channel|channel|loole)::bounded(_async)?$/;

/** Sending ends, by last path segment. */
export const senderTypes: ReadonlySet<string> = new Set(
  'Sender UnboundedSender SyncSender AsyncSender WeakUnboundedSender'.split(' '),
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
