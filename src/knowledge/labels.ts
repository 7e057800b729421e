/**
 * Prometheus keeps a series for every combination of label values until it is deleted:
 * https://prometheus.io/docs/practices/naming/#labels
 */

/** Go: packages whose vectors of metrics are meant: https://pkg.go.dev/github.com/prometheus/client_golang/prometheus */
export const metricsPackages: ReadonlySet<string> = new Set([
  'github.com/prometheus/client_golang/prometheus',
  'github.com/prometheus/client_golang/prometheus/promauto',
]);

/** Methods of a vector that make a series where there is none: https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#CounterVec */
export const labelCalls: ReadonlySet<string> = new Set([
  'WithLabelValues',
  'GetMetricWithLabelValues',
  'With',
  'GetMetricWith',
  'CurryWith',
  'MustCurryWith',
]);

/** Methods of a vector that take series out. */
export const dropsSeries = /^(Delete(LabelValues|PartialMatch)?|Reset)$/;

/** Go: fields of an HTTP request that its sender writes, whatever a router makes of them: https://pkg.go.dev/net/http#Request */
export const freeFields = /^(Path|RawPath|RawQuery|RequestURI|Host|RemoteAddr)$/;

/**
 * Go: methods that give such parts, of a request, its headers and its query, and of frameworks' contexts:
 * https://pkg.go.dev/github.com/gin-gonic/gin#Context.Query. The `Path` of a context is a route in some of them.
 */
export const freeCalls =
  /^(EscapedPath|Hostname|UserAgent|Referer|(Post)?FormValue|(Default)?Query|PostForm|GetHeader|Get)$/;

/**
 * Rust: methods of a vector that make a series where there is none, and take one out:
 * https://docs.rs/prometheus/latest/prometheus/core/struct.MetricVec.html
 */
export const rustLabelCalls = /^(get_metric_)?with_label_values$/;
export const rustDropsSeries = /^(remove_label_values|reset)$/;

/** Rust: macros that take a name and labels: https://docs.rs/metrics/latest/metrics/#macros */
export const rustLabelMacros = /^metrics::(counter|gauge|histogram)$/;

/** Rust: types of what may say anything; a method, a status and a route that has matched are one of few. */
export const freeTypes = /^(String|str|Cow|Uri|Url|SocketAddr|IpAddr|Uuid|HeaderValue)$/;
