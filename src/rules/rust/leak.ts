import type { Fix } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import { Calls } from '../../program/calls/calls.ts';
import { broughtNearby } from '../../program/origins/outsiders.ts';
import { type LeakSite, leakSites, takenBack, takenOver } from '../../program/ownership/rust-leaks.ts';
import { isSetUp, Phases } from '../../program/phases/phases.ts';
import type { Evidence } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { statementOf, textOf } from '../shared/fixes/statements.ts';
import { usesOf } from '../shared/go-locals.ts';

export default defineRule({
  id: 'rust/leak',
  tier: 'B',
  severity: 'warning',
  summary: 'Memory is given up for ever on a path that runs again and again',
  note: {
    why: 'What is leaked stays until the process ends. Once at start-up that is a constant; per request or per call it is growth with the traffic, until the kernel kills.',
    arithmetic: 'calls × size of the leaked value, everything it owns included',
    silence:
      'it happens once (start-up, a `OnceLock`), the value keeps nothing on the heap, its pointer is taken back, or a table keeps one of each',
    myth: 'rust-less-than-go',
  },
  messages: {
    forget: '`mem::forget` never frees the `{heap}` in `{value}`, each time `{fn}` runs',
    leak: '`{verb}` never frees its value, each time `{fn}` runs',
    raw: 'The pointer of `{verb}` is never taken back, and `{fn}` makes one each time',
    kept: '`ManuallyDrop` never frees the `{heap}` in `{value}`, each time `{fn}` runs',
  },
  exemptions: {
    'start-up-only': '`{fn}` runs once, while the program starts',
    once: 'a lazy value is made once, by `{by}`',
    'nothing-owned': '`{value}` keeps nothing on the heap',
    'taken-over': '`{by}` has taken over what it owns',
    'given-back': '`{by}` takes the pointer back in `{fn}`',
    interned: '`{by}` keeps one of each in a table',
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'rust' || isOfCompiler(pkg)) return;
    for (const site of leakSites(pkg)) {
      const { fn, node, kind, verb, heap } = site;
      const at = fn.place(node);
      const value = valueName(site);
      if (kind === 'forget' || kind === 'manually-drop') {
        if (heap === '') report.exempt({ reason: 'nothing-owned', at, data: { value } });
        if (heap === '' || heap === undefined) continue;
        const taken = takenOver(site);
        if (taken >= 0) {
          report.exempt({
            reason: 'taken-over',
            at,
            where: fn.place(taken),
            data: { by: calledName(fn, taken) },
          });
          continue;
        }
      }
      const back = takenBack(pkg, site);
      if (back) {
        const by = back.fn.code.name(back.node);
        const where = back.fn.place(back.node);
        report.exempt({ reason: 'given-back', at, where, data: { by, fn: back.fn.label } });
        continue;
      }
      const lazy = onceAround(fn, node);
      if (lazy !== undefined) {
        report.exempt({ reason: 'once', at, data: { by: lazy } });
        continue;
      }
      const table = internedBy(fn, node);
      if (table !== undefined) {
        report.exempt({ reason: 'interned', at, data: { by: table } });
        continue;
      }
      const often = repeats(fn, node, kind === 'leak' ? NEAR : FAR);
      if (often === 'start-up-only') report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
      if (typeof often !== 'object') continue;
      const rest = armOfRest(fn, node);
      // What is forgotten or leaked is mostly meant so: taken over by code nobody follows, or a few texts kept for good.
      const isLost = kind === 'into-raw';
      const base = {
        at,
        // What no other arm names is mostly what does not happen.
        confidence:
          isForeign(fn) || rest >= 0
            ? 'low'
            : isLost && often.proven && !isCalledByName(fn)
              ? 'high'
              : 'medium',
        related: [
          { ...often.evidence.at, message: often.evidence.why },
          ...(rest < 0 ? [] : [{ ...fn.place(rest), message: 'only for what none of the other arms names' }]),
        ],
        fixes: fixesFor(site),
      } as const;
      if (kind === 'forget')
        report.find({ ...base, message: 'forget', data: { heap: heap ?? '', value, fn: fn.label } });
      else if (kind === 'manually-drop')
        report.find({ ...base, message: 'kept', data: { heap: heap ?? '', value, fn: fn.label } });
      else report.find({ ...base, message: kind === 'leak' ? 'leak' : 'raw', data: { verb, fn: fn.label } });
    }
  },
});

function valueName({ fn, value }: LeakSite): string {
  const text = textOf(fn, value);
  return text.length <= 30 && !text.includes('`') ? text : 'the value';
}

function calledName(fn: Fn, call: NodeId): string {
  const callee = fn.code.child(call, Role.Callee);
  return callee < 0 ? fn.code.name(call) : fn.code.name(callee);
}

/** A crate of procedural macros runs while others are compiled: https://doc.rust-lang.org/reference/procedural-macros.html */
function isOfCompiler(pkg: Package): boolean {
  return pkg.functions.some((f) =>
    f.fact.attributes.some((a) => /^proc_macro(_derive|_attribute)?\b/.test(a)),
  );
}

/** `#[no_mangle] pub extern "C" fn`: whoever calls it is another language, and what it gives back is not seen here. */
function isForeign({ fact }: Fn): boolean {
  return fact.attributes.some((a) => /\bno_mangle\b/.test(a));
}

/** So many calls away from a request what is made is as likely as not kept for more than the request. */
const FAR = 3;

/** Nobody leaks by mistake: further away than this what is leaked is as likely as not wanted for ever, and one of few. */
const NEAR = 1;

/** Why a leak happens more than once, that it does not, or nothing where that cannot be told. */
function repeats(
  fn: Fn,
  node: NodeId,
  away: number,
): { readonly evidence: Evidence; readonly proven: boolean } | 'start-up-only' | undefined {
  const phases = Phases.of(fn.package.program);
  const reach = phases.at(fn, node);
  // What the program itself brings to a loop, such as what is typed at its console, is no load.
  const outsider = broughtNearby(reach, away);
  if (outsider) return { evidence: outsider, proven: true };
  if (reach.request) return { evidence: reach.request, proven: false };
  if (reach.likely) return { evidence: reach.likely, proven: false };
  const made = madeByOthers(fn);
  if (made) return { evidence: made, proven: false };
  if (reach.startup) return 'start-up-only';
  if (!reach.api) return undefined;
  if (RUNS_PROGRAM.test(reach.api.fact.name)) return 'start-up-only';
  const at = reach.api.file.place(reach.api.fact.nameSpan);
  return { evidence: { why: `\`${reach.api.label}\` is called from outside`, at }, proven: false };
}

/** What a library offers is made by whoever uses it; that it has a `drop` which frees something says that it comes and goes. */
function madeByOthers(fn: Fn): Evidence | undefined {
  const { owner, exported, nameSpan, receiver } = fn.fact;
  const { program } = fn.package;
  const isOffered = exported && owner !== '' && receiver === '' && isSetUp(fn);
  if (!isOffered || fn.package.methodsOf(owner, 'drop').length === 0) return undefined;
  if (
    Calls.of(program)
      .sitesOf(fn)
      .some((s) => !s.fn.isTest)
  )
    return undefined;
  return { why: `each \`${owner}\` that others make is dropped again`, at: fn.file.place(nameSpan) };
}

/** The last arm of a `match` on texts, in which the node stands: the texts that come as a rule are named in the others, or -1. */
function armOfRest({ code, first }: Fn, node: NodeId): NodeId {
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm || code.kind(a) === Kind.Closure);
  if (arm < first || code.kind(arm) !== Kind.Arm) return -1;
  const patterns = (a: NodeId) => code.all(a, Role.Pattern);
  const isText = (a: NodeId) => patterns(a).length > 0 && patterns(a).every((p) => mentionsText(code, p));
  const others = code.all(code.parent(arm), Role.Arm).filter((a) => a !== arm);
  return !isText(arm) && others.length > 1 && others.every(isText) ? arm : -1;
}

function mentionsText(code: Fn['code'], pattern: NodeId): boolean {
  for (let n = pattern; n < code.after(pattern); n++) if (code.kind(n) === Kind.String) return true;
  return false;
}

/** Nobody who calls the method knows what it is called on: another type may have one of that name. */
function isCalledByName(fn: Fn): boolean {
  const { program } = fn.package;
  const calls = Calls.of(program)
    .sitesOf(fn)
    .filter((s) => s.kind === 'call');
  const values = Values.of(program);
  return (
    fn.fact.receiver !== '' &&
    calls.length > 0 &&
    calls.every(
      (s) =>
        s.fn.code.kind(s.node) === Kind.MethodCall &&
        !values.declOf(s.fn, s.fn.code.child(s.node, Role.Object)),
    )
  );
}

/** Names of functions by which one crate is the program that another starts. */
const RUNS_PROGRAM = /^(run|serve|start|startup|main|exec|execute|command|launch|boot)(_|$)/;

/** The value goes into something that is set once: `CELL.set(Box::leak(…))`, `get_or_init(|| Box::leak(…))`. */
function onceAround(fn: Fn, node: NodeId): string | undefined {
  const code = fn.code;
  const call = code.ancestor(node, (a) => code.kind(a) === Kind.MethodCall && ONCE.test(code.name(a)));
  if (call >= 0) return code.name(call);
  return Phases.of(fn.package.program).context(fn, node).once ? 'its initialiser' : undefined;
}

const ONCE =
  /^(set|get_or_init|get_or_try_init|get_or_insert_with|call_once|call_once_force|compare_exchange)$/;

/** The function looks a table up first and puts what it leaks into it: one of each, which is the table's growth. */
function internedBy(fn: Fn, node: NodeId): string | undefined {
  const code = fn.code;
  const { first: body, after } = fn;
  let isLookedUp = false;
  for (let n = body; n < after; n++) {
    if (code.kind(n) !== Kind.MethodCall) continue;
    const name = code.name(n);
    if (n < node && /^(get|contains|contains_key|entry|get_key_value|find)$/.test(name)) isLookedUp = true;
    const isInsert = /^(insert|push|or_insert|or_insert_with|insert_unique|try_insert)$/.test(name);
    // `entry(key).or_insert_with(|| Box::leak(…))` looks up itself.
    const isBoth = name.startsWith('or_') && code.within(node, n);
    if (isBoth || (isInsert && isLookedUp && (n > node || code.within(node, n)))) return name;
  }
  return undefined;
}

function fixesFor(site: LeakSite): readonly Fix[] {
  if (site.kind === 'forget') return dropFix(site);
  return site.kind === 'leak' ? borrowFix(site) : [];
}

/** Where the value is a local without a destructor of its own, leaving the call out frees it. */
function dropFix({ fn, node, value }: LeakSite): readonly Fix[] {
  const code = fn.code;
  const statement = statementOf(fn, node);
  if (statement !== node || !code.is(value, Kind.Name) || code.name(value) === 'self') return [];
  const decl = Values.of(fn.package.program).declOf(fn, value);
  if (decl && fn.package.methodsOf(decl.fact.name, 'drop').length > 0) return [];
  return [
    {
      title: `Let \`${code.name(value)}\` be freed`,
      applicability: 'maybe-incorrect',
      edits: () => {
        const text = fn.package.text(fn.file.facts.file);
        const start = text.lastIndexOf('\n', code.start(node) - 1) + 1;
        const end = text.indexOf('\n', code.end(node)) + 1;
        return [{ file: fn.file.facts.file, span: { start, end }, newText: '' }];
      },
    },
  ];
}

/** Where only this function looks at the value, a borrow of what owns it lives long enough. */
function borrowFix({ fn, node, value }: LeakSite): readonly Fix[] {
  const code = fn.code;
  const let_ = code.parent(node);
  if (!code.is(let_, Kind.Let) || code.child(let_, Role.Type) >= 0) return [];
  const values = Values.of(fn.package.program);
  const pattern = code.child(let_, Role.Pattern);
  const binding = values.scope(fn).lookup(code.name(pattern), code.end(let_));
  if (!binding || !usesOf(values, fn, binding).every((use) => staysHere(fn, use, binding.node))) return [];
  return [
    {
      title: `Borrow \`${binding.name}\` from a value that is freed with \`${fn.fact.name}\``,
      applicability: 'maybe-incorrect',
      edits: () => [
        { file: fn.file.facts.file, span: code.span(node), newText: `&mut *${textOf(fn, value)}` },
      ],
    },
  ];
}

/** The use only calls a method or reads a field, and not in a closure or task that may outlive the function. */
function staysHere(fn: Fn, use: NodeId, declared: NodeId): boolean {
  if (use === declared) return true;
  const code = fn.code;
  const isOuter =
    code.ancestor(use, (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.AsyncBlock) < 0;
  const up = code.parent(use);
  const isMacro = code.kind(up) === Kind.Macro;
  const isRead =
    (code.kind(up) === Kind.MethodCall || code.kind(up) === Kind.Field) && code.role(use) === Role.Object;
  return isOuter && (isMacro || isRead);
}
