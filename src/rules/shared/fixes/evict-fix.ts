/** The fix that bounds a container in place, before the statements that add to it. */
import type { Edit, Fix } from '../../../core/finding.ts';
import { boundsOf, type GrowingPlace, judge } from '../../../program/bounds/growth.ts';
import type { Effect } from '../../../program/places/effects.ts';
import { displayName } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { lastSegment, type TypeRef } from '../../../program/types/types.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { belowImports, insertAt, type Spot, spotBefore, textOf } from './statements.ts';

/** Bounds the container with the standard library only: the person chooses the number. */
export function evictBeforeInsert(pkg: Package, growing: GrowingPlace, worst: Effect): readonly Fix[] {
  const name = displayName(growing.place);
  if (growing.container.label === 'JoinSet') return takeFinished(worst, name);
  if (!siteOf(growing, worst)) return [];
  const handle = handleOf(worst);
  if (handle)
    return [
      {
        title: `Drop the handles of what has finished from \`${name}\``,
        applicability: 'maybe-incorrect',
        edits: () =>
          sitesOf(pkg, growing, worst).flatMap((s) => insertAt(s.fn, s.spot, dropFinished(s.target, handle))),
      },
    ];
  return [
    {
      title: `Keep at most \`${limitName(growing)}\` entries in \`${name}\` (choose the number)`,
      applicability: 'has-placeholders',
      edits: () => evictions(sitesOf(pkg, growing, worst), growing),
    },
  ];
}

/** A growth, where statements can stand before it, and the expression that is the container there. */
interface Site {
  readonly fn: Fn;
  readonly spot: Spot;
  readonly target: string;
  /** The target calls something: it is evaluated once, into a name. */
  readonly called: boolean;
}

/** The sites of all growths of a place that nothing bounds, one a statement. */
function sitesOf(pkg: Package, growing: GrowingPlace, worst: Effect): Site[] {
  const sites: Site[] = [];
  for (const { growth, bound } of boundsOf(pkg, growing)) {
    if (bound || (growth !== worst && 'verdict' in judge(pkg, growing, growth))) continue;
    const site = siteOf(growing, growth);
    const known = sites.some((s) => s.fn === site?.fn && s.spot.node === site.spot.node);
    if (site && !known) sites.push(site);
  }
  return sites;
}

function siteOf(growing: GrowingPlace, growth: Effect): Site | undefined {
  const { fn } = growth;
  const found = containerAt(fn, growth);
  const spot = found && spotBefore(fn, found.at);
  if (!found || !spot || !eviction(fn, growing, 'x', 'N')) return undefined;
  const written = textOf(fn, found.object);
  if (written.includes('\n') && /\/[/*]/.test(written)) return undefined;
  // A chain over several lines reads well on one.
  const target = written.replace(/\s*\n\s*/g, '');
  const called = calls(fn, found.object);
  // A call in Go may count, lock or make something: it is not said twice.
  if (called && fn.package.language === 'go') return undefined;
  return { fn, spot, target, called };
}

function calls(fn: Fn, object: NodeId): boolean {
  for (let n = object; n < fn.code.after(object); n++)
    if (fn.code.kind(n) === Kind.Call || fn.code.kind(n) === Kind.MethodCall) return true;
  return false;
}

/** The container expression a growth adds to, and the node that statements must stand before. */
function containerAt(fn: Fn, growth: Effect): { readonly object: NodeId; readonly at: NodeId } | undefined {
  const code = fn.code;
  let at = growth.node;
  let object: NodeId;
  if (code.kind(at) === Kind.Assign) {
    const target = code.child(at, Role.Target);
    object = code.kind(target) === Kind.Index ? code.child(target, Role.Object) : target;
  } else object = code.child(at, Role.Object);
  for (let i = 0; i < 8 && object >= 0; i++) {
    if (code.kind(object) === Kind.MethodCall && /^(entry|or_|and_modify)/.test(code.name(object))) {
      object = code.child(object, Role.Object);
      continue;
    }
    // `match map.entry(k) { Vacant(free) => free.insert(v) }`: the map, before the match.
    const entry = code.kind(object) === Kind.Name ? entryBehind(fn, object) : -1;
    if (entry < 0) break;
    at = entry;
    object = entry;
  }
  const isPackage = fn.package.language === 'go' && fn.file.importPath(code.name(object)) !== undefined;
  return object < 0 || isPackage ? undefined : { object, at };
}

/** The `.entry(…)` call whose pattern binds a name, or -1. */
function entryBehind(fn: Fn, name: NodeId): NodeId {
  const code = fn.code;
  const arm = code.ancestor(name, (a) => {
    if (code.kind(a) !== Kind.Arm && code.kind(a) !== Kind.If) return false;
    const pattern = code.kind(a) === Kind.Arm ? code.child(a, Role.Pattern) : code.child(a, Role.Condition);
    return pattern >= 0 && binds(fn, pattern, code.name(name));
  });
  if (arm < 0) return -1;
  const from =
    code.kind(arm) === Kind.Arm
      ? code.child(code.parent(arm), Role.Subject)
      : code.child(arm, Role.Condition);
  for (let n = from; n >= 0 && n < code.after(from); n++) if (code.is(n, Kind.MethodCall, 'entry')) return n;
  return -1;
}

function binds(fn: Fn, pattern: NodeId, name: string): boolean {
  for (let n = pattern; n < fn.code.after(pattern); n++) if (fn.code.is(n, Kind.Bind, name)) return true;
  return false;
}

/** The type of what is added when that is the handle of a thread or task. */
function handleOf({ fn, value }: Effect): string | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust' || value < 0) return undefined;
  const callee = code.kind(value) === Kind.Call ? code.child(value, Role.Callee) : -1;
  const path = callee < 0 ? '' : fn.file.fullPath(code.name(callee));
  if (path === 'std::thread::spawn') return 'std::thread::JoinHandle<_>';
  return /^tokio::(task::)?spawn(_blocking|_local)?$/.test(path) ? 'tokio::task::JoinHandle<_>' : undefined;
}

/** A set of tasks keeps what they gave until it is asked for it. */
function takeFinished(growth: Effect, name: string): Fix[] {
  const { fn } = growth;
  const found = containerAt(fn, growth);
  const spot = found && spotBefore(fn, found.at);
  if (!found || !spot || calls(fn, found.object)) return [];
  return [
    {
      title: `Take what has finished out of \`${name}\``,
      applicability: 'maybe-incorrect',
      edits: () => insertAt(fn, spot, [`while ${textOf(fn, found.object)}.try_join_next().is_some() {}`]),
    },
  ];
}

function dropFinished(target: string, handle: string): string[] {
  return [`${target}.retain(|handle: &${handle}| !handle.is_finished());`];
}

function evictions(sites: readonly Site[], growing: GrowingPlace): Edit[] {
  const edits: Edit[] = [];
  for (const site of sites) {
    const { fn, spot, target, called } = site;
    const limit = limitName(growing);
    const home = constantHome(fn, growing);
    if (home && !edits.some((e) => e.file === home.file.facts.file && isConstant(e)))
      edits.push(constant(home, limit));
    const declare = home ? [] : [constantLine(fn, limit)];
    if (!called) {
      edits.push(...insertAt(fn, spot, [...declare, ...(eviction(fn, growing, target, limit) ?? [])]));
      continue;
    }
    // A lock is taken once for the test and the eviction, and given back before the statement.
    const name = localName(growing);
    const mut = /\b(lock|write|borrow_mut)\(/.test(target) ? 'mut ' : '';
    const body = [`let ${mut}${name} = ${target};`, ...(eviction(fn, growing, name, limit) ?? [])];
    edits.push(...insertAt(fn, spot, [...declare, '{', ...body.map((l) => `\t${l}`), '}']));
  }
  return edits;
}

/** The statements that make room for one more, or undefined when there is no plain way. */
function eviction(fn: Fn, growing: GrowingPlace, target: string, limit: string): string[] | undefined {
  const go = fn.package.language === 'go';
  const body = go ? goEviction(growing, target) : rustEviction(fn, growing, target, limit);
  if (!body) return undefined;
  const size = go
    ? growing.container.label === 'List'
      ? `${target}.Len()`
      : `len(${target})`
    : `${target}.len()`;
  return [`if ${size} >= ${limit} {`, ...body.map((l) => `\t${l}`), '}'];
}

function goEviction(growing: GrowingPlace, target: string): string[] | undefined {
  switch (growing.container.label) {
    case 'map':
      return [`for key := range ${target} {`, `\tdelete(${target}, key)`, '\tbreak', '}'];
    case 'slice':
      return [`${target} = append(${target}[:0], ${target}[len(${target})/2:]...)`];
    case 'List':
      return [`${target}.Remove(${target}.Front())`];
    default:
      return undefined;
  }
}

function rustEviction(fn: Fn, growing: GrowingPlace, target: string, limit: string): string[] | undefined {
  const { label, key, value } = growing.container;
  // A lock or a value that others hold must stay: a second one for the same key would be another one.
  if (
    /^(HashMap|BTreeMap|FxHashMap|AHashMap|FnvHashMap|DashMap)$/.test(label) &&
    lastSegment(value?.name ?? '') === 'Arc'
  )
    return [`${target}.retain(|_, kept| std::sync::Arc::strong_count(kept) > 1);`];
  const copy = key && copyOf(fn, key);
  switch (label) {
    case 'HashMap':
    case 'FxHashMap':
    case 'AHashMap':
    case 'FnvHashMap':
      return copy
        ? [`if let Some(key) = ${target}.keys().next().${copy}() {`, `\t${target}.remove(&key);`, '}']
        : [`${target}.clear();`];
    case 'HashSet':
    case 'FxHashSet':
    case 'AHashSet':
    case 'FnvHashSet':
      return copy
        ? [`if let Some(key) = ${target}.iter().next().${copy}() {`, `\t${target}.remove(&key);`, '}']
        : [`${target}.clear();`];
    case 'BTreeMap':
    case 'BTreeSet':
      return [`${target}.pop_first();`];
    case 'DashMap':
      return copy
        ? [
            `let key = ${target}.iter().next().map(|entry| entry.key().clone());`,
            'if let Some(key) = key {',
            `\t${target}.remove(&key);`,
            '}',
          ]
        : [`${target}.clear();`];
    case 'DashSet':
      return [`${target}.clear();`];
    case 'IndexMap':
    case 'IndexSet':
      return [`${target}.swap_remove_index(0);`];
    case 'Vec':
      return [`${target}.drain(..${limit} / 2);`];
    case 'VecDeque':
    case 'LinkedList':
      return [`${target}.pop_front();`];
    default:
      return undefined;
  }
}

const COPIES =
  /^(bool|char|NonZero\w+|[iu](8|16|32|64|128|size)|f32|f64|IpAddr|Ipv4Addr|Ipv6Addr|SocketAddr|Instant|SystemTime|Duration|Uuid|ThreadId|TypeId)$/;
const CLONES =
  /^(String|PathBuf|OsString|CString|Arc|Rc|Bytes|BytesMut|Url|Uri|Method|HeaderName|HeaderValue|BigInt|Cow)$/;

/** How a key of a type is copied out of its map, or undefined when that is not known. */
function copyOf(fn: Fn, type: TypeRef): 'copied' | 'cloned' | undefined {
  const name = lastSegment(type.name);
  if (type.decl) {
    const derives = type.decl.fact.attributes.join(' ');
    if (/\bCopy\b/.test(derives)) return 'copied';
    return /\bClone\b/.test(derives) ||
      type.decl.file.package.methodsOf(type.decl.fact.name, 'clone').length > 0
      ? 'cloned'
      : undefined;
  }
  if (COPIES.test(name) || type.name === '&') return 'copied';
  if (CLONES.test(name)) return 'cloned';
  if (/^(Vec|Option|tuple|array|Box)$/.test(name))
    return type.args.length > 0 && type.args.every((a) => copyOf(fn, a)) ? 'cloned' : undefined;
  const generic = fn.fact.generics.find((g) => g.name === type.name);
  return generic?.bounds.some((b) => /\b(Clone|Copy)\b/.test(b)) ? 'cloned' : undefined;
}

// --- the constant

/** `MAX_SESSIONS`, `maxSessions`; another name where a file of the package has one like it. */
function limitName(growing: GrowingPlace): string {
  const name = displayName(growing.place);
  const { package: pkg } = growing.effects[0]?.fn ?? {};
  const go = pkg?.language === 'go';
  const plain = go
    ? `max${name.charAt(0).toUpperCase()}${name.slice(1)}`
    : `MAX_${snake(name).toUpperCase()}`;
  const taken = (candidate: string) =>
    pkg !== undefined &&
    (pkg.globalsNamed(candidate).length > 0 ||
      growing.effects.some((e) => new RegExp(`\\b${candidate}\\b`).test(pkg.text(e.fn.file.facts.file))));
  const candidates = [
    plain,
    go ? `${plain}Entries` : `${plain}_ENTRIES`,
    go ? `${plain}Kept` : `${plain}_KEPT`,
  ];
  return candidates.find((c) => !taken(c)) ?? `${plain}2`;
}

function localName(growing: GrowingPlace): string {
  return snake(displayName(growing.place)).toLowerCase();
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
}

/** The function in whose file the constant stands, below the imports; undefined when it stands beside the insert. */
function constantHome(fn: Fn, growing: GrowingPlace): Fn | undefined {
  const local = growing.place.root === 'local' || growing.place.root === 'parameter';
  if (local || fn.fact.module.length > 0) return undefined;
  const declared = (growing.place.owner ?? growing.place.global)?.file;
  const beside =
    fn.package.language === 'go' && declared?.package === fn.package ? declared.functions[0] : undefined;
  const home = beside ?? fn;
  return belowImports(home) < 0 ? undefined : home;
}

function constant(home: Fn, limit: string): Edit {
  const at = belowImports(home);
  const { file } = home.file.facts;
  return { file, span: { start: at, end: at }, newText: `\n\n${constantLine(home, limit)}` };
}

function isConstant(edit: Edit): boolean {
  return edit.newText.startsWith('\n\nconst ');
}

function constantLine(fn: Fn, limit: string): string {
  const why = '// choose: entries that fit the memory limit';
  if (fn.package.language === 'rust') return `const ${limit}: usize = 10_000; ${why}`;
  const [major = 1, minor = 13] = (fn.package.project?.goVersion || '1.13').split('.').map(Number);
  return `const ${limit} = ${major > 1 || minor >= 13 ? '10_000' : '10000'} ${why}`;
}
