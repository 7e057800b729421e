/** Names by which something is told to end, tells that it ends, or ends others. A name proves nothing: it only makes a rule silent. */

/** Names in a condition or pattern under which a loop ends with the service, or with an error. */
export const loopEndNames = /stop|shut_?down|cancel|close|exit|quit|terminat|running|alive|load/i;

/**
 * What a source says when there is no more: https://pkg.go.dev/io#EOF, https://pkg.go.dev/google.golang.org/api/iterator#Done
 */
export const sourceEnds = /^(EOF|(Err)?IteratorDone|ErrDone|ErrNoMoreRows|ErrEndOf\w+|iterator\.Done)$/;

/** Go: calls after which nothing is started any more. */
export const goProcessEnds =
  /^(Exit|Fatal|Fatalf|Fatalln|exit(Fn|Func)?|(graceful)?[sS]hut_?[dD]own(Fn|Func|Server|Srv|Process)?|[tT]erminate|[rR]e(start|launch)\w*|[qQ]uit|\w*SelfUpdate|triggerShutdown|TriggerShutdown)$/;

/** Rust: names of functions that stop or replace the program they run in. */
export const processEnds = /^(shutdown_\w+|shut_down(_\w+)?|restart(_\w+)?|relaunch(_\w+)?)$/;

/** What is handed to anything that is started, whatever it works on. */
export const besideWork =
  /^(\w*[cC]tx|context|cancel\w*|stop\w*|quit|shutdown\w*|wg|log|logger|errs?|errCh|errChan)$/;

/** Channels whose elements say nothing and that carry no permits: somebody waits for their end. */
export const signalChannels = /done|stop|quit|clos|exit|ready|cancel|shut/i;

/** Channels that `main` waits on while others do the work. */
export const endChannels = /sig|stop|quit|exit|shutdown|Done/i;

/** Functions that end what was started before: `cancel()`. */
export const cancelNames = /cancel|stop/i;

/** Methods of a handle that end what it stands for, or wait for it. */
export const handleEnds = /^(abort|join|cancel|stop)$/;

/** Methods that end what a map holds under a key, before another one takes its place. */
export const entryEnds = /^(abort|cancel|stop|shutdown)$/;

/** What an operator sends to the process: https://docs.rs/tokio/latest/tokio/signal/ */
export const processSignals =
  /^(ctrl_c|\w*(signal|sig(int|term|hup|usr\d|quit)|interrupt|terminate|hangup)\w*)$/i;

/** Methods that run once, when what they belong to ends. */
export const ownerEnds =
  /^(close|stop|shut_?down|drop|destroy|dispose|tear_?down|finish|finalize|abort|cancel)/i;

/** Those of them in which what is removed frees nothing while the service runs. */
export const ownerEndsWhole =
  /^(close|stop|shutdown|drop|destroy|dispose|teardown|Close|Stop|Shutdown|Destroy|Dispose|TearDown)$/;

/** What ends with the request: contexts, connections, channels back to the handler. */
export const requestScope =
  /^(\w*_)?(ctx|reqCtx|Context|Done|cancel|cancellation|stream|conn|ws|websocket|socket|session|tx|rx|sender|receiver|shutdown|stop|token|Wait|(done|quit|stop|close)_?(c|ch|chan))$/i;

/** Functions that run when a value ends, or when something is configured. */
export const setUpOrEnd = /^drop$|_config(uration)?$/;

/** Methods that tell that an element stands for nothing any more: its place is taken again. */
export const vacantTests = /^(is_none|is_free|is_empty|is_unused|is_vacant|is_closed|is_finished)$/;

/** What a context is called, by which whoever waits is told to stop. */
export const stoppingContexts = /ctx|context/i;

/** Contexts that end with nothing: https://pkg.go.dev/context#Background */
export const rootContexts = /^(Background|TODO|WithoutCancel)$/;

/** Go: what a wait is given up with: `ctx.Done()`, `time.After(d)`, `timer.C`. */
export const timeEnds = /^(Done|After|C)$/;

/** Rust: functions that give up a wait: https://docs.rs/tokio/latest/tokio/time/fn.timeout.html */
export const timeLimits = /^timeout(_at)?$/;

/** Rust: what else a wait may end with: https://docs.rs/tokio-util/latest/tokio_util/sync/struct.CancellationToken.html */
export const waitEnds = /^(sleep|sleep_until|cancelled|tick)$/;

/**
 * Calls that say how old something is, or whether its time is over: https://pkg.go.dev/time#Time.After,
 * https://doc.rust-lang.org/std/time/struct.Instant.html#method.elapsed
 */
export const ageTests =
  /^(After|Before|Since|Until|[iI]sExpired|[eE]xpired|[hH]asExpired|[iI]sStale|(is|has)_(expired|stale)|elapsed|(saturating_|checked_)?duration_since)$/;

/** Questions whether the owner is about to end: `s.isDying()`, `p.closing`. */
export const endingTests = /^(is)?(dying|closing|stopping|shutting_?down|terminating)$/i;

/** Go: what sets the moment at which reading ends: https://pkg.go.dev/net#Conn */
export const readDeadlines = /^Set(Read)?Deadline$/;

/**
 * Go: what makes something that ends a wait once, by the field or method that is waited for; nothing for a channel itself:
 * https://pkg.go.dev/time#After, https://pkg.go.dev/context#WithTimeout
 */
export const deadlineMakers: Readonly<Record<string, string>> = {
  After: '',
  NewTimer: 'C',
  WithTimeout: 'Done',
  WithDeadline: 'Done',
};

/** What a client that goes away is announced by: an arm's message, a function's name. */
export const partingNames =
  /(^|_|[a-z])([dD]isconnect(ed)?|[cC]losed|[lL]eft|[lL]eave|[gG]one|[uU]nregister(ed)?|[lL]ogout|[hH]angup|[qQ]uit)(_|$|[A-Z])/;

/** Rust: functions that end what was started before, at somebody's word. */
export const cancelVerbs = /^(cancel|abort|kill|interrupt|terminate|revoke|stop)(_\w+)?$/;

/** Rust: what ends the work that it was made with. https://docs.rs/tokio-util/latest/tokio_util/sync/struct.CancellationToken.html */
export const cancelHandles = /^(AbortHandle|CancellationToken|CancelHandle|Canceller|JoinHandle|DropGuard)$/;
