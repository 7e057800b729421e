/** What the words in the name of a key say of how many of them there can be. */

/** Things whose number grows with clients, data and time. */
export const openKeyWords: ReadonlySet<string> = new Set(
  (
    'user users tenant tenants namespace namespaces ns account accounts org organization customer client clients session sessions ' +
    'sess sid conn connection peer peers remote ip ips addr address host hostname url uri link path paths file filename dir folder ' +
    'id ids uid uuid guid token tokens hash digest fingerprint sum checksum email phone device devices visitor cookie nonce ' +
    'request req msg message messages event events job jobs task tasks order orders tx txn transaction block trace span series ' +
    'label labels query sql pattern regex expr expression topic channel room chat group player game repo repository branch commit ' +
    'sha revision pod container domain cert serial subject object item product sku ticket invoice payload ref owner identity principal ' +
    'subscriber subscription stream streams word words text line title prompt document doc image artifact digest arn bucket queue ' +
    'origin referer agent fqdn port seq sequence offset timestamp time day hour minute second lease lock worker run execution workflow ' +
    'participant member call publisher viewer score round height slot epoch pubkey signature author post comment search term'
  ).split(' '),
);

/** Things of which there are as many as the program has code for, or the deployment is configured with. */
export const closedKeyWords: ReadonlySet<string> = new Set(
  (
    'component components store tier tiers template templates metric metrics counter gauge histogram timer scheme level lvl severity ' +
    'priority category kind provider plugin plugins driver resolver feature features version unit codec dialect format backend region ' +
    'stage phase module currency month weekday status mode verb api apis schema arch platform algorithm alg cipher charset theme layout ' +
    'middleware model flag option setting replication factor extension handler opcode datacenter cluster type typ engine exporter ' +
    'receiver processor connector drive disk mount locale shard partition worker column field schema zone role sink pipeline upstream ' +
    'table database db keyspace relation predicate definition rule server logger storage rack broker index node replica datanode flownode metanode catalog timezone cpu core thread interface route routes'
  ).split(' '),
);

/** Those of the first kind that an operator or a contract registers: of most services there are few. */
export const registeredKeyWords: ReadonlySet<string> = new Set(
  'org orgs organization organisation tenant tenants workspace validator namespace keyspace'.split(' '),
);

/** Those of the first kind that exist in any number for whoever asks: a wildcard answers for every host, a query for every page. */
export const costlessNames: ReadonlySet<string> = new Set(
  'url uri link host hostname domain fqdn query ip addr address search term path token session sid connection conn'.split(
    ' ',
  ),
);

/** Names of methods that take something out of what their type keeps. */
export const removers =
  /^(remove|delete|evict|expire|prune|purge|unregister|deregister|unsubscribe|disconnect|forget|release|clean_?up|gc|sweep|reap|retire)(_|$)/;

/** Words of the first kind that say little beside one of the second: the path of a template, the id of a tier. */
export const vagueKeyWords: ReadonlySet<string> = new Set(
  (
    'id ids uid path paths file filename dir folder hash digest checksum label labels url uri link host text time day hour minute ' +
    'second term ref image queue worker line title block task job call score height sum'
  ).split(' '),
);

/**
 * Kubernetes objects that workloads bring, each under a name of its own, and what stands for one of them:
 * https://pkg.go.dev/k8s.io/api/core/v1#Pod, https://pkg.go.dev/k8s.io/apimachinery/pkg/types#UID
 */
export const churningObjects =
  /^(k8s\.io\/api\/(core(\/v1)?\.(Pod|Event|Endpoints)|batch(\/v1)?\.Job|discovery(\/v1(beta1)?)?\.EndpointSlice)|k8s\.io\/apimachinery\/pkg\/types\.UID)$/;

/**
 * Rust: what a program keeps for each server that it calls; one that does not answer has none:
 * https://docs.rs/tonic/latest/tonic/transport/struct.Channel.html
 */
export const clientChannels = /(^|::)(tonic::transport::(channel::)?)?Channel$/;

/** What a message says of the broker's own layout: https://kafka.apache.org/documentation/#intro_concepts_and_terms */
export const brokerParts = /^(partition(_?id)?|shard(_?id)?)$/i;

/** What is configured for a tenant: there is as much of it as there are tenants. */
export const configuredNames = /polic|config|setting|role|quota|option|permission/i;

/** A tenant as a key. */
export const tenantNames = /^tenant(_?(id|name))?$/i;

/** Types that have as many parts as somebody has written down. */
export const schemaTypes =
  /(Schema|Definition|Manifest|Spec|Config|Configuration|Settings|ConfigBuilder|Metadata|MappingNode|MappingTree)$/;

/** Methods after which a key is still the same key. */
export const keyConversions =
  /^(clone|to_string|to_owned|into|as_str|as_ref|to_vec|cloned|copied|as_deref|unwrap|unwrap_or|unwrap_or_default|expect|String)$/;

/** Methods that ask a collection for a key. */
export const keyLookups =
  /^(get|get_mut|get_key_value|contains_key|contains|entry|Load|Get|Has|Contains|ContainsOne)$/;

/** Go: names of calls that give what there is under a key, and fail where there is nothing; `GetOrCreate` makes it. */
export const keyFinders =
  /^(?!.*Or[A-Z])(([gG]et|[fF]ind|[lL]ook[uU]p|[lL]oad|[fF]etch|[oO]pen|[sS]tat|[dD]escribe)([A-Z]\w*)?|\w*[a-z](Get|Find|Load|Fetch)(By[A-Z]\w*)?)$/;

/** First words of calls that look at how a key is written, write it in another way or make something of it. */
const spellingWords =
  'parse convert decode encode marshal unmarshal serialize deserialize bind scan sscan atoi itoa printf sprintf format join split trim clean abs rel escape unescape sum hash digest normalize normalise sanitize sanitise canonicalize write print debug info warn error trace new make create build compile generate mint render match'
    .split(' ')
    .map((word) => `[${word[0]}${word[0]?.toUpperCase()}]${word.slice(1)}`);

/**
 * Calls that look at how a key is written, write it in another way or make something of it, and know nothing of what there is:
 * `parse_name`, `CleanPath`, `validate_id`, `as_str`, `GetOrCreate`.
 */
export const spellingCalls = new RegExp(
  `^((try_)?(from|into)|to|as|[lL]og(?!_?[iI]n)|${spellingWords.join('|')})(?=$|[A-Z0-9_])|Or[A-Z]|_or_|^([iI]s_?)?[vV]alid(ate)?(_?([nN]ame|[iI][dD]|[kK]ey|[pP]ath|[fF]ormat|[lL]ength))?$`,
);

/** Calls that take in what was sent, or wait for one's turn, those that say how often somebody may come, and calls on what another call has given. */
export const receivingCalls =
  /([rR]ate|[lL]imit|[tT]hrottl|failed)|^((try_)?(read|recv|lock|accept|next|acquire|upgrade|send|write|json|form|body|query|extract)|([rR]ead|[rR]eceive|[aA]ccept|[uU]pgrade|[lL]ock|[sS]end|(Must|Should)?Bind|[bB]ody|[gG]etHeader|[hH]eader|FormValue|PostForm|Query|Param|Cookie|Write|Fprint)|(map|map_err|and_then|or_else|ok_or|ok_or_else|context|with_context|wrap_err|ok|transpose|unwrap\w*|expect)$)/;

/** Calls that open a file, of which there are as many as somebody has put there. */
export const openingCalls = /^(Open|OpenFile|Stat|Lstat|ReadFile|open|metadata|canonicalize|read_to_string)$/;

/** Calls that say whether there is such a thing: `RecordExists`, `has_user`, `contains`. */
export const existenceCalls = /([eE]xists?|^[hH]as|^[cC]ontains)(?=$|[A-Z0-9_])/;

/** Go: fields that a thing is known by: https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/reconcile#Request */
export const partNames = /^(NamespacedName|Name|I[dD]|Key)$/;

/** Those that stand between a key and the call it is looked up in. */
export const lookupConversions =
  /^(clone|to_string|to_owned|into|as_str|as_ref|as_deref|borrow|deref|String)$/;

/** Types of other modules that stand for a kind, a state, a way: their values are written in a program. */
export const enumerationTypes =
  /(Type|Kind|Status|State|Level|Mode|Phase|Code|Method|Category|Severity|Protocol|Family|Reason|Operation|GroupResource|GroupVersionResource)$/;

/** What a status code is called. */
export const statusNames = /^((http|exit)?status(code)?|(http|exit)code)$/i;

/** Rust: types of std and of popular crates with few values. */
export const fewValued = /^(StatusCode|Level|LevelFilter|Weekday|Month|ErrorKind)$/;

/**
 * Go: calls that say whether a stranger's name may be served, and fail where it may not. What is called `allow` counts how
 * often somebody came, whoever that is: https://pkg.go.dev/golang.org/x/crypto/acme/autocert#HostPolicy
 */
export const admissionCalls = /polic(y|ies)$/i;

/** Go: calls that log in, and fail for who has no account. What verifies a token that it is shown makes no account of it. */
export const loginCalls = /^((do)?(login|signin)([A-Z]\w*)?|PasswordCredentialsToken)$/i;

/** Go: calls that send a form: https://pkg.go.dev/net/http#Client.PostForm */
export const tokenRequests = /^(Post|PostForm|Do)$/;

/** The parameter by which every request for a token says what it is: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 */
export const grantTypes = /\bgrant_type\b/;

/** Go: what writes numbers as text: https://pkg.go.dev/fmt#Sprintf, https://pkg.go.dev/strconv */
export const numberTexts = /^(Sprintf?|Format(Int|Uint)|Itoa)$/;

/**
 * Go: functions that give another text than they are given, mostly: https://pkg.go.dev/net#SplitHostPort,
 * https://pkg.go.dev/strings#ToLower, https://pkg.go.dev/path#Base, https://pkg.go.dev/encoding/hex#EncodeToString
 */
export const changesText =
  /^(SplitHostPort|ToLower|ToUpper|Title|Base|Dir|Ext|EncodeToString|(Query|Path)(Un)?[eE]scape|Replace(All)?|Trim(Prefix|Suffix|Left|Right)|Quote|Sum\w*)$/;

/** Go: what is made of content and says nothing of what went into it: `sha256.Sum256(…)`, `h.Sum(nil)`, `fingerprint(…)`. */
export const digestCalls =
  /^(Sum(\d+|224|256|384|512)?(_\d+)?|NewSHA1|NewMD5|\w*([hH]ash|[dD]igest|[fF]ingerprint|[cC]hecksum)\w*)$/;
