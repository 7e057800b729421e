/** What makes a function part of the request phase: signatures, registrations, attributes, loops that wait. */

/** Go parameter types (canonical names, pointers taken off) that only handlers have. */
export const goHandlerParams: ReadonlySet<string> = new Set([
  'net/http.ResponseWriter', // https://pkg.go.dev/net/http#Handler
  'net/http.Request',
  'github.com/gin-gonic/gin.Context', // https://pkg.go.dev/github.com/gin-gonic/gin#HandlerFunc
  'github.com/labstack/echo.Context', // https://pkg.go.dev/github.com/labstack/echo/v4#HandlerFunc
  'github.com/gofiber/fiber.Ctx', // https://pkg.go.dev/github.com/gofiber/fiber/v2#Handler
  'github.com/valyala/fasthttp.RequestCtx', // https://pkg.go.dev/github.com/valyala/fasthttp#RequestHandler
  'sigs.k8s.io/controller-runtime/pkg/reconcile.Request', // https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/reconcile
  'sigs.k8s.io/controller-runtime.Request',
  'github.com/IBM/sarama.ConsumerGroupClaim', // https://pkg.go.dev/github.com/IBM/sarama#ConsumerGroupHandler
  'github.com/Shopify/sarama.ConsumerGroupClaim',
  'github.com/nats-io/nats.go.Msg', // https://pkg.go.dev/github.com/nats-io/nats.go#MsgHandler
  'github.com/gorilla/websocket.Conn',
  'cloud.google.com/go/pubsub.Message',
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
]);

/** Rust attributes that register a handler: `#[get("/")]` of actix-web and rocket. */
export const rustHandlerAttributes =
  /^(?:\w+::)*(get|post|put|delete|patch|head|options|route|handler|endpoint|rpc|method|message|event)\b/;

/** Rust traits whose methods a server calls for each request or message. */
export const rustHandlerTraits: ReadonlySet<string> = new Set(
  'Service Handler StreamHandler Actor Middleware Transform FromRequest Responder HttpService NetworkBehaviour ConnectionHandler'.split(
    ' ',
  ),
);

/** Methods and functions whose function argument is called for each request, message or tick. */
export const registrations: ReadonlySet<string> = new Set(
  // net/http, gorilla, chi, gin, echo, fiber
  (
    'HandleFunc Handle HandlerFunc Get Post Put Delete Patch Head Options GET POST PUT DELETE PATCH HEAD OPTIONS Any ANY Connect Trace Method MethodFunc Use Add ' +
    // messaging
    'Subscribe QueueSubscribe Consume ConsumeClaim OnMessage OnEvent On SetHandler AddHandler AddEventHandler Receive RegisterHandler AfterFunc ' +
    // axum, actix, warp, tower, hyper
    'get post put delete patch head options any on get_service post_service route fallback to service_fn make_service_fn handler_fn from_fn and_then then map_request ' +
    'for_each for_each_concurrent subscribe on_message on_event add_handler register_handler set_handler method_handler register_method register_async_method'
  ).split(' '),
);

/** Calls that wait for the next piece of work: an endless loop around one of them serves. */
export const waiting: ReadonlySet<string> = new Set(
  (
    'accept recv recv_async recv_timeout recv_from recv_many try_recv tick changed notified next poll_next wait sleep sleep_until select select_next_some ' +
    'read_frame receive poll incoming park read_message fetch ' +
    'Accept AcceptTCP AcceptUnix Recv RecvMsg Receive ReadMessage FetchMessage Next NextMsg Fetch ReadFrom ReadFromUDP ReadMsg ReadPacket Poll Wait Sleep After Done ReadJSON ' +
    'ReadFrame Pop Dequeue Take Get'
  ).split(' '),
);

/** Names that functions called for each event carry by convention. */
export const eventNames =
  /^(on_[a-z]|handle(_|$)|process(_|$)|serve(_|$)|recv_|receive_|dispatch|consume|ingest|record_|observe|track_|log_|poll$|On[A-Z]|[hH]andle([A-Z]|$)|[pP]rocess([A-Z]|$)|[sS]erve([A-Z]|$)|[dD]ispatch|[cC]onsume|[rR]eceive|[iI]ngest|[rR]econcile|[oO]bserve|[rR]ecord[A-Z]|[tT]rack[A-Z]|[cC]ollect$|[sS]crape)/;

/** Names that functions called while a program sets itself up carry by convention. */
export const setUpNames =
  /^(new(_|$)|with_|from(_|$)|init|setup|set_up|build|builder|default$|register|configure|load_config|load$|parse(_|$)|add_(route|handler|flag|option|arg|command|layer|plugin|migration|codec)|install|bootstrap|main$|New|Must|Init|Setup|SetUp|Build|Register|Configure|Load|Parse|With|Use$|Option|Install|Add(Flags|ToScheme|Command|Route|Handler|Scheme|To|Migration|Plugin)|Default|init$|define|declare)/;

/** Names that types living as long as the process carry by convention. */
export const serviceTypeNames =
  /(Server|Service|Manager|Store|Cache|Registry|Pool|Tracker|Handler|Hub|Broker|Router|Controller|Dispatcher|Scheduler|Monitor|Collector|Exporter|Limiter|Balancer|Gateway|Proxy|Daemon|Agent|Supervisor|Coordinator|Repository|Engine|State|Index|Directory|Resolver|Watcher|Listener|Worker|Consumer|Subscriber|Publisher|Bus|Node|Swarm|Table|Sessions?|Storage|Backend|Peers?|Locks)$/i;
