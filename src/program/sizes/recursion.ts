import { consumesInput, depthNames, goConsumesInput, goCursors } from '../../knowledge/sizes.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import type { Fn, Package } from '../program.ts';
import { Values } from '../types/values.ts';

/** How many functions a grammar's rules may go through before the first is called again. */
const MAX_ROUND = 5;

/** Functions that call each other once for each level of what they read. */
export interface Descent {
  /** The first of them in its file. */
  readonly fn: Fn;
  /** The call that goes one level deeper. */
  readonly site: CallSite;
  /** What counts the levels, in words of the code. */
  readonly counted?: { readonly fn: Fn; readonly node: NodeId };
}

/**
 * Parsers of a package that go down with what they read: `items.push(self.value()?)` in `value`, `inner, err := area(in)` in
 * `area`, which take their input from a cursor that all of them share. What walks a tree gets a part of it and is as deep as
 * that is.
 */
export function descents(pkg: Package): Descent[] {
  const out: Descent[] = [];
  const told = new Set<Fn>();
  for (const fn of pkg.serviceFunctions) {
    if (told.has(fn) || fn.fact.isAsync || fn.fact.result < 0 || !hasCursor(fn)) continue;
    const round = roundOf(fn);
    if (!round) continue;
    for (const site of round) told.add(site.fn);
    const members = round.map((s) => s.fn);
    const deeper = round.find((s) => !isLast(s));
    if (!deeper || !round.every(passesCursorOn) || !members.some(takesInput)) continue;
    const counted = members.map((m) => ({ fn: m, node: countsLevels(m) })).find(({ node }) => node >= 0);
    out.push({ fn, site: deeper, ...(counted && { counted }) });
  }
  return out;
}

/** The calls by which a function comes back to itself, all of them in one file; undefined where it does not. */
function roundOf(fn: Fn): readonly CallSite[] | undefined {
  const calls = Calls.of(fn.package.program);
  const seen = new Set<Fn>();
  let ways: (readonly CallSite[])[] = [[]];
  for (let i = 0; i < MAX_ROUND && ways.length > 0; i++) {
    const next: (readonly CallSite[])[] = [];
    for (const way of ways)
      for (const site of calls.sitesOf(way[0]?.fn ?? fn)) {
        if (site.kind !== 'call' || site.guess || site.fn.file !== fn.file || site.fn.isTest) continue;
        if (site.fn === fn) return [site, ...way];
        if (seen.has(site.fn) || !hasCursor(site.fn)) continue;
        seen.add(site.fn);
        next.push([site, ...way]);
      }
    ways = next;
  }
  return undefined;
}

/** `&mut self`, `at: &mut usize`, `tokens: &mut Peekable<Chars>`; Go's `p *parser`, `in *bufio.Scanner`. */
function hasCursor({ code, fact, package: { language } }: Fn): boolean {
  const go = language === 'go';
  return (
    (go ? fact.receiver !== '' && goCursors.test(fact.owner) : fact.receiverMutable) ||
    fact.params.some((p) => {
      const type = code.child(p, Role.Type);
      return go ? isGoCursor(code, type) : code.is(type, Kind.Type, '&mut');
    })
  );
}

/** Go: a reader of the standard library, or a pointer to what is called one. */
function isGoCursor(code: Code, type: NodeId): boolean {
  const held = code.is(type, Kind.Type, '*') ? code.child(type, Role.TypeArg) : type;
  return held >= 0 && goCursors.test(code.name(held));
}

/** All that is handed to the next level is what was handed to this one, or is written there; in Go also a text or number. */
function passesCursorOn({ fn, node }: CallSite): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  const scope = values.scope(fn);
  const isPlain = (n: NodeId) =>
    fn.package.language === 'go' && goPlain.test(values.typeOf(fn, n)?.name ?? '');
  const isOwn = (n: NodeId): boolean => {
    const kind = code.kind(n);
    if (kind === Kind.Unary) return isOwn(code.child(n, Role.Object));
    if (kind === Kind.Number || kind === Kind.Literal || kind === Kind.String || kind === Kind.Path)
      return true;
    if (kind !== Kind.Name) return false;
    return (
      code.is(n, Kind.Name, fn.fact.receiver) ||
      scope.lookup(code.name(n), code.start(n))?.source === 'parameter'
    );
  };
  const object = code.is(node, Kind.MethodCall) ? code.child(node, Role.Object) : -1;
  return (object < 0 || isOwn(object)) && code.all(node, Role.Arg).every((n) => isOwn(n) || isPlain(n));
}

const goPlain = /^(string|bool|byte|rune|u?int(8|16|32|64)?)$/;

/** What the call gives is what the function gives: a loop in other words, of which a compiler may make one. */
function isLast({ fn, node }: CallSite): boolean {
  const { code } = fn;
  let n = node;
  for (let up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Return) return true;
    if (kind === Kind.Block) {
      if (code.children(up).at(-1) !== n) return false;
      if (up === fn.first) return true;
    } else if (kind !== Kind.Try && kind !== Kind.If && kind !== Kind.Match && kind !== Kind.Arm)
      return false;
  }
  return true;
}

function takesInput({ code, first, after, fact, package: { language } }: Fn): boolean {
  const takes = language === 'go' ? goConsumesInput : consumesInput;
  for (let n = first; n < after; n++) {
    if (code.is(n, Kind.MethodCall) && takes.test(code.name(n))) return true;
    if (!code.is(n, Kind.Assign, '+=')) continue;
    const target = code.child(n, Role.Target);
    if (code.is(target, Kind.Unary, '*') || isOwnField(code, target, fact.receiver)) return true;
  }
  return false;
}

function isOwnField(code: Code, n: NodeId, receiver: string): boolean {
  return code.is(n, Kind.Field) && code.is(code.child(n, Role.Object), Kind.Name, receiver);
}

/** Where a function speaks of depth, or -1: by parameter, field, call or type. */
function countsLevels({ code, fact, first, after }: Fn): NodeId {
  for (const p of fact.params) {
    const pattern = code.child(p, Role.Pattern);
    if (pattern >= 0 && depthNames.test(code.name(pattern))) return pattern;
  }
  for (let n = first; n < after; n++) if (depthNames.test(code.name(n))) return n;
  return -1;
}
