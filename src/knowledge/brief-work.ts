/** What calls of Go say by their name of how long they take. */

/** Calls that wait for somebody else, whatever they belong to. */
export const lastingCalls =
  /^(Do|Dial\w*|Sleep|Wait|After|Acquire|Accept|Recv\w*|Send\w*|Publish\w*|Exec\w*|Query\w*|Fetch\w*|Download\w*|Upload\w*|Serve\w*|Run|Start)$/;

/**
 * Calls that are over at once: built-in functions, metrics (https://pkg.go.dev/github.com/prometheus/client_golang/prometheus),
 * locks that are held for a moment, formatting; a datagram is sent or dropped: https://pkg.go.dev/net#UDPConn.WriteToUDP
 */
export const passingCalls =
  /^(len|cap|append|make|new|delete|copy|panic|recover|string|int(8|16|32|64)?|uint(8|16|32|64)?|float(32|64)|byte|error|close|min|max|Inc|Dec|Add|Sub|Set|Observe|SetToCurrentTime|WithLabelValues|With|GetMetricWith\w*|Counter|Gauge|Histogram|Record|Load|Store|Swap|CompareAndSwap|Lock|Unlock|RLock|RUnlock|WriteTo(UDP\w*)?|WriteMsgUDP\w*|LocalAddr|RemoteAddr|Done|Now|Since|Seconds|Milliseconds|Microseconds|Nanoseconds|Unix\w*|Sprintf?|Errorf|Error|String|Itoa|FormatInt|ToLower|ToUpper|TrimSpace|Trim\w*|Split|Join|HasPrefix|HasSuffix|Contains|Replace\w*)$/;

/**
 * Rust: what is over at once when it is waited for: a datagram is sent or dropped, https://docs.rs/tokio/latest/tokio/net/struct.UdpSocket.html,
 * and numbers are read from what has come.
 */
export const passingAwaits = /^(send_to|try_send_to|yield_now|read_[uif]\d+(_le)?)$/;

/** Rust: what is held for a moment; a stream has methods of these names that are told where to put what they read. */
export const locks = /^(lock|read|write)$/;

/** Rust: calls that hold their thread for as long as somebody else takes. */
export const blockingCalls =
  /^(sleep|park|join|recv|recv_timeout|recv_from|blocking_\w+|block_on|block_in_place|wait|wait_while|read_to_end|read_to_string|read_exact|connect)$/;

/** Calls of loggers. */
export const loggingCalls =
  /^(Log|Logf|Print(f|ln)?|Info\w*|Debug\w*|Warn\w*|Trace\w*|Error[fw]?|Err|Msgf?|Str|Int|WithFields?|WithError)$/;

/** Those that say what it is for: metrics and counters. */
export const countingCalls = /^(Inc|Dec|Observe|WithLabelValues|AddInt(32|64)|AddUint(32|64)|Lock)$/;

/** Calls that set a timer to a time they are given. */
export const timerCalls = /^(sleep|sleep_until|Sleep|After|NewTimer|Reset|reset|timeout|timeout_at)$/;

/** Go: what a context is called. */
export const contextNames = /^(\w*[cC]tx|Context)$/;
