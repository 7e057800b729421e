/** What makes a function part of the request phase: signatures, registrations, attributes, loops that wait. */

/** Go: what a controller is told of an object that somebody has created in the API server. */
export const goObjectRequests: ReadonlySet<string> = new Set([
  'sigs.k8s.io/controller-runtime/pkg/reconcile.Request', // https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/reconcile
  'sigs.k8s.io/controller-runtime.Request',
]);

/** Go parameter types (canonical names, pointers taken off) that only handlers have. */
export const goHandlerParams: ReadonlySet<string> = new Set([
  'net/http.ResponseWriter', // https://pkg.go.dev/net/http#Handler
  'net/http.Request',
  'crypto/tls.ClientHelloInfo', // https://pkg.go.dev/crypto/tls#Config.GetCertificate
  'github.com/gin-gonic/gin.Context', // https://pkg.go.dev/github.com/gin-gonic/gin#HandlerFunc
  'github.com/labstack/echo.Context', // https://pkg.go.dev/github.com/labstack/echo/v4#HandlerFunc
  'github.com/gofiber/fiber.Ctx', // https://pkg.go.dev/github.com/gofiber/fiber/v2#Handler
  'github.com/valyala/fasthttp.RequestCtx', // https://pkg.go.dev/github.com/valyala/fasthttp#RequestHandler
  ...goObjectRequests,
  'github.com/IBM/sarama.ConsumerGroupClaim', // https://pkg.go.dev/github.com/IBM/sarama#ConsumerGroupHandler
  'github.com/Shopify/sarama.ConsumerGroupClaim',
  'github.com/nats-io/nats.go.Msg', // https://pkg.go.dev/github.com/nats-io/nats.go#MsgHandler
  'github.com/gorilla/websocket.Conn', // https://pkg.go.dev/github.com/gorilla/websocket
  'github.com/coder/websocket.Conn', // https://pkg.go.dev/github.com/coder/websocket
  'nhooyr.io/websocket.Conn', // https://pkg.go.dev/nhooyr.io/websocket
  'golang.org/x/net/websocket.Conn', // https://pkg.go.dev/golang.org/x/net/websocket#Handler
  'cloud.google.com/go/pubsub.Message', // https://pkg.go.dev/cloud.google.com/go/pubsub#Subscription.Receive
  // more HTTP frameworks
  'github.com/julienschmidt/httprouter.Params', // https://pkg.go.dev/github.com/julienschmidt/httprouter#Handle
  'github.com/kataras/iris.Context', // https://pkg.go.dev/github.com/kataras/iris/v12
  'github.com/kataras/iris/context.Context',
  'github.com/beego/beego/server/web/context.Context', // https://pkg.go.dev/github.com/beego/beego/v2/server/web
  'github.com/cloudwego/hertz/pkg/app.RequestContext', // https://pkg.go.dev/github.com/cloudwego/hertz/pkg/app#HandlerFunc
  'github.com/emicklei/go-restful.Request', // https://pkg.go.dev/github.com/emicklei/go-restful/v3#RouteFunction
  'github.com/gobuffalo/buffalo.Context', // https://pkg.go.dev/github.com/gobuffalo/buffalo#Handler
  // remote calls
  'google.golang.org/grpc.UnaryServerInfo', // https://pkg.go.dev/google.golang.org/grpc#UnaryServerInterceptor
  'google.golang.org/grpc.StreamServerInfo', // https://pkg.go.dev/google.golang.org/grpc#StreamServerInterceptor
  'google.golang.org/grpc.ServerStream',
  'connectrpc.com/connect.Request', // https://pkg.go.dev/connectrpc.com/connect
  'connectrpc.com/connect.BidiStream', // https://pkg.go.dev/connectrpc.com/connect#BidiStream
  'connectrpc.com/connect.ClientStream',
  'connectrpc.com/connect.ServerStream',
  'github.com/bufbuild/connect-go.Request',
  // messages, jobs, events
  'github.com/IBM/sarama.ConsumerMessage',
  'github.com/Shopify/sarama.ConsumerMessage',
  'github.com/segmentio/kafka-go.Message', // https://pkg.go.dev/github.com/segmentio/kafka-go#Reader.ReadMessage
  'github.com/confluentinc/confluent-kafka-go/kafka.Message', // https://pkg.go.dev/github.com/confluentinc/confluent-kafka-go/v2/kafka
  'github.com/twmb/franz-go/pkg/kgo.Record', // https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo
  'github.com/nats-io/nats.go/jetstream.Msg', // https://pkg.go.dev/github.com/nats-io/nats.go/jetstream#MessageHandler
  'github.com/nats-io/stan.go.Msg', // https://pkg.go.dev/github.com/nats-io/stan.go#MsgHandler
  'github.com/rabbitmq/amqp091-go.Delivery', // https://pkg.go.dev/github.com/rabbitmq/amqp091-go#Channel.Consume
  'github.com/streadway/amqp.Delivery', // https://pkg.go.dev/github.com/streadway/amqp#Channel.Consume
  'github.com/redis/go-redis.Message', // https://pkg.go.dev/github.com/redis/go-redis/v9#PubSub.Channel
  'github.com/nsqio/go-nsq.Message', // https://pkg.go.dev/github.com/nsqio/go-nsq#Handler
  'github.com/eclipse/paho.mqtt.golang.Message', // https://pkg.go.dev/github.com/eclipse/paho.mqtt.golang#MessageHandler
  'github.com/ThreeDotsLabs/watermill/message.Message', // https://pkg.go.dev/github.com/ThreeDotsLabs/watermill/message#HandlerFunc
  'github.com/aws/aws-sdk-go-v2/service/sqs/types.Message', // https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/service/sqs
  'github.com/aws/aws-sdk-go/service/sqs.Message',
  'github.com/aws/aws-lambda-go/events.APIGatewayProxyRequest', // https://pkg.go.dev/github.com/aws/aws-lambda-go/events
  'github.com/aws/aws-lambda-go/events.APIGatewayV2HTTPRequest',
  'github.com/aws/aws-lambda-go/events.ALBTargetGroupRequest',
  'github.com/aws/aws-lambda-go/events.LambdaFunctionURLRequest',
  'github.com/aws/aws-lambda-go/events.CloudWatchEvent',
  'github.com/aws/aws-lambda-go/events.DynamoDBEvent',
  'github.com/aws/aws-lambda-go/events.KinesisEvent',
  'github.com/aws/aws-lambda-go/events.S3Event',
  'github.com/aws/aws-lambda-go/events.SNSEvent',
  'github.com/aws/aws-lambda-go/events.SQSEvent',
  'github.com/aws/aws-lambda-go/events.SQSMessage',
  'github.com/cloudevents/sdk-go.Event', // https://pkg.go.dev/github.com/cloudevents/sdk-go/v2
  'github.com/cloudevents/sdk-go/event.Event',
  'github.com/hibiken/asynq.Task', // https://pkg.go.dev/github.com/hibiken/asynq#HandlerFunc
  'github.com/riverqueue/river.Job', // https://pkg.go.dev/github.com/riverqueue/river#Worker
  'github.com/gocraft/work.Job', // https://pkg.go.dev/github.com/gocraft/work
  // other protocols
  'github.com/miekg/dns.ResponseWriter', // https://pkg.go.dev/github.com/miekg/dns#Handler
  'github.com/gliderlabs/ssh.Session', // https://pkg.go.dev/github.com/gliderlabs/ssh#Handler
  'github.com/hashicorp/raft.Log', // https://pkg.go.dev/github.com/hashicorp/raft#FSM
  'github.com/bwmarrin/discordgo.MessageCreate', // https://pkg.go.dev/github.com/bwmarrin/discordgo#Session.AddHandler
]);

/** Rust parameter types (last path segment) that only handlers have. */
export const rustHandlerParams: ReadonlySet<string> = new Set([
  'State', // axum, rocket: https://docs.rs/axum/latest/axum/extract/
  'Extension',
  'Json',
  'Query',
  'Form',
  'Multipart',
  'WebSocketUpgrade',
  'HttpRequest', // https://docs.rs/actix-web
  'ConnectInfo',
  'IncomingBody',
  'TypedHeader', // https://docs.rs/axum-extra/latest/axum_extra/struct.TypedHeader.html
  'RawQuery', // https://docs.rs/axum/latest/axum/extract/struct.RawQuery.html
  'OriginalUri',
  'MatchedPath',
  'Data', // https://docs.rs/actix-web/latest/actix_web/web/struct.Data.html
  'ReqData',
  'Payload',
  'LambdaEvent', // https://docs.rs/lambda_runtime/latest/lambda_runtime/struct.LambdaEvent.html
]);

/** Crates that hand such types to what a person types: https://docs.rs/cling/latest/cling/prelude/struct.State.html */
export const rustCommandFrameworks = /^cling(::|$)/;

/** Those of them that are extractors only with a type argument; without one they are other types. */
export const rustGenericExtractors: ReadonlySet<string> = new Set(
  'State Extension Data Payload Query Json Form TypedHeader ReqData LambdaEvent'.split(' '),
);

/** Crates whose types of such names are extractors; one that is imported from another crate is something else. */
export const rustFrameworks =
  /^(axum\w*|actix\w*|rocket\w*|warp|poem\w*|salvo\w*|ntex\w*|tide|lambda_runtime|lambda_http|aide|dropshot|gotham|viz|xitca_web|hyper|http|crate|self|super)::/;

/** Rust parameter types of the frameworks' own modules: only handlers take them. */
export const rustExtractors =
  /^(actix_web::web|axum::extract|axum_extra::extract|ntex::web|poem::web|salvo::oapi::extract)::(?!State$|Data$)\w+$/;

/** Rust attributes that register a handler: `#[get("/")]` of actix-web and rocket. */
export const rustHandlerAttributes =
  /^(?:\w+::)*(get|post|put|delete|patch|head|options|route|handler|endpoint|rpc|method|message|event)\b/;

/**
 * Those that only make a handler of a function, which a router is given:
 * https://docs.rs/poem/latest/poem/attr.handler.html, https://docs.rs/salvo/latest/salvo/attr.handler.html
 */
export const routelessAttributes = /^(?:\w+::)*handler\b(?!.*\bpath\b)/;

/** Rust traits whose methods a server calls for each request or message. */
export const rustHandlerTraits: ReadonlySet<string> = new Set(
  // tower, actix, axum, libp2p, tonic, rocket, serenity, lapin and amqprs, pingora
  (
    'Service Handler StreamHandler Actor Middleware Transform FromRequest FromRequestParts Responder HttpService NetworkBehaviour ConnectionHandler ' +
    'Interceptor Fairing EventHandler MessageHandler AsyncConsumer ConsumerDelegate ProxyHttp'
  ).split(' '),
);

/** Traits of such names that are called when files change: https://docs.rs/watchexec, https://docs.rs/notify/latest/notify/trait.EventHandler.html */
export const watcherTraits = /^(watchexec|notify|notify_debouncer_\w+)(::|$)/;

/** The methods of these traits that run per request or message. */
export const rustHandlerMethods =
  /^(call|handle|poll|process|on_|from_request|consume|message|interaction|request_|response_|upstream_|logging)/;

/** Registrations whose names iterators, options and maps have as well: in Rust only an async function is a handler there. */
export const ambiguousRegistrations: ReadonlySet<string> = new Set(
  'get post put delete patch head options any on to route fallback and_then then map for_each subscribe'.split(
    ' ',
  ),
);

/** Methods of warp's filters whose closure runs for each request: https://docs.rs/warp/latest/warp/trait.Filter.html */
export const warpHandlers = /^(map|then|and_then|untuple_one|recover)$/;

/** Methods and functions whose function argument is called for each request, message or tick. */
export const registrations: ReadonlySet<string> = new Set(
  // net/http, gorilla, chi, gin, echo, fiber
  (
    'HandleFunc Handle HandlerFunc NotFound MethodNotAllowed StaticFunc Get Post Put Delete Patch Head Options GET POST PUT DELETE PATCH HEAD OPTIONS Any ANY Connect Trace Method MethodFunc Use Add ' +
    // messaging
    'Subscribe QueueSubscribe Consume ConsumeClaim OnMessage OnEvent On SetHandler AddHandler AddEventHandler Receive RegisterHandler ' +
    'ReceiveBatch HandleMessage HandleConnect HandleDisconnect OnConnect OnDisconnect OnError OnOpen OnClose OnReceive OnText OnBinary AddConcurrentHandlers ' +
    // lambda.Start, cron, informers, asynq
    'StartWithOptions StartWithContext StartHandler AddFunc AddJob AddTask AddEventHandlerWithResyncPeriod WatchTree ' +
    // axum, actix, warp, tower, hyper
    'get post put delete patch head options any on get_service post_service route fallback to service_fn make_service_fn handler_fn from_fn and_then then map_request ' +
    // rouille
    'start_server start_server_with_pool ' +
    'for_each for_each_concurrent subscribe on_message on_event add_handler register_handler set_handler method_handler register_method register_async_method'
  ).split(' '),
);

/**
 * Those of Rust by which a function is given nothing but what a request holds: axum's and actix's routes, tower's and hyper's
 * services, methods of jsonrpsee. What a stream or an event gives may be the program's own.
 */
export const requestRegistrations =
  /^(get|post|put|delete|patch|head|options|any|on|(get|post)_service|route|fallback|to|(make_)?service_fn|handler_fn|from_fn|map_request|(method_handler|register_(async_)?method))$/;

/**
 * Functions whose closure is called for each change of a file: as often as whoever runs the service changes files.
 * https://docs.rs/notify/latest/notify/fn.recommended_watcher.html
 */
export const fileWatchers = /^(recommended_watcher|new_debouncer)$/;

/** Calls that wait for the next piece of work: an endless loop around one of them serves. */
export const waiting: ReadonlySet<string> = new Set(
  (
    'accept accept_bi accept_uni read_datagram next_event next_message recv_msg recv recv_async recv_timeout recv_from recv_many try_recv tick changed notified next poll_next wait sleep sleep_until select select_next_some ' +
    'read_frame receive poll incoming park read_message fetch ' +
    'Accept AcceptTCP AcceptUnix AcceptStream AcceptUniStream PollFetches PollRecords ReadBatch FetchBatch ReceiveMessage ReceiveMessages ' +
    'BLPop BRPop BLMove XRead XReadGroup WaitForNotification NextReader NextEvent ReadMsgUDP ReadFromUDPAddrPort ReadMessageBatch Recv RecvMsg Receive ReadMessage FetchMessage Next NextMsg Fetch ReadFrom ReadFromUDP ReadMsg ReadPacket Poll Wait Sleep After Done ReadJSON ' +
    'ReadFrame Recvmsg Recvfrom Pop Dequeue Take Get'
  ).split(' '),
);

/**
 * Names of calls that take what somebody outside the program has sent: connections, datagrams, frames, messages of a
 * broker. A channel, a timer, a queue of the program's own are none.
 */
export const peerReads =
  /^(accept|Accept|incoming|next_incoming|read_datagram|recv_(from|msg|message)|read_frame|read_message|next_message|Recv(Msg|msg|from)?|Receive|(Read|Fetch|Next)Msg|NextMessage|(Read|Fetch)(Messages?|Batch)|ReceiveMessages?|PollFetches|PollRecords|ReadMessageBatch|ReadFrom|ReadMsgUDP|ReadPacket|ReadJSON|ReadFrame|NextReader|XRead(Group)?$|B[LR]Pop|BLMove)/;

/** Rust: what gives datagrams one by one: https://docs.rs/hickory-proto/latest/hickory_proto/udp/struct.UdpStream.html */
export const datagramStreams = /(^|::)Udp(Framed|Stream)::/;

/** Of those the ones that take a connection, or a datagram from whoever has sent one. */
export const strangerReads =
  /^((poll_)?(accept|incoming|next_incoming|read_datagram|(try_)?recv_(buf_)?from|recv_msg)|Accept|Recv(msg|from)|ReadFrom|ReadMsgUDP|ReadPacket|ReadBatch)/;

/**
 * Go: functions that open a socket in the file system, a pipe of Windows, or a socket between a machine and its hypervisor, by
 * the last part of their package's path: https://pkg.go.dev/net#ListenUnix, https://pkg.go.dev/github.com/Microsoft/go-winio#ListenPipe,
 * https://pkg.go.dev/gopkg.in/natefinch/npipe.v2#Listen, https://pkg.go.dev/github.com/containerd/containerd/runtime/v2/shim#NewSocket, https://pkg.go.dev/github.com/mdlayher/vsock#ListenContextID
 */
export const socketMakers: Readonly<Record<string, string>> = {
  ListenUnix: 'net',
  ListenUnixgram: 'net',
  NewSocket: 'shim',
  ListenPipe: 'go-winio',
  ListenContextID: 'vsock',
  Listen: 'npipe',
};

/** Calls that bind the address they are given: https://pkg.go.dev/net#Listen, https://docs.rs/tokio/latest/tokio/net/struct.TcpListener.html#method.bind */
export const listens = {
  go: /^Listen(Packet|TCP|UDP|IP|TLS)?$/,
  rust: /(^|::)bind$/,
} as const;

/** Networks and URLs of sockets in the file system, as they are written: https://pkg.go.dev/net#Listen */
export const localNetworks = /^["`]?(unix(gram|packet)?|vsock)(["`]?$|:)/;

/** What waits for a connection, and the listeners to whom only processes of the machine connect: https://docs.rs/tokio/latest/tokio/net/struct.UnixListener.html */
export const localAccepts = /^(accept|incoming|next|try_next|poll_accept)$/;
export const localConnections = /(^|::)(Unix|Vsock)Stream$/;
export const localListeners =
  /(^|::)((Unix|Vsock)Listener(Stream|::|$)|tokio_vsock::Incoming$)|^net\.Unix(Listener|Conn)$|\/npipe\.PipeListener$/;

/** Addresses that only processes of the same machine reach, as they are written: https://www.rfc-editor.org/rfc/rfc6890 */
export const loopback = /^["`]?(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|["`]?$)/;

/** The same within what a setting has: a URL, or an address of libp2p, https://docs.libp2p.io/concepts/fundamentals/addressing/ */
export const loopbackUrl =
  /^["`]?(\w+:\/\/|\/(ip[46]|dns[46]?)\/)?(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)(?=$|[:/"`])/;

/** An address of any other kind, or one of all networks. */
export const anyAddress =
  /^["`]?(\w+:\/\/|\/(ip[46]|dns[46]?)\/)?(\d+\.\d+\.\d+\.\d+|\[?::\]?|\[[0-9a-f:]+\])(?=$|[:/"`])|^["`]?:\d+["`]?$/;

/** Rust: what makes a listener that HTTP or gRPC is served at, and what is told where to serve by a method. */
export const serverBinds =
  /(^|::)((\w*TcpListener|Server|axum_server)::(try_)?bind(_\w+)?|(Server|axum_server)::from_tcp(_\w+)?)$/;
export const serverCalls = /^((try_)?bind(_\w+)?|run|serve(_with_shutdown|_with_incoming(_shutdown)?)?)$/;

/** Go: types of frameworks that are told by a method where to serve what was registered with them. */
export const goServers: ReadonlySet<string> = new Set([
  'github.com/gin-gonic/gin.Engine', // https://pkg.go.dev/github.com/gin-gonic/gin#Engine.Run
  'github.com/labstack/echo.Echo', // https://pkg.go.dev/github.com/labstack/echo/v4#Echo.Start
  'github.com/gofiber/fiber.App', // https://pkg.go.dev/github.com/gofiber/fiber/v2#App.Listen
]);

/** Go: a port without an address, as it is written or put together, which is one of all networks: https://pkg.go.dev/net#Listen */
export const goAnyAddress = /^["`]?:[\d%]/;

/** Events that tell of the program's own listeners: https://docs.rs/libp2p/latest/libp2p/swarm/enum.SwarmEvent.html */
export const listenerEvents =
  /^(NewListenAddr|ExpiredListenAddr|NewListener|ListenerClosed|ListenerError|ExternalAddrConfirmed|ExternalAddrExpired)$/;

/** What a source file says in which strangers come in: it listens, handles requests, or reads what they send. */
export const entrances =
  /\.accept\(|\.incoming\(|unbounded|to_bytes\(|read_to_end\(|\b(axum|actix_web|tonic|rocket|warp|hyper|poem)::|\.Accept\w*\(|ReadAll\(|\bhttp\.(ResponseWriter|Request|Handle)|\bgrpc\.|\b(gin|echo|fiber)\.|Reconcile\(|\breconcile\(/;

/** Words in the names and types of Rust's streams that bring what peers send. */
export const peerStreams =
  /incoming|inbound|listen|server$|conn(ection)?s?$|socket|streaming|request|packet|datagram|consumer|subscri|websocket|^ws(_|$)|swarm/i;

/**
 * Names of calls that take the next piece of work where they can be told to stop waiting: with a context in Go, awaited
 * in Rust. Without, they may read a file. A folder has an end: https://docs.rs/tokio/latest/tokio/fs/struct.ReadDir.html
 */
export const takesWork =
  /^(?!next_entry$)(?:(Read|Fetch|Receive|Pull|Poll|Next|Take|Consume)(Message|Record|Event|Job|Task|Batch|Packet|Delivery|Entry|Change|Notification|Command|Request|Update)(s|es)?|(read|fetch|receive|recv|pull|poll|next|take)_(message|record|event|job|task|batch|packet|delivery|entry|change|notification|command|request|update)(s|es)?)$/;

/** Names of such calls of Rust that say that there is an end: a stream's, or a file's. */
export const takesNext = /^(next|try_next|next_(record|batch|change|update|job|task))$/;

/** Names that functions called for each event carry by convention. */
export const eventNames =
  /^(on_[a-z]|handle(_|$)|process(_|$)|serve(_|$)|recv_|receive_|dispatch|consume|ingest|record_|observe|track_|log_|poll$|On[A-Z]|[hH]andle([A-Z]|$)|[pP]rocess([A-Z]|$)|[sS]erve([A-Z]|$)|[dD]ispatch|[cC]onsume|[rR]eceive|[iI]ngest|[rR]econcile|[oO]bserve|[rR]ecord[A-Z]|[tT]rack[A-Z]|[cC]ollect$|[sS]crape)/;

/** Names that functions called while a program sets itself up carry by convention. */
export const setUpNames =
  /^(new(_|$)|with_|from(_|$)|init|setup|set_up|build|builder|default$|register|configure|load_config|load$|parse(_|$)|add_(route|handler|flag|option|arg|command|layer|plugin|migration|codec)|install|bootstrap|main$|(New|Must|With)(?![a-z])|Init|Setup|SetUp|Build|Register|Configure|Load|Parse|Use$|Option|Install|Add(Flags|ToScheme|Command|Route|Handler|Scheme|To|Migration|Plugin)|Default|init$|define|declare)/;

/** Rust: traits by which one value is made of another, whenever there is one: https://doc.rust-lang.org/std/convert/ */
export const conversions = /(^|::)((Try)?From|FromStr|FromIterator|(Try)?Into)$/;

/** Names of functions that make something for their caller, beside those that set something up. */
export const makers = /^(new|[mM]ake|[cC]reate|[sS]tart|[oO]pen|[lL]aunch|[rR]un|[sS]pawn)(?![a-z])/;

/** Names of methods that put something new in the place of what there was, as often as something changes. */
export const renewals =
  /^([rR]e(load|fresh|new|start|build|configure|connect|create|place)|[uU]pdate|[aA]pply|[sS]witch|[sS]wap|[sS]ync)(?![a-z])|^[oO]n\w*(Change|Update|Reload|Refresh)/;

/**
 * Names of functions that apply a configuration, whoever asks for it: a reload makes things anew, it does not add to
 * them with every request. A session or a connection is set up for each of them.
 */
export const configurationNames =
  /^(re)?(provision|configure|set_?up|unmarshal_?(caddyfile|config|yaml|toml)|(un)?load_?(config|settings)|apply_?(config|settings|dynamic)|update_?(config|settings)|reload_?(config|settings)?$|bootstrap)(?!\w*(session|conn|client|peer|stream|user|request|room|subscri|tenant|tunnel|channel|call))/i;

/** Functions that move what is stored from one form or place to another, once: by their name, in a file named so as well. */
export const migrationNames = /^(run_)?migrat(e|ions?)(_|$)/;
export const migrationFiles = /(^|[/_-])migrations?(\/|_|\.rs$)/;

/** Names of handlers through which an operator changes the program: they run as often as somebody sets it up anew. */
export const administrativeNames =
  /(^|_|[a-z])(install|re_?load|configure|(set|put|update|delete|change|post|apply|handle)_?(config|configuration|settings?|debug)|settings?_?(set|put|update|save))(_|[A-Z]|$)/i;

/** Parts of a route under which a service is administrated or debugged: what lies there is for few. */
export const administrativeRoutes = /\/_?(admin\w*|debug|superuser|server-owner)(\/|"|$)/i;

/** Go: routes beside https://pkg.go.dev/net/http/pprof, for whoever looks for a fault. */
export const debugRoutes = /^"?(\w+ )?\/debug\//;

/** Names of middlewares, guards, extractors and modules that let nobody through but administrators. */
export const administrativeGuards =
  /(^|_)(admin|administrators?|super_?user|superadmin|server_owner|root_user)(_|$)|(Admin(istrator)?|Super[uU]ser|SuperAdmin|ServerOwner)([A-Z]|$)/;

/** Files that hold handlers of administrators alone. */
export const administrativeFiles = /\/(admin|administration|admin_\w+|\w+_admin|debug)(\/|\.rs$)/;

/** Go: folders of packages for administrators alone: of a command `cmd/admin` it is the whole program that is called so. */
export const administrativeFolders =
  /(^|(?<!(^|\/)(cmd|apps?|services?))\/)(admin|administration|adminapi)\//;

/** Go: functions that set up what operators talk to: `registerAdminRoutes`, `loadControlAPIEndpoints`, `newManagementServer`. */
export const administrativeSetUps =
  /(admin|control|management|mgmt)_?(api|http)?_?(server|routes?|router|endpoints?|handlers?|mux|api)(?![a-z])/i;

/** Permissions that only those who run a service have, as they are written: `"settings:manage"`, `"admin"`, `"system.write"`. */
export const administrativePermissions = /^["`]?(admin\w*|(settings?|config|system|server)[:.]\w+)["`]?$/i;

/** Names of what answers those who watch a program: its metrics, and whether it is well. */
export const watchers =
  /(^|[_ ])(metrics?|prometheus|health_?(check)?|healthz|pprof)([_ .]|$)|(Metrics?|Prometheus|HealthCheck|Pprof)(?![a-z])/;

/** Names of settings and environments of those who look for a fault or develop: `config.debug.log_bodies`, `Environment::Development`. */
export const debuggingNames = /[dD]ebug|DEBUG|[dD]evelopment|DEVELOPMENT|(^|_)(dev|DEV)(_|$)/;

/** Names that types living as long as the process carry by convention. */
export const serviceTypeNames =
  /(Server|Service|Manager|Store|Cache|Registry|Pool|Tracker|Handler|Hub|Broker|Router|Controller|Dispatcher|Scheduler|Monitor|Collector|Exporter|Limiter|Balancer|Gateway|Proxy|Daemon|Agent|Supervisor|Coordinator|Repository|Engine|State|Index|Directory|Resolver|Watcher|Listener|Worker|Consumer|Subscriber|Publisher|Bus|Node|Swarm|Table|Sessions?|Storage|Backend|Peers?|Locks)$/i;

/** Names of types that are made, handed on and used up: what holds one in a field does not keep it for long. */
export const passingTypeNames =
  /(Msg|Message|Event|Command|Cmd|Request|Response|Reply|Action|Expr|Expression|Value|Statement|Stmt|Query|Operation|Payload|Packet|Frame|Result|Res|Row|Batch|Plan|Ast|Update|Change|Diff|Report|Builder|Args|Params|Options|Arguments)$/;

/** Iterator methods of Rust that pass on what they get as long as there is more of it. */
export const adaptors: ReadonlySet<string> = new Set(
  'iter into_iter flatten flat_map filter filter_map map map_while inspect enumerate by_ref fuse peekable'.split(
    ' ',
  ),
);

/** Rust: what a function is called that handles requests and is not async. */
export const handlerNames = /handler|route/i;

/** Go: the stream parameter of a method of a gRPC server: https://grpc.io/docs/languages/go/generated-code/ */
export const goStreamServers = /^\*?\w+\.\w+_\w+Server$/;

/** Go: what the message of a remote call is called. */
export const goRequestMessages = /^\*\w+\.\w*(Request|Req|Args|Empty|Input)$/;

/** Registrations that other methods are called like: a closure that these are given is no handler. */
export const closureRunners =
  /^(map|then|and_then|for_each|get|any|on|to|route|put|delete|Get|Add|Put|Delete|Use|Do)$/;

/** Go: packages that try a closure again until it succeeds: `retry.OnError` of https://pkg.go.dev/k8s.io/client-go/util/retry */
export const retriers = /(^|\/)(retry|backoff)(-go)?(\/v\d+)?$/;

/**
 * Calls that run the closure they are given once: https://doc.rust-lang.org/std/sync/struct.OnceLock.html, https://pkg.go.dev/sync#OnceFunc
 */
export const runsOnce = /^(get_or_init|get_or_try_init|call_once|Do|OnceFunc|OnceValue)$/;

/** Calls that wait for the next connection. */
export const acceptCalls = /^(accept|incoming|next_incoming|Accept)/;

/** What a connection is called that was received. */
export const connectionNames =
  /^(conn|connection|connecting|incoming|socket|client_(socket|stream)|(tcp|tls|quic|unix)_(stream|conn|connection))$/;

/** What hands connections on that were accepted elsewhere. */
export const connectionSources = /^(conns|connections|sockets|incoming|acceptor|server)$/;

/** Calls that wait for time to pass. */
export const paceCalls = /^(tick|Tick|sleep|Sleep|After)$/;

/**
 * Rust: functions that make something of a closure that is called like a registration: https://doc.rust-lang.org/std/iter/fn.from_fn.html
 */
export const iteratorMakers = /(^|::)(iter|array|stream|bytes|backoff|panic)::\w+$/;

/**
 * Go: methods of a listener that wait for the next connection, under the names that libraries give them:
 * https://pkg.go.dev/net#TCPListener.AcceptTCP, https://pkg.go.dev/github.com/xtaci/kcp-go/v5#Listener.AcceptKCP
 */
export const goAccepts = /^Accept([A-Z]\w*)?$/;

/** Rust: types of a request, or of its body. */
export const rustRequestBodies = /^(Request|Body|Incoming|Payload|Multipart)$/;

/** Names of calls that read, or hand on, the body of a request. */
export const bodyReads = /body|payload|copy/i;

/** Names of what listens: there is one for each address that is configured. */
export const listenerNames = /(^|_)listeners?$|ListenerStream/;

/** Go: methods that a framework calls on what it has decoded for one request: https://pkg.go.dev/github.com/go-chi/render#Binder */
export const payloadMethods = /^(Validate|Bind|Render)$/;

/** Rust: methods by which others have something done, again and again, and what they are given for it. */
export const serviceMethods =
  /^(call|handle|serve|process|execute|dispatch|invoke|submit|send_request|route|resolve)(_[a-z]\w*)?$/;
export const askedWith =
  /(Request|Req|Message|Msg|Event|Packet|Frame|Command|Query|Job|Call|Task|Envelope|Transaction|Connection)$/;
export const askedNames =
  /^(request|req|message|msg|event|packet|frame|query|job|task|envelope|tx|stream|conn|connection)$/;
