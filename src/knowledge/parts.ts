/** What gives a part of a text or buffer that keeps the whole alive, what copies, and where large wholes come from. */

/** Go functions of `strings` and `bytes` whose results share the memory of the first argument. */
export const goCuts = /^(Cut|Split|SplitN|SplitAfter|SplitAfterN|Fields|FieldsFunc)$/;

/** Those whose results are all of it but a little at its ends. */
export const goTrims =
  /^(CutPrefix|CutSuffix|Trim|TrimSpace|TrimLeft|TrimRight|TrimFunc|TrimLeftFunc|TrimRightFunc|TrimPrefix|TrimSuffix)$/;

/** Go methods of `regexp.Regexp` whose results share the memory of the first argument. */
export const goMatches = /^Find(All)?(String)?(Submatch)?$/;

/** Go functions that copy what they are given. */
export const goCopies = /^(Clone|Repeat|Join|Sprint|Sprintf|Sprintln|EncodeToString|Quote|Intern|Unquote)$/;

/** Rust methods of `Bytes` and `BytesMut` that share the allocation: https://docs.rs/bytes/latest/bytes/struct.Bytes.html */
export const rustCuts = /^(slice|slice_ref|split_to|split_off|copy_to_bytes)$/;

/** Rust methods that hand the same memory on. */
export const rustPassing =
  /^(clone|freeze|into|unwrap|expect|unwrap_or_default|to_bytes|as_ref|map_err|context|ok)$/;

/** Rust: makes a buffer of a size: https://docs.rs/bytes/latest/bytes/struct.BytesMut.html#method.zeroed */
export const rustBuffers = /(^|::)BytesMut::zeroed$/;

/** Rust functions and methods that copy. */
export const rustCopies = /(^|::)(copy_from_slice|to_vec|to_owned|to_string|from_utf8_lossy)$/;

/** Names of parameters and fields of type `Bytes` that hold something as large as its sender wants. */
export const largeNames =
  /^(body|frame|payload|packet|chunk|message|msg|datagram|page|response|resp|request|raw|block|segment|buf|buffer|input|content|contents|batch|blob|data|bytes|document|upload|image|file)$/i;

/** Go: names of parameters that hold all of something which is as large as its sender wants. */
export const wholeTexts =
  /^(raw\w*|body|frame|payload|packet|page|html|xml|csv|mail|email|document|upload|file|content|contents|blob|dump)$/;

/** Methods and functions that store what they are given. */
export const storing: ReadonlySet<string> = new Set(
  'insert push push_back push_front entry or_insert or_insert_with Store LoadOrStore Add Set Put PushBack PushFront Insert put set add SetDefault SetWithTTL'.split(
    ' ',
  ),
);

/**
 * Types whose body is valid while the request is handled: https://pkg.go.dev/github.com/valyala/fasthttp#RequestCtx
 */
export const lentBodies = /fiber\.Ctx$|fasthttp\.(Request|RequestCtx)$/;

/** Go: the payloads of messages, each in memory of its own: https://pkg.go.dev/github.com/nats-io/nats.go#Msg and the like. */
export const goPayloads: ReadonlySet<string> = new Set([
  'github.com/nats-io/nats.go.Msg.Data',
  'github.com/segmentio/kafka-go.Message.Value',
  'github.com/IBM/sarama.ConsumerMessage.Value',
  'github.com/Shopify/sarama.ConsumerMessage.Value',
  'github.com/rabbitmq/amqp091-go.Delivery.Body',
  'github.com/streadway/amqp.Delivery.Body',
  'cloud.google.com/go/pubsub.Message.Data',
]);

/** Go: what comes with each request: https://pkg.go.dev/net/http#Header, https://pkg.go.dev/google.golang.org/grpc/metadata#MD */
export const goMessageHeaders: ReadonlySet<string> = new Set([
  'net/http.Header',
  'net/textproto.MIMEHeader',
  'google.golang.org/grpc/metadata.MD',
]);

/** Methods of them that give it. */
export const bodyMethods = /^(Body|BodyRaw|PostBody)$/;

/** Go: methods and functions that fill the list they are given a pointer to: https://pkg.go.dev/encoding/json#Decoder.Decode */
export const listDecoders = /^(Decode|Unmarshal|DecodeMsg|UnmarshalContext|DecodeContext)$/;

/** Go: functions that fill a buffer they are given: https://pkg.go.dev/io#ReadFull */
export const fullReads = /^(ReadFull|ReadAtLeast)$/;

/** Go: what a text is taken out of a JSON document with, as a part of it: https://pkg.go.dev/github.com/tidwall/gjson#Result.String */
export const goDocumentParts = 'github.com/tidwall/gjson.Result';
