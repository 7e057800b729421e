import {
  configurationFiles,
  configurationFormats,
  cutting,
  dataEndings,
  dataWords,
  decoding,
  fileReaders,
  fillingMethods,
  folderReads,
  goQueries,
  limitedQueries,
  migrationNames,
  recordReads,
  rustPreparing,
  rustQueries,
  rustRowStreams,
  smallEndings,
  smallFiles,
  smallTables,
  storePaths,
} from '../../knowledge/startup.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import type { Fn } from '../program.ts';
import { container, lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { WholeReadSite } from './readers.ts';

const STRINGS = kinds(Kind.String);
const MACROS = kinds(Kind.Macro);

/** What a whole file that is read becomes. */
export type FileUse =
  /** Cut into records, or decoded into a collection: it is data, and there is as much of it as of the file. */
  | 'collection'
  /** Worked off record by record, none of which needs the others. */
  | 'records'
  /** Its name or its use says that it is configuration, a key, a template. */
  | 'small'
  | 'unknown';

/** What becomes of a whole file, as far as its function shows. */
export function useOfFile(site: WholeReadSite): {
  readonly use: FileUse;
  readonly isData: boolean;
  /** Rust: it lies where services keep what they have gathered. */
  readonly isStored: boolean;
} {
  const { fn, node } = site;
  const name = nameOfFile(site);
  const isStored = fn.package.language === 'rust' && storePaths.test(name) && !smallEndings.test(name);
  const small = smallFiles.test(`${name} ${fn.label}`) || readsConfiguration(fn);
  const isData = dataEndings.test(name) || (!small && dataWords.test(name));
  if (!isData && small && !isStored) return { use: 'small', isData, isStored };
  const named = [...usesOf(fn, node), ...usesOfBuffer(fn, node)];
  const uses = [node, ...named, ...named.flatMap((u) => usesOfWhole(fn, u))];
  const cuts = uses.map((u) => cutOf(fn, u));
  if (cuts.includes('kept') || uses.some((u) => becomesCollection(fn, u)))
    return { use: 'collection', isData, isStored };
  if ((isData || isStored) && fn.package.language === 'rust' && cuts.includes('passed'))
    return { use: 'records', isData, isStored };
  return { use: uses.some((u) => isDecoded(fn.code, u)) ? 'small' : 'unknown', isData, isStored };
}

/** The file is called after configuration, or the function decodes a format that people write: such a file has kilobytes. */
function readsConfiguration({ file, code, first, after }: Fn): boolean {
  const path = file.facts.file;
  if (configurationFiles.test(path.slice(path.lastIndexOf('/') + 1))) return true;
  for (let n = first; n < after; n++)
    if (configurationFormats.test(code.name(n)) && !code.is(n, Kind.String)) return true;
  return false;
}

/** The words of the expression that names the file, and of what it is read into. */
function nameOfFile({ fn, node, path, reader }: WholeReadSite): string {
  const code = fn.code;
  const words: string[] = [];
  const add = (root: NodeId, depth: number) => {
    for (let n = root; n >= 0 && n < code.after(root); n++) {
      const kind = code.kind(n);
      if (![Kind.Name, Kind.Path, Kind.Field, Kind.String, Kind.MethodCall].includes(kind as never)) continue;
      words.push(code.name(n));
      if (kind !== Kind.Name || depth > 1) continue;
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      if (b && b.value >= 0) add(b.value, depth + 1);
      else if (b?.source === 'parameter') words.push(...passed(fn, b.index));
      // A constant stands for what it says.
      else if (!b) {
        const g = fn.package.globalMeant(fn.file, code.name(n));
        if (g && g.fact.value >= 0 && g.file.code.kind(g.fact.value) === Kind.String)
          words.push(g.file.code.name(g.fact.value));
      }
    }
  };
  add(path >= 0 ? path : reader, 0);
  const statement = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
  if (statement >= 0) words.push(code.name(code.child(statement, Role.Pattern)));
  return words.join(' ');
}

/** The texts that callers pass for a parameter. */
function passed(fn: Fn, index: number): string[] {
  return Calls.of(fn.package.program)
    .sitesOf(fn)
    .slice(0, 4)
    .flatMap((site) => {
      const { code } = site.fn;
      const arg = site.kind === 'call' ? code.all(site.node, Role.Arg)[index] : undefined;
      const words: string[] = arg === undefined ? [] : [code.name(arg)];
      // `replay(Path::new("/data/log"))`
      for (let n = arg ?? -1; arg !== undefined && fn.package.language === 'rust' && n < code.after(arg); n++)
        if (n !== arg && code.kind(n) === Kind.String) words.push(code.name(n));
      return words;
    });
}

/** Where the value of an expression is named again: the uses of the local it is bound to. */
function usesOf(fn: Fn, node: NodeId): NodeId[] {
  const code = fn.code;
  const statement = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block || code.kind(a) === Kind.Closure,
  );
  if (statement < 0 || code.kind(statement) !== Kind.Let) return [];
  const pattern = code.child(statement, Role.Pattern);
  const name = pattern < 0 ? '' : code.name(pattern);
  const out: NodeId[] = [];
  for (let n = code.after(statement); name !== '' && n < fn.after; n++)
    if (code.is(n, Kind.Name, name)) out.push(n);
  return out;
}

/** Rust: `let mut rest = raw.as_slice();`, `&raw[..]`: where another name for all of it is named again. */
function usesOfWhole(fn: Fn, name: NodeId): NodeId[] {
  const code = fn.code;
  if (fn.package.language !== 'rust') return [];
  let n = name;
  for (let up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Let) return usesOf(fn, name);
    const isWhole =
      kind === Kind.Unary ||
      (kind === Kind.Slice && code.child(up, Role.Low) < 0 && code.child(up, Role.High) < 0) ||
      (kind === Kind.MethodCall && /^as_(slice|str|ref|bytes)$/.test(code.name(up)));
    if (!isWhole || code.role(n) !== Role.Object) return [];
  }
  return [];
}

/** Where the local is named again that a read has filled: `file.read_to_end(&mut raw)?`. */
function usesOfBuffer(fn: Fn, read: NodeId): NodeId[] {
  const code = fn.code;
  const into = code.kind(read) === Kind.MethodCall ? code.child(read, Role.Arg) : -1;
  const buffer = code.is(into, Kind.Unary, '&mut') ? code.child(into, Role.Object) : -1;
  const out: NodeId[] = [];
  if (!code.is(buffer, Kind.Name)) return out;
  for (let n = code.after(read); n < fn.after; n++) if (code.is(n, Kind.Name, code.name(buffer))) out.push(n);
  return out;
}

/** `raw.lines()…`, `strings.Split(text, "\n")`, `for i := 0; i+8 <= len(raw); i += 8`: whether the records are kept, or pass. */
function cutOf(fn: Fn, value: NodeId): 'kept' | 'passed' | undefined {
  const code = fn.code;
  for (let n = value, up = code.parent(n), i = 0; up >= 0 && i < 8; n = up, up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.Block || kind === Kind.Let || kind === Kind.Closure) return undefined;
    if ((kind === Kind.MethodCall || kind === Kind.Call) && cutting.test(callName(code, up)))
      return collects(code, up) ? 'kept' : code.role(n) === Role.Object ? 'passed' : undefined;
    if (kind === Kind.Loop)
      return code.role(n) === Role.Condition || code.role(n) === Role.Iter ? 'kept' : undefined;
  }
  return undefined;
}

/** All the records are kept, not just looked at: collected, or stored by a loop. */
function collects(code: Code, cut: NodeId): boolean {
  for (let n = cut, up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.MethodCall && code.role(n) === Role.Object) {
      if (/^(collect|to_vec|collect_vec|for_each|fold|extend)$/.test(code.name(up))) return true;
    } else if (kind === Kind.Loop) return code.role(n) === Role.Iter && stores(code, up);
    else if (kind === Kind.Let || kind === Kind.Return || kind === Kind.Assign) {
      // `lines := strings.Split(…)`: a list of all of them.
      return code.kind(cut) === Kind.MethodCall && /^[A-Z]/.test(code.name(cut));
    } else if (![Kind.Try, Kind.Await, Kind.Unary, Kind.MethodCall].includes(kind as never)) return false;
  }
  return false;
}

function stores(code: Code, loop: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.MethodCall && fillingMethods.test(code.name(n))) return true;
    if (kind === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'append')) return true;
    if (kind === Kind.Assign && code.kind(code.child(n, Role.Target)) === Kind.Index) return true;
  }
  return false;
}

/** The call that decodes a value, or -1. */
function decoder(code: Code, value: NodeId): NodeId {
  for (let n = value, up = code.parent(n), i = 0; up >= 0 && i < 6; n = up, up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.Call || kind === Kind.MethodCall) {
      if (decoding.test(callName(code, up)) && code.role(n) === Role.Arg) return up;
    } else if (kind === Kind.Block || kind === Kind.Let || kind === Kind.Closure) return -1;
  }
  return -1;
}

function isDecoded(code: Code, value: NodeId): boolean {
  return decoder(code, value) >= 0;
}

/** Decoded into a list or map: `json.Unmarshal(data, &entries)`, `from_slice::<Vec<Entry>>(&raw)`. */
function becomesCollection(fn: Fn, value: NodeId): boolean {
  const code = fn.code;
  const call = decoder(code, value);
  if (call < 0) return false;
  const values = Values.of(fn.package.program);
  const isCollection = (type: NodeId) =>
    container(values.types, values.types.at(fn.file, type)) !== undefined;
  if (fn.package.language === 'go') {
    const target = code.all(call, Role.Arg).at(-1);
    const type = target === undefined ? undefined : values.typeOf(fn, target);
    return container(values.types, type) !== undefined;
  }
  const written = code.all(call, Role.TypeArg);
  if (written.length > 0) return written.some(isCollection);
  const statement = code.ancestor(
    call,
    (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Closure || code.kind(a) === Kind.FieldInit,
  );
  if (code.is(statement, Kind.FieldInit)) {
    const decl = values.typeOf(fn, code.parent(statement))?.decl;
    const field = decl?.fact.fields.find((f) => f.name === code.name(statement));
    if (!decl || !field) return false;
    return container(values.types, values.types.at(decl.file, field.type)) !== undefined;
  }
  const isResult = statement < 0 && returnsOf(fn, 0).some((value) => code.within(call, value));
  const type = isResult
    ? fn.fact.result
    : code.is(statement, Kind.Let)
      ? code.child(statement, Role.Type)
      : -1;
  return type >= 0 && isCollection(type);
}

/**
 * Rust: `let rows: Vec<Row> = reader.deserialize().collect::<Result<_, _>>()?;` of a file, whose rows are only looked at to make
 * something else of them: the `collect`.
 */
export function recordLoads(fn: Fn): NodeId[] {
  const code = fn.code;
  const out: NodeId[] = [];
  if (fn.package.language !== 'rust') return out;
  for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
    if (!code.is(n, Kind.MethodCall, 'collect') || !isOfFile(fn, code.child(n, Role.Object))) continue;
    const statement = code.ancestor(n, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
    if (!code.is(statement, Kind.Let)) continue;
    const uses = usesOf(fn, n);
    const isList = container(
      Values.of(fn.package.program).types,
      uses[0] === undefined ? undefined : Values.of(fn.package.program).typeOf(fn, uses[0]),
    );
    if (isList?.row.shape === 'list' && uses.every((use) => isWalked(code, use))) out.push(n);
  }
  return out;
}

/** The records of a reader of a file: `reader.deserialize()`, where `reader` is made of a path or an open file. */
function isOfFile(fn: Fn, records: NodeId): boolean {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  let isCutUp = false;
  for (let n = records, i = 0; n >= 0 && i < 16; i++) {
    const kind = code.kind(n);
    if (kind === Kind.MethodCall) {
      isCutUp ||= recordReads.test(code.name(n));
      n = code.child(n, Role.Object);
    } else if (kind === Kind.Try || kind === Kind.Unary) n = code.child(n, Role.Object);
    else if (kind === Kind.Name) {
      const b = scope.lookup(code.name(n), code.start(n));
      n = b?.source === 'value' && b.value < n ? b.value : -1;
    } else if (kind === Kind.Call) {
      if (fileReaders.test(callName(code, n)) && isCutUp) return true;
      n = code.child(n, Role.Arg);
    } else return false;
  }
  return false;
}

/** `rows.iter()`, `for row in &rows`, `rows.len()`: looked at, and left where it is. */
function isWalked(code: Code, use: NodeId): boolean {
  let n = use;
  while (code.kind(code.parent(n)) === Kind.Unary) n = code.parent(n);
  const up = code.parent(n);
  if (code.kind(up) === Kind.Loop) return code.role(n) === Role.Iter;
  return (
    code.kind(up) === Kind.MethodCall &&
    code.role(n) === Role.Object &&
    /^(iter|into_iter|par_iter|len|is_empty|chunks)$/.test(code.name(up))
  );
}

/** A query that gives all rows of a table, and where they are collected. */
export interface TableLoad {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly table: string;
  /** The query says how many rows at most, or which, or one for each group. */
  readonly limited: boolean;
  /** The table has few rows by what it is for, or what is done with them is done once. */
  readonly small: boolean;
}

/** The whole-table loads of one function. */
export function tableLoads(fn: Fn): TableLoad[] {
  const code = fn.code;
  const out: TableLoad[] = [];
  const { first: body, after } = fn;
  for (let n = code.next(STRINGS, body, after); n < after; n = code.next(STRINGS, n + 1, after)) {
    const text = code.name(n);
    const from =
      /^\s*SELECT\b(?!\s+(?:COUNT|MAX|MIN|SUM|AVG|EXISTS|1\b))[\s\S]*?\bFROM\s+["`]?([\w.]+)/i.exec(text);
    if (!from) continue;
    const call = queryCall(fn, n);
    if (call < 0) continue;
    out.push({
      fn,
      node: call,
      table: from[1] as string,
      limited: limitedQueries.test(text) || text.length >= 200,
      small:
        smallTables.test(from[1] as string) ||
        migrationNames.test(fn.label) ||
        migrationNames.test(lastSegment(fn.package.path.replaceAll('/', '::'))),
    });
  }
  return out;
}

/** The call that sends a query and collects all its rows, or -1. */
function queryCall(fn: Fn, text: NodeId): NodeId {
  const code = fn.code;
  for (let n = text, up = code.parent(n), i = 0; up >= 0 && i < 8; n = up, up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.Block || kind === Kind.Closure) return -1;
    if (kind !== Kind.MethodCall) continue;
    const name = code.name(up);
    if (fn.package.language === 'rust') {
      if (name === 'fetch_all' && code.role(n) === Role.Object) return up;
      if (rustQueries.test(name) && name !== 'fetch_all' && code.role(n) === Role.Arg) return up;
      if (rustPreparing.test(name) && code.role(n) === Role.Arg) return collectedRows(fn, up, false, 0);
    } else if (goQueries.test(name) && code.role(n) === Role.Arg) {
      if (name === 'QueryRow') return -1;
      return /^Select/.test(name) || rowsAreKept(fn, up) ? up : -1;
    }
  }
  return -1;
}

/** Rust: where the rows of a prepared statement are collected, also by the names that are given to them; or -1. */
function collectedRows(fn: Fn, value: NodeId, asked: boolean, depth: number): NodeId {
  const code = fn.code;
  let isAsked = asked;
  for (let n = value, up = code.parent(n); up >= 0 && depth < 4; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.MethodCall && code.role(n) === Role.Object) {
      if (isAsked && code.name(up) === 'collect') return up;
      isAsked ||= rustRowStreams.test(code.name(up));
      continue;
    }
    if (kind === Kind.Try || kind === Kind.Await) continue;
    const name = kind === Kind.Let ? code.name(code.child(up, Role.Pattern)) : '';
    for (let m = code.after(up); name !== '' && m < fn.after; m++) {
      const found = code.is(m, Kind.Name, name) ? collectedRows(fn, m, isAsked, depth + 1) : -1;
      if (found >= 0) return found;
    }
    return -1;
  }
  return -1;
}

/** `for rows.Next() { …; list = append(list, x) }` behind the query. */
function rowsAreKept(fn: Fn, query: NodeId): boolean {
  const code = fn.code;
  for (let n = query; n < fn.after; n++) {
    if (code.kind(n) !== Kind.Loop) continue;
    const condition = code.child(n, Role.Condition);
    if (condition < 0 || !code.is(condition, Kind.MethodCall, 'Next')) continue;
    return stores(code, n);
  }
  return false;
}

/** A file of the program's own binary that is copied: `include_bytes!("x.bin").to_vec()`. */
export function embeddedCopies(fn: Fn): { readonly node: NodeId; readonly file: string }[] {
  const code = fn.code;
  const out: { node: NodeId; file: string }[] = [];
  const { first: body, after } = fn;
  for (let n = code.next(MACROS, body, after); n < after; n = code.next(MACROS, n + 1, after)) {
    if (!/(^|::)include_(bytes|str)$/.test(code.name(n))) continue;
    const file = code.name(code.child(n, Role.Arg));
    let value = n;
    while (code.is(code.parent(value), Kind.Unary)) value = code.parent(value);
    const up = code.parent(value);
    const copies =
      (code.kind(up) === Kind.MethodCall && /^(to_vec|to_owned|to_string|into)$/.test(code.name(up))) ||
      (code.kind(up) === Kind.Call &&
        /^(Vec|String|Bytes)::(from|copy_from_slice)$/.test(code.name(code.child(up, Role.Callee))));
    if (copies && dataEndings.test(file)) out.push({ node: up, file });
  }
  return out;
}

/** The read is done for each entry of a folder, and what is read is kept. */
export function inFolderLoop(site: WholeReadSite): boolean {
  const { fn, node } = site;
  const code = fn.code;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.Closure);
  if (loop < 0) return false;
  const values = Values.of(fn.package.program);
  const names = (root: NodeId, depth: number): boolean => {
    for (let n = root; n >= 0 && n < code.after(root); n++) {
      if (folderReads.test(callName(code, n))) return true;
      if (code.kind(n) !== Kind.Name || depth > 1) continue;
      const b = values.scope(fn).lookup(code.name(n), code.start(n));
      if (b && b.value >= 0 && b.value !== root && names(b.value, depth + 1)) return true;
    }
    return false;
  };
  if (code.kind(loop) === Kind.Loop) return names(code.child(loop, Role.Iter), 0) && stores(code, loop);
  const call = code.parent(loop);
  const walks =
    (code.kind(call) === Kind.MethodCall || code.kind(call) === Kind.Call) &&
    /^(Walk|WalkDir)$/.test(callName(code, call));
  return walks && stores(code, loop);
}
