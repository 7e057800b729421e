import type { Edit, Fix, RelatedPlace } from '../../core/finding.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { sendingMethods } from '../../knowledge/channels.ts';
import {
  rustBorrowingLookups,
  rustKeySorts,
  rustLists,
  rustLocking,
  rustLooksInto,
  rustOpening,
  rustPerElement,
  rustReusing,
  rustShared,
} from '../../knowledge/rust-ownership.ts';
import { rustPlainTypes } from '../../knowledge/rust-std.ts';
import { type CallSite, Calls } from '../../program/calls/calls.ts';
import { answersOf } from '../../program/calls/exits.ts';
import { type Copy, RustCopies } from '../../program/ownership/rust-copies.ts';
import { type Root, RustUses, type Use } from '../../program/ownership/rust-uses.ts';
import { type Heat, Heats } from '../../program/phases/heat.ts';
import { Phases } from '../../program/phases/phases.ts';
import { Writes } from '../../program/places/writes.ts';
import type { Fn, Package, TypeDecl } from '../../program/program.ts';
import { isReference, RustValues } from '../../program/types/rust-values.ts';
import { container, lastSegment, type TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { provenHot, provenRequest, readsInput } from '../shared/heat.ts';
import {
  copyingGetters,
  isNeverChangedPart,
  isReadByOwnMethod,
  isSnapshot,
  servesCalls,
} from '../shared/rust-handles.ts';
import { nameOf, written } from '../shared/rust-words.ts';

const messages = {
  temporary: '`{copy}` makes a `{type}` that is only read',
  binding: '`{name}` is a copy (`{type}`) that is only read',
  moved: '`{copy}` copies a `{type}` that could be moved',
  part: '`{copy}` copies a whole `{type}` for one field of it',
  assigned: '`{target}` gives up its memory for a copy; `clone_from` keeps it',
  callee: '`{copy}` copies a `{type}` for `{name}`, which only reads it',
  lent: '`{fn}` copies a whole `{type}` out of its lock, and `{caller}` only reads it',
  sorted: '`{copy}` makes a `{type}` for every comparison of the sort',
  looked: '`{copy}` copies a locked `{type}` to look into it',
  iterated: '`{copy}` copies a whole `{type}` to go over it once',
  handle: '`{copy}` copies a whole `{type}` only to read it: of an `Arc` a copy is a handle',
  getter: '`{copy}` gives a copy of a whole `{type}`, and only a look is taken at it',
  shared: '`{copy}` copies the same `{type}` for every receiver; `{handle}` shares it',
} as const;

const exemptions = {
  cheap: 'a clone of `{type}` copies a handle, not what is behind it',
  task: 'the task or thread that uses `{name}` must own it',
  returned: '{by} gives it away, so it must be owned',
  stored: '{by} keeps it, so it must be owned',
  argument: '{by} takes it by value',
  consumed: '{by} needs an owned value',
  mutated: 'the copy is changed, the source is not',
  'source-changes': '`{source}` is changed or moved while the copy is in use',
  lock: 'the copy lets go of the lock it is read under',
  'error-path': 'it runs only when something failed',
  unknown: 'what `{source}` is cannot be told here',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

export default defineRule({
  id: 'rust/hot-clone',
  tier: 'C',
  severity: 'information',
  summary: 'A hot path copies a value that owns heap memory where a borrow or a move serves',
  note: {
    why: 'A clone of what owns heap memory allocates and copies each time. On a path that runs per request this is what the allocator keeps for the next peak.',
    arithmetic: 'bytes owned by the value × how often it runs per second',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    for (const fn of pkg.serviceFunctions) {
      new Checker(fn, report).check();
    }
  },
});

/** A copy that may be on a hot path. */
interface Candidate {
  readonly copy: Copy;
  /** Takes a look at all callers, which most copies are not worth: they are needed. Undefined where it is cold. */
  readonly heat: () => Heat | undefined;
}

/** What stands in `debug!` and `trace!` is computed only where that level is logged. */
function isSwitchedOff(code: Code, n: NodeId): boolean {
  return (
    code.ancestor(n, (a) => code.kind(a) === Kind.Macro && /(^|::)(debug|trace)$/.test(code.name(a))) >= 0
  );
}

/** One text or path, which is short as a rule. */
function isText({ decl, name, args }: TypeRef): boolean {
  if (decl) return false;
  const last = lastSegment(name);
  return last === 'Option' && args[0] ? isText(args[0]) : /^(String|str|OsString|PathBuf|Path)$/.test(last);
}

/** A type of the workspace or of a library, no primitive one. */
function isNamed({ decl, name }: TypeRef): boolean {
  return decl !== undefined || /^[A-Z]/.test(lastSegment(name));
}

class Checker {
  readonly #fn: Fn;
  readonly #report: Report;
  readonly #copies: RustCopies;
  readonly #uses: RustUses;
  readonly #values: RustValues;
  readonly #heats: Heats;

  constructor(fn: Fn, report: Report) {
    const { program } = fn.package;
    this.#fn = fn;
    this.#report = report;
    this.#copies = RustCopies.of(program);
    this.#uses = RustUses.of(program);
    this.#values = RustValues.of(program);
    this.#heats = Heats.of(program);
  }

  check(): void {
    const { first: body, after } = this.#fn;
    for (
      let n = this.#fn.code.next(CALLS, body, after);
      n < after;
      n = this.#fn.code.next(CALLS, n + 1, after)
    )
      this.#node(n);
  }

  #node(n: NodeId): void {
    const fn = this.#fn;
    const copy = this.#copies.at(fn, n);
    if (!copy) {
      this.#gotten(n);
      return;
    }
    // `clone` of a reference and `cloned` of numbers are nothing to explain.
    if (copy !== 'unknown' && copy.cost === 'cheap' && !isNamed(copy.type)) return;
    const heat = () => this.#heats.at(fn, n) ?? this.#perCall(copy);
    // Nobody asks why a cold one is fine.
    if (this.#report.explains && !heat()) return;
    if (copy === 'unknown' || copy.cost === 'unknown') {
      const source = fn.code.child(n, Role.Object);
      this.#exempt('unknown', n, { source: written(fn.code, source) });
      return;
    }
    if (copy.cost === 'cheap') {
      this.#exempt('cheap', n, { type: nameOf(copy.type) });
      return;
    }
    if (onErrorPath(fn, n)) {
      this.#exempt('error-path', n);
      return;
    }
    this.#judge({ copy, heat });
  }

  /** `relation.schema().position(name)` for each row, where `schema` gives a copy of what it holds. */
  #gotten(n: NodeId): void {
    const fn = this.#fn;
    const [getter] = copyingGetters(fn, n);
    if (!getter) return;
    const heat = () => this.#heats.at(fn, n);
    if (heat()?.level !== 'hot') return;
    if (!this.#onlyLooks({ fn, node: n, kind: 'call' }) && !this.#looksByName(n, getter.copy.type)) return;
    const copy = { ...getter.copy, node: n, source: fn.code.child(n, Role.Object) };
    this.#find({ copy, heat }, 'getter', []);
  }

  /** `let schema = relation.schema(); schema.position(name)`, where only the getter tells what type it is. */
  #looksByName(n: NodeId, { decl }: TypeRef): boolean {
    const fn = this.#fn;
    const { code } = fn;
    const use = this.#uses.of(fn, n);
    const mentions = use.kind === 'bound' ? this.#uses.mentions(fn, use.binding) : [];
    return (
      decl !== undefined &&
      mentions.length > 0 &&
      mentions.every((m) => {
        const up = code.parent(m);
        if (code.is(up, Kind.Unary, '&')) return true;
        const [method] = code.is(up, Kind.MethodCall)
          ? Values.of(fn.package.program).methodsOfDecl(decl, code.name(up))
          : [];
        return (
          code.role(m) === Role.Object &&
          method?.fact.receiverByReference === true &&
          !method.fact.receiverMutable
        );
      })
    );
  }

  /**
   * A whole collection is copied out of its lock by what is offered to others, or for each request that others bring: each call
   * of theirs pays for all of it.
   */
  #perCall(copy: Copy | 'unknown'): Heat | undefined {
    const fn = this.#fn;
    if (copy === 'unknown' || copy.cost !== 'collection') return undefined;
    if (!takesLock(fn.code, copy.source))
      return isOwnPart(fn, copy.source) ? servesCalls(fn, copy.node) : undefined;
    const { api, startup } = Phases.of(fn.package.program).at(fn, copy.node);
    return api && !startup
      ? { level: 'warm', evidence: { why: 'each call copies all of it', at: fn.place(copy.node) } }
      : undefined;
  }

  #judge(c: Candidate): void {
    const fn = this.#fn;
    const { copy } = c;
    const use = this.#uses.of(fn, copy.node);
    const root = this.#uses.root(fn, copy.source);
    if (use.kind === 'returned' && (this.#sortKey(c) || this.#lent(c, root))) return;
    switch (use.kind) {
      case 'look':
      case 'part':
        this.#temporary(c, use, root);
        return;
      case 'bound':
        this.#bound(c, use.binding, use.statement, root);
        return;
      case 'mutated':
        if (!this.#moved(c, root)) this.#exempt('mutated', copy.node);
        return;
      case 'assigned':
        if (!this.#moved(c, root) && !this.#assigned(c, use.assign))
          this.#exempt('stored', copy.node, { by: 'the assignment' });
        return;
      case 'argument':
        if (
          !this.#moved(c, root) &&
          !this.#onlyReads(c) &&
          !this.#rewrapped(c, root) &&
          !this.#kept(c, root) &&
          !this.#shared(c, root)
        )
          this.#exempt('argument', copy.node, { by: use.by });
        return;
      default:
        if (
          !this.#moved(c, root) &&
          !this.#iterated(c, root) &&
          !this.#shared(c, root) &&
          !this.#handedOn(c, root)
        )
          this.#exempt(use.kind, copy.node, { by: use.by });
    }
  }

  /**
   * A collection is copied so that the lock around it is let go, and who gets it under load only reads it: an `Arc` in the
   * lock is a handle that costs nothing to copy.
   */
  #lent({ copy, heat: heatOf }: Candidate, root: Root | undefined): boolean {
    const fn = this.#fn;
    if (!/^cloned?$/.test(copy.verb) || copy.cost !== 'collection' || !this.#isLocked(copy, root))
      return false;
    const sites = Calls.of(fn.package.program)
      .sitesOf(fn)
      .filter((site) => !site.fn.isTest);
    // Of one entry those who change it would have to copy it themselves; behind a trait there are other ways to answer.
    const isWhole = copy.type.decl === undefined && copy.verb === 'clone';
    const isOnlySeen = sites.every((site) => site.kind === 'call' && this.#onlyLooks(site));
    if (!isWhole && (fn.fact.trait !== '' || !isOnlySeen)) return false;
    const reader = sites.find(
      (site) => site.kind === 'call' && !site.guess && this.#isHot(site) && this.#onlyLooks(site),
    );
    const heat = reader && heatOf();
    if (!heat) return false;
    this.#report.find({
      message: 'lent',
      at: fn.place(copy.node),
      confidence: heat.level === 'warm' ? 'low' : 'medium',
      related: [{ ...reader.fn.place(reader.node), message: 'read here, for each request' }],
      data: { fn: fn.label, type: nameOf(optional(copy.type)), caller: reader.fn.label },
    });
    return true;
  }

  /** What is copied lies in a lock, or is an entry of a map that locks its shards: `cards.get(&id).map(|card| card.clone())`. */
  #isLocked({ node, source }: Copy, root: Root | undefined): boolean {
    const fn = this.#fn;
    const { code } = fn;
    const isAnswer = (n: NodeId) => answersOf(fn, 0).some((answer) => code.within(n, answer));
    if (root && (takesLock(code, source) || this.#isGuard(root))) return isAnswer(node);
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    const map = closure < fn.first ? -1 : code.parent(closure);
    if (!code.is(map, Kind.MethodCall, 'map') || !isAnswer(map)) return false;
    if (this.#uses.of(fn, map).kind !== 'returned') return false;
    const entry = this.#uses.root(fn, code.child(map, Role.Object));
    return entry !== undefined && (entry.locked || this.#isGuard(entry));
  }

  /** `let rules = self.rules.read().unwrap(); rules.clone()`, `rules.get(&id).cloned()` */
  #isGuard({ binding }: Root): boolean {
    return binding?.source === 'value' && binding.value >= 0 && takesLock(this.#fn.code, binding.value);
  }

  #isHot({ fn, node }: CallSite): boolean {
    return /^(request|hot)$/.test(this.#heats.at(fn, node)?.level ?? '');
  }

  /** What a call gives is looked at and dropped. */
  #onlyLooks({ fn, node }: CallSite): boolean {
    const { code } = fn;
    let n = node;
    for (let up = code.parent(n); opensAt(code, up, n); up = code.parent(n)) n = up;
    const use = this.#uses.of(fn, n);
    if (use.kind === 'look' || use.kind === 'part') return true;
    // `let rules = book.snapshot(); score(&rules, &payment).await`, `let Some(page) = pages.find(path) else { … }`
    const binds = use.kind === 'bound' ? [use.binding] : use.kind === 'consumed' ? boundAt(code, n) : [];
    return (
      binds.length > 0 &&
      binds.every((bind) => {
        const later = this.#uses.ofBinding(fn, bind).use;
        return later !== 'task' && later.kind === 'look';
      })
    );
  }

  /** Many times per request, or once for a whole collection, as seen from close by. */
  #isProven({ level, byInput }: Heat, { cost, node, type }: Copy): boolean {
    if (!byInput && isText(type) && !this.#isOfMany(node)) return false;
    if (level === 'hot') return byInput || provenHot(this.#fn, node) !== undefined;
    return level === 'request' && cost === 'collection' && provenRequest(this.#fn, node) !== undefined;
  }

  /** The loop around a node goes over an input, or is one of several: one text for each of a few things is nothing. */
  #isOfMany(node: NodeId): boolean {
    const phases = Phases.of(this.#fn.package.program);
    const loops = phases.turns(this.#fn, node).filter((l) => !phases.isServiceLoop(this.#fn, l));
    return loops.length > 1 || loops.some((l) => readsInput(this.#fn, l));
  }

  // --- the copy is a temporary

  #temporary(c: Candidate, use: Extract<Use, { kind: 'look' | 'part' }>, root: Root | undefined): void {
    const fn = this.#fn;
    const { copy } = c;
    const code = fn.code;
    const until = use.kind === 'look' ? use.until : use.field;
    const parent = code.parent(copy.node);
    if (!sameValue(copy) && code.is(parent, Kind.Unary, '&') && this.#needsOwned(parent)) {
      this.#exempt('argument', copy.node, { by: 'the callee' });
      return;
    }
    if (root && !root.locked) {
      // A temporary in the head of a loop or match lives as long as the body.
      const changed = this.#uses.changed(fn, root, code.end(copy.node), this.#uses.lasting(fn, until));
      if (changed >= 0) {
        this.#exempt('source-changes', copy.node, { source: written(code, copy.source) });
        return;
      }
      if (this.#lenderChanged(copy, root, code.start(until), code.end(until))) {
        this.#exempt('source-changes', copy.node, { source: written(code, copy.source) });
        return;
      }
    }
    // `*boxed.clone()` takes the value out of the copy: all of it is wanted.
    if (use.kind === 'part' && code.kind(use.field) === Kind.Unary) {
      this.#exempt('consumed', copy.node, { by: '`*`' });
      return;
    }
    if (this.#ownedBeside(copy, until)) {
      this.#exempt('consumed', copy.node, { by: 'the other branch' });
      return;
    }
    const message = use.kind === 'part' ? 'part' : 'temporary';
    this.#find(c, message, this.#temporaryFix(c, use));
  }

  /** The source is part of what a call changes meanwhile: `self.rename(&name.clone())` with a `name` out of `self`. */
  #lenderChanged({ from }: Copy, root: Root, start: number, end: number): boolean {
    const fn = this.#fn;
    if (root.base < 0) return false;
    const type = this.#values.typeOf(fn, root.base);
    return (
      (isReference(from) || (type !== undefined && isReference(type))) &&
      this.#uses.lenderChanged(fn, root, start, end)
    );
  }

  /** `match limit { Some(n) => format!("{n}ms"), None => "none".to_string() }`: another branch has no text to lend. */
  #ownedBeside(copy: Copy, until: NodeId): boolean {
    const { code } = this.#fn;
    if (sameType(copy.from, copy.type)) return false;
    for (let at = copy.node, up = code.parent(at); up >= 0 && at !== until; at = up, up = code.parent(up)) {
      const kind = code.kind(up);
      const siblings =
        kind === Kind.If && code.role(at) !== Role.Condition
          ? [code.child(up, Role.Then), code.child(up, Role.Else)]
          : kind === Kind.Match && code.role(at) === Role.Arm
            ? code.all(up, Role.Arm).map((arm) => code.child(arm, Role.Body))
            : [];
      if (siblings.some((s) => s >= 0 && !code.within(copy.node, s) && this.#makesText(s))) return true;
    }
    return false;
  }

  /** What a branch gives is written for it. */
  #makesText(branch: NodeId): boolean {
    const { code } = this.#fn;
    const tail = code.kind(branch) === Kind.Block ? (code.children(branch).at(-1) ?? -1) : branch;
    return tail >= 0 && code.kind(tail) === Kind.Macro && /(^|::)format$/.test(code.name(tail));
  }

  #temporaryFix(c: Candidate, use: Extract<Use, { kind: 'look' | 'part' }>): Fix[] {
    const { copy } = c;
    const code = this.#fn.code;
    const parent = code.parent(copy.node);
    const source = () => this.#text(copy.source);
    const borrowed = () => this.#borrowed(copy);
    if (use.kind === 'part') {
      const field = use.field;
      if (!code.is(parent, Kind.Field) || parent !== field || !this.#values.typeOf(this.#fn, field))
        return [];
      const name = code.name(field);
      const title = `Clone only \`${name}\``;
      return [this.#fix(title, 'machine-applicable', field, () => `${source()}.${name}.clone()`)];
    }
    const title = copy.verb === 'String::from' ? 'Use the text itself' : `Remove \`.${copy.verb}()\``;
    const remove = () =>
      copy.verb === 'String::from'
        ? this.#fix(title, 'machine-applicable', copy.node, source)
        : this.#remove(title, copy);
    switch (code.kind(parent)) {
      case Kind.MethodCall: {
        if (code.role(copy.node) !== Role.Object)
          return [this.#fix('Borrow it', 'maybe-incorrect', copy.node, borrowed)];
        // `x.to_string().as_str()`: the borrowed form needs neither.
        if (/^as_(str|slice|path|os_str|ref)$/.test(code.name(parent)) && !sameType(copy.from, copy.type)) {
          if (!isReference(copy.from)) return [];
          const both = `Remove \`.${copy.verb}().${code.name(parent)}()\``;
          return [this.#fix(both, 'machine-applicable', parent, borrowed)];
        }
        return this.#hasMethod(copy, code.name(parent)) ? [remove()] : [];
      }
      case Kind.Field:
      case Kind.Index:
      case Kind.Slice:
        return copy.verb === 'clone' ? [remove()] : [];
      case Kind.Unary: {
        if (code.name(parent) !== '&') return [];
        const argument = code.parent(parent);
        const lookup =
          code.kind(argument) === Kind.MethodCall &&
          rustBorrowingLookups.has(code.name(argument)) &&
          code.role(parent) === Role.Arg;
        if (lastSegment(copy.from.name) === 'Cow')
          return lookup
            ? [this.#fix('Borrow it', 'machine-applicable', parent, () => `${source()}.as_ref()`)]
            : [];
        // A list compares whole elements: `contains` takes nothing but a reference to one.
        if (lookup && code.name(argument) === 'contains' && !sameValue(copy))
          return this.#containsFix(argument, copy);
        const sure = sameValue(copy) || lookup || this.#uses.wants(this.#fn, parent) === 'borrowed';
        return [this.#fix('Borrow it', sure ? 'machine-applicable' : 'maybe-incorrect', parent, borrowed)];
      }
      case Kind.Binary:
        return isReference(copy.from) && sameValue(copy)
          ? [this.#fix('Compare what it refers to', 'maybe-incorrect', copy.node, () => `*${source()}`)]
          : [remove()];
      case Kind.Macro:
        // Both sides of `assert_eq!` must stay of types that compare.
        return /assert/.test(code.name(parent)) && isReference(copy.from) ? [] : [remove()];
      case Kind.FieldInit:
        return [remove()];
      case Kind.Call:
        return [this.#fix('Borrow it', 'maybe-incorrect', copy.node, borrowed)];
      default:
        return [];
    }
  }

  /** A reference that the borrowed form may not give: the callee asks for `&String`, or nobody knows what for. */
  #needsOwned(reference: NodeId): boolean {
    const code = this.#fn.code;
    const call = code.parent(reference);
    const kind = code.kind(call);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
    const lookup =
      kind === Kind.MethodCall &&
      code.role(reference) === Role.Arg &&
      rustBorrowingLookups.has(code.name(call));
    const wanted = this.#uses.wants(this.#fn, reference);
    return wanted === 'owned' || (wanted === 'unknown' && !lookup);
  }

  #containsFix(call: NodeId, copy: Copy): Fix[] {
    const code = this.#fn.code;
    const object = code.child(call, Role.Object);
    const type = this.#values.typeOf(this.#fn, object);
    const within = type && this.#values.derefs(type).map((t) => (t.decl ? '' : lastSegment(t.name)));
    if (!within || !isReference(copy.from)) return [];
    if (within.some((t) => /Set$/.test(t)))
      return [
        this.#fix('Borrow it', 'machine-applicable', code.parent(copy.node), () => this.#borrowed(copy)),
      ];
    if (!within.some((t) => /^(Vec|slice|array|VecDeque)$/.test(t))) return [];
    const text = () => `${this.#text(object)}.iter().any(|item| item == ${this.#text(copy.source)})`;
    return [this.#fix('Compare with `iter().any`', 'machine-applicable', call, text)];
  }

  /** True when the next method can be called on the source as well: its own, or that of the borrowed form. */
  #hasMethod(copy: Copy, method: string): boolean {
    // A reference to a list has no default.
    if (copy.verb === 'cloned' && method === 'unwrap_or_default') return false;
    if (sameType(copy.from, copy.type)) return true;
    // What `String` has and `str` has not.
    return !/^(as_str|capacity|into_bytes|as_mut_str|as_path|as_slice)$/.test(method);
  }

  /** The source as an expression that is a reference. */
  #borrowed(copy: Copy): string {
    const text = this.#text(copy.source);
    return isReference(copy.from) ? text : `&${text}`;
  }

  // --- the copy has a name

  #bound(c: Candidate, bind: NodeId, statement: NodeId, root: Root | undefined): void {
    const fn = this.#fn;
    const code = fn.code;
    const { copy } = c;
    const { use, end, offsets } = this.#uses.ofBinding(fn, bind);
    const name = code.name(bind);
    if (use === 'task') {
      if (!this.#moved(c, root) && !this.#readByTask(c, bind, root))
        this.#exempt('task', copy.node, { name });
      return;
    }
    if (use.kind !== 'look') {
      if (this.#moved(c, root) || this.#iteratedByName(c, bind, root)) return;
      if (use.kind === 'mutated') this.#exempt('mutated', copy.node);
      else if (use.kind === 'part' || use.kind === 'bound' || use.kind === 'assigned')
        this.#exempt('consumed', copy.node, { by: 'a later use' });
      else this.#exempt(use.kind, copy.node, { by: use.by });
      return;
    }
    const moved = this.#uses.mentions(fn, bind).find((m) => this.#isMovedCopy(m));
    if (moved !== undefined) {
      this.#exempt('consumed', copy.node, { by: `\`${written(code, code.parent(moved))}\`` });
      return;
    }
    // A clone of the borrowed form would be a reference, or a Cow, where an owned value was.
    const cloned = this.#uses
      .mentions(fn, bind)
      .find((m) => code.role(m) === Role.Object && code.is(code.parent(m), Kind.MethodCall, 'clone'));
    if (cloned !== undefined && !sameValue(copy)) {
      this.#exempt('consumed', copy.node, { by: `\`${written(code, code.parent(cloned))}\`` });
      return;
    }
    if (name.startsWith('_') && this.#uses.mentions(fn, bind).length === 0) return;
    // A Cow borrows from what made it; the copy of any other new value has nothing to borrow from.
    const cow = lastSegment(copy.from.name) === 'Cow';
    const roots = root ? [root] : cow ? this.#uses.roots(fn, copy.source) : [];
    if (roots.length === 0) {
      this.#exempt('consumed', copy.node, { by: 'the name' });
      return;
    }
    if (roots.some((r) => r.locked)) {
      if (!this.#lookedUp(c, bind, end)) this.#exempt('lock', copy.node);
      return;
    }
    const from = code.end(copy.node);
    if (
      roots.some(
        (r) => this.#uses.changed(fn, r, from, end, offsets) >= 0 || this.#lenderChanged(copy, r, from, end),
      )
    ) {
      this.#exempt('source-changes', copy.node, { source: written(code, copy.source) });
      return;
    }
    const references = this.#uses
      .mentions(fn, bind)
      .map((m) => code.parent(m))
      .filter((up) => code.is(up, Kind.Unary, '&'));
    if (!sameValue(copy) && references.some((up) => this.#needsOwned(up))) {
      this.#exempt('argument', copy.node, { by: 'the callee' });
      return;
    }
    this.#find(c, 'binding', this.#bindingFix(c, bind, statement), { name });
  }

  /** `name.clone()` that could take the name's value itself: then the name is the one copy that is needed. */
  #isMovedCopy(name: NodeId): boolean {
    const code = this.#fn.code;
    let place = name;
    while (code.kind(code.parent(place)) === Kind.Field) place = code.parent(place);
    const parent = code.parent(place);
    const inner = parent < 0 ? undefined : this.#copies.at(this.#fn, parent);
    if (!inner || inner === 'unknown' || code.child(parent, Role.Object) !== place) return false;
    const use = this.#uses.of(this.#fn, parent);
    const root = this.#uses.root(this.#fn, place);
    return use.kind !== 'look' && use.kind !== 'part' && !!root && this.#uses.movable(this.#fn, root, parent);
  }

  #bindingFix(c: Candidate, bind: NodeId, statement: NodeId): Fix[] {
    const { copy } = c;
    const fn = this.#fn;
    const code = fn.code;
    if (code.child(statement, Role.Type) >= 0 || copy.verb === 'cloned') return [];
    const cow = copy.verb === 'into_owned' || lastSegment(copy.from.name) === 'Cow';
    const { file } = fn.file.facts;
    const edits: Edit[] = [];
    let sure = true;
    for (const m of this.#uses.mentions(fn, bind)) {
      const up = code.parent(m);
      if (code.is(up, Kind.Unary, '&')) {
        // `&name` would be a reference to a reference, which generic parameters do not look through.
        if (cow) continue;
        if (!sameValue(copy)) {
          const method = code.parent(up);
          if (code.is(method, Kind.MethodCall, 'contains')) return [];
          const lookup = code.kind(method) === Kind.MethodCall && rustBorrowingLookups.has(code.name(method));
          if (!lookup && this.#uses.wants(fn, up) !== 'borrowed') sure = false;
        }
        edits.push({ file, span: { start: code.start(up), end: code.start(m) }, newText: '' });
      } else if (code.kind(up) === Kind.Binary) {
        const other = code.children(up).find((x) => x !== m);
        if (other === undefined || code.kind(other) !== Kind.String) sure = false;
      } else if (code.kind(up) === Kind.Unary || code.kind(up) === Kind.Match || code.kind(up) === Kind.Call)
        sure = false;
      else if (code.kind(up) === Kind.MethodCall && code.role(m) === Role.Arg) sure = false;
      else if (code.kind(up) === Kind.MethodCall && !this.#hasMethod(copy, code.name(up))) return [];
    }
    return [
      {
        title: cow ? 'Keep what is borrowed' : 'Borrow it',
        applicability: sure ? 'machine-applicable' : 'maybe-incorrect',
        edits: () => [
          {
            file,
            span: code.span(copy.node),
            newText: cow ? this.#text(copy.source) : this.#borrowed(copy),
          },
          ...edits,
        ],
      },
    ];
  }

  // --- the source could be moved

  #moved(c: Candidate, root: Root | undefined): boolean {
    const { copy } = c;
    if (!root || !['clone', 'to_owned', 'to_string', 'to_vec', 'to_path_buf'].includes(copy.verb))
      return false;
    if (!sameType(copy.from, copy.type) || !this.#uses.movable(this.#fn, root, copy.node)) return false;
    if (this.#mentionedLater(copy, root)) return false;
    this.#find(c, 'moved', [this.#remove(`Remove \`.${copy.verb}()\``, copy)]);
    return true;
  }

  /** What stands in a macro is read by tokens, so that a name may have been overlooked there: the text decides. */
  #mentionedLater(copy: Copy, root: Root): boolean {
    const fn = this.#fn;
    const code = fn.code;
    const known = root.binding ? this.#uses.mentions(fn, root.binding.node) : [];
    const word = new RegExp(`(?<![\\w.])${code.name(root.base)}\\b`, 'g');
    const { after } = fn;
    for (let n = copy.node + 1; n < after; n++) {
      if (code.kind(n) !== Kind.Macro || code.start(n) < code.end(copy.node)) continue;
      const seen = known.filter((m) => code.within(m, n)).length;
      if ((this.#text(n).match(word) ?? []).length > seen) return true;
    }
    return false;
  }

  /** `f(x.clone())` where `f` takes a value and only looks at it. */
  #onlyReads(c: Candidate): boolean {
    const { copy } = c;
    // Text for a callee that asks for a `String` is how most are called.
    const asks = sameValue(copy) || copy.verb === 'to_vec';
    const reader = asks ? this.#uses.reader(this.#fn, copy.node) : undefined;
    if (!reader) return false;
    const { code } = this.#fn;
    const call = code.parent(copy.node);
    const root = this.#uses.root(this.#fn, copy.source);
    if (root && this.#lenderChanged(copy, root, code.start(call), code.end(call))) return false;
    // Another form of it, its elements by value, or a trait ask for more than a `&` in one signature.
    const fixes = sameValue(copy) && !reader.elements && !reader.ofTrait ? this.#signatureFix(reader) : [];
    this.#find(c, 'callee', fixes, { name: (reader.ofTrait ?? reader.fn).label });
    return true;
  }

  /** Takes the parameter by reference, in the function and wherever it is called. Tests are not looked through. */
  #signatureFix(reader: { readonly fn: Fn; readonly param: NodeId; readonly bind: NodeId }): Fix[] {
    const target = reader.fn;
    const type = target.code.child(reader.param, Role.Type);
    const index = target.fact.params.indexOf(reader.param);
    const sites = Calls.of(target.package.program).sitesOf(target);
    if (type < 0 || sites.length > 8 || sites.some((s) => s.kind !== 'call')) return [];
    const edits = (): Edit[] => {
      const at = target.code.start(type);
      const out: Edit[] = [{ file: target.file.facts.file, span: { start: at, end: at }, newText: '&' }];
      for (const m of this.#uses.mentions(target, reader.bind)) {
        const up = target.code.parent(m);
        if (target.code.is(up, Kind.Unary, '&'))
          out.push({
            file: target.file.facts.file,
            span: { start: target.code.start(up), end: target.code.start(m) },
            newText: '',
          });
      }
      for (const site of sites) {
        const argument = site.fn.code.all(site.node, Role.Arg)[index];
        if (argument === undefined) continue;
        const { file } = site.fn.file.facts;
        const text = site.fn.package.text(file);
        const made = this.#copies.at(site.fn, argument);
        const span = site.fn.code.span(argument);
        const source = made && made !== 'unknown' && sameValue(made) ? made : undefined;
        const inner = source ? site.fn.code.span(source.source) : span;
        const sign = source && isReference(source.from) ? '' : '&';
        out.push({ file, span, newText: sign + text.slice(inner.start, inner.end) });
      }
      return out;
    };
    return [{ title: `Let \`${target.fact.name}\` borrow it`, applicability: 'maybe-incorrect', edits }];
  }

  /** `let rules = self.rules.clone(); for rule in rules { … }`: the name is there for the loop alone. */
  #iteratedByName(c: Candidate, bind: NodeId, root: Root | undefined): boolean {
    const [mention, ...others] = this.#uses.mentions(this.#fn, bind);
    return mention !== undefined && others.length === 0 && this.#iterated(c, root, mention);
  }

  /** `for lot in order.lots.clone()`, where nothing in the loop changes what is gone over. */
  #iterated(c: Candidate, root: Root | undefined, iter = c.copy.node): boolean {
    const fn = this.#fn;
    const { code } = fn;
    const { copy } = c;
    const loop = code.parent(iter);
    if (code.kind(loop) !== Kind.Loop || code.role(iter) !== Role.Iter || !root || root.locked) return false;
    if (copy.cost !== 'collection' || !rustLists.test(lastSegment(copy.type.name))) return false;
    const [of] = copy.type.args;
    const isPlain = of !== undefined && rustPlainTypes.test(of.name);
    const element = code.child(loop, Role.Pattern);
    const mentions = code.kind(element) === Kind.Bind ? this.#uses.mentions(fn, element) : [];
    // An element that is kept has to be a copy anyway.
    if (!isPlain && !mentions.every((m) => this.#uses.of(fn, m).kind === 'look')) return false;
    if (this.#uses.changed(fn, root, code.end(copy.node), code.end(loop)) >= 0) {
      this.#exempt('source-changes', copy.node, { source: written(code, copy.source) });
      return true;
    }
    const fix =
      iter !== copy.node && isPlain
        ? undefined
        : isPlain
          ? this.#fix(
              'Go over it',
              'machine-applicable',
              copy.node,
              () => `${this.#text(copy.source)}.iter().copied()`,
            )
          : this.#fix('Go over it', 'maybe-incorrect', copy.node, () => this.#borrowed(copy));
    this.#find(c, 'iterated', fix ? [fix] : []);
    return true;
  }

  /**
   * `let rates = self.rates.read().await.clone(); rates.get(&id)`: a whole collection, to find one thing in it. Nothing is
   * waited for and nothing of the program's own is done before that, so that the lock would be held no longer than it takes
   * to copy.
   */
  #lookedUp(c: Candidate, bind: NodeId, end: number): boolean {
    const fn = this.#fn;
    const { code } = fn;
    const { copy } = c;
    if (copy.verb !== 'clone' || copy.cost !== 'collection' || !takesLock(code, copy.source)) return false;
    const values = Values.of(fn.package.program);
    if (!copy.type.decl && container(values.types, copy.type) === undefined) return false;
    const mentions = this.#uses.mentions(fn, bind);
    const mention = mentions.at(-1);
    if (mention === undefined || !mentions.every((m) => this.#looksInto(m, mentions.length > 1)))
      return false;
    for (let n = code.after(copy.node); n < fn.after && code.start(n) < end; n++)
      if (code.kind(n) === Kind.Await && code.start(n) > code.end(copy.node)) return false;
    // It may be called on the guard: between the copy and the look there is nothing that takes long.
    const statement = code.ancestor(copy.node, (a) => code.kind(a) === Kind.Let);
    const user = code.ancestor(mention, (a) => code.kind(code.parent(a)) === Kind.Block);
    if (statement < 0 || code.parent(statement) !== code.parent(user)) return false;
    for (let n = code.after(statement); n < user; n++) {
      const isCall = code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall;
      if (isCall && (values.callees(fn, n).length > 0 || !isAtomic(code, n))) return false;
    }
    this.#find(c, 'looked', []);
    return true;
  }

  /** `rates.get(&id)`, and of several looks also one at a part: `table.routes.get(&key)`, `table.fallback.clone()`. */
  #looksInto(mention: NodeId, orPart: boolean): boolean {
    const fn = this.#fn;
    const { code } = fn;
    let n = mention;
    while (orPart && code.is(code.parent(n), Kind.Field)) n = code.parent(n);
    const call = code.parent(n);
    if (code.role(n) !== Role.Object || !code.is(call, Kind.MethodCall)) return false;
    if (rustLooksInto.has(code.name(call)) || (n !== mention && code.name(call) === 'clone')) return true;
    return onlyLooks(Values.of(fn.package.program).callees(fn, call));
  }

  /** `for client in &clients { client.send(frame.clone()) }`: the same bytes, once for each of them. */
  #shared(c: Candidate, root: Root | undefined): boolean {
    const { code } = this.#fn;
    const { copy } = c;
    const call = code.parent(copy.node);
    if (!root?.binding || code.kind(call) !== Kind.MethodCall || !this.#handsOver(call, copy.node))
      return false;
    const name = lastSegment(copy.type.name);
    const handle =
      rustShared[nameOf(copy.type)] ?? rustShared[name] ?? (copy.type.decl ? `Arc<${name}>` : undefined);
    const loop = this.#roundOf(copy.node);
    if (handle === undefined || copy.source !== root.base || loop < 0) return false;
    // What the turn makes is another one each time, and what is waited for anew as well.
    if (code.within(root.binding.node, loop)) return false;
    if (this.#uses.changed(this.#fn, root, code.start(loop), code.end(loop)) >= 0) return false;
    this.#find(c, 'shared', [], { handle });
    return true;
  }

  /** A `for` loop, or a closure that is called for each of many: `members.retain(|m| m.offer(frame.clone()))`; or -1. */
  #roundOf(node: NodeId): NodeId {
    const { code, first } = this.#fn;
    const round = code.ancestor(node, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.Closure);
    if (round < first) return -1;
    if (code.kind(round) === Kind.Loop) return code.name(round) === 'for' ? round : -1;
    return code.is(code.parent(round), Kind.MethodCall) && rustPerElement.has(code.name(code.parent(round)))
      ? round
      : -1;
  }

  /** The call puts what it is given into a channel, itself or in an own method that does nothing else with it. */
  #handsOver(call: NodeId, given: NodeId): boolean {
    const fn = this.#fn;
    const { code } = fn;
    if (sendingMethods.has(code.name(call))) return true;
    const [target, ...others] = Values.of(fn.package.program).callees(fn, call);
    if (!target || others.length > 0) return false;
    const param = target.fact.params[code.all(call, Role.Arg).indexOf(given)];
    const bind = param === undefined ? -1 : target.code.child(param, Role.Pattern);
    const [mention, ...more] = bind < 0 ? [] : this.#uses.mentions(target, bind);
    const send = mention === undefined ? -1 : target.code.parent(mention);
    return (
      more.length === 0 && target.code.is(send, Kind.MethodCall) && sendingMethods.has(target.code.name(send))
    );
  }

  // --- an `Arc` would do

  /** `Arc::new(self.policy.clone())`: what is shared from now on could have been shared all along. */
  #rewrapped(c: Candidate, root: Root | undefined): boolean {
    const { code } = this.#fn;
    const call = code.parent(c.copy.node);
    const callee = code.kind(call) === Kind.Call ? code.child(call, Role.Callee) : -1;
    if (callee < 0 || !/(^|::)A?rc::(new|from)$/.test(code.name(callee))) return false;
    if (!this.#isOwnField(c, root)) return false;
    this.#find(c, 'handle', []);
    return true;
  }

  /** `router.clone().persist(docs)` that only reads it, `Candidate { account: self.account.clone(), note }` that nobody changes. */
  #handedOn(c: Candidate, root: Root | undefined): boolean {
    const fn = this.#fn;
    const { copy } = c;
    if (copy.verb !== 'clone' || copy.cost !== 'collection' || !copy.type.decl || !root || root.locked)
      return false;
    const isRead = isReadByOwnMethod(fn, copy);
    if (!isRead && !(this.#isOwnField(c, root) && isSnapshot(fn, copy))) return false;
    this.#find(c, 'handle', []);
    return true;
  }

  /** `Request::new(url, self.defaults.clone())`, which puts it into a field that nobody changes. */
  #kept(c: Candidate, root: Root | undefined): boolean {
    const fn = this.#fn;
    const { copy } = c;
    if (!this.#isOwnField(c, root)) return false;
    const held = copy.type.decl;
    if (!held && !rustLists.test(lastSegment(copy.type.name))) return false;
    const call = fn.code.parent(copy.node);
    const values = Values.of(fn.package.program);
    const [target, ...others] = values.callees(fn, call);
    if (!target || others.length > 0) return false;
    const param = target.fact.params[fn.code.all(call, Role.Arg).indexOf(copy.node)];
    const bind = param === undefined ? -1 : target.code.child(param, Role.Pattern);
    const [mention, ...more] = bind < 0 ? [] : this.#uses.mentions(target, bind);
    const field = mention === undefined ? -1 : target.code.parent(mention);
    if (more.length > 0 || !target.code.is(field, Kind.FieldInit)) return false;
    const made = values.typeOf(target, target.code.parent(field))?.decl;
    const part = target.code.name(field);
    if (
      !made ||
      !(held ? this.#isNeverChanged(made, part, held) : isNeverChangedPart(fn.package.program, made, part))
    )
      return false;
    this.#find(c, 'handle', []);
    return true;
  }

  /** `let server = self.clone(); tokio::spawn(async move { server.answer(stream).await })` once for each connection. */
  #readByTask(c: Candidate, bind: NodeId, root: Root | undefined): boolean {
    const fn = this.#fn;
    const { code } = fn;
    const { copy } = c;
    const { decl } = copy.type;
    if (copy.verb !== 'clone' || copy.cost !== 'collection' || !decl || !root || root.locked) return false;
    const loop = code.ancestor(copy.node, (a) => code.kind(a) === Kind.Loop);
    const isOld = root.binding ? !code.within(root.binding.node, Math.max(loop, fn.first)) : true;
    const values = Values.of(fn.package.program);
    const isRead = (m: NodeId) => {
      const up = code.parent(m);
      if (code.role(m) === Role.Arg) return this.#uses.reader(fn, m) !== undefined;
      if (code.role(m) !== Role.Object) return false;
      if (code.kind(up) === Kind.Field) return code.kind(code.parent(up)) !== Kind.Assign;
      const targets = code.kind(up) === Kind.MethodCall ? values.callees(fn, up) : [];
      return (
        targets.length > 0 &&
        targets.every(
          ({ fact }) => fact.receiverByReference && !fact.receiverMutable && fact.owner === decl.fact.name,
        )
      );
    };
    const mentions = this.#uses.mentions(fn, bind);
    if (!isOld || mentions.length === 0 || !mentions.every(isRead)) return false;
    this.#find(c, 'handle', []);
    return true;
  }

  /** A part of what the method belongs to, which lives on: the same is copied each time. */
  #isOwnField({ copy }: Candidate, root: Root | undefined): boolean {
    return (
      copy.verb === 'clone' &&
      copy.cost === 'collection' &&
      root !== undefined &&
      !root.locked &&
      isOwnPart(this.#fn, copy.source)
    );
  }

  /** Nothing assigns to the field after it was made, nor to a field of what it holds. */
  #isNeverChanged(owner: TypeDecl, field: string, held: TypeDecl): boolean {
    const writes = Writes.of(this.#fn.package.program);
    const isSet = (decl: TypeDecl, name: string) =>
      writes.toField(decl, name).some((w) => w.fn?.code.kind(w.node) === Kind.Assign);
    return !isSet(owner, field) && !held.fact.fields.some((f) => isSet(held, f.name));
  }

  #assigned(c: Candidate, assign: NodeId): boolean {
    const fn = this.#fn;
    const code = fn.code;
    const { copy, heat } = c;
    if (copy.verb !== 'clone' || !rustReusing.has(lastSegment(copy.type.name))) return false;
    const target = code.child(assign, Role.Target);
    const type = this.#values.typeOf(fn, target);
    const root = this.#uses.root(fn, target);
    if (!type || !root || root.base < 0 || !sameType(type, copy.type)) return false;
    // A name that is declared in the same pass of the loop has no memory to keep.
    const loop = code.ancestor(assign, (a) => code.kind(a) === Kind.Loop);
    if (loop < 0 || (root.binding && code.within(root.binding.node, loop))) return false;
    if (heat()?.level !== 'hot') return false;
    const place = () =>
      this.#text(code.is(target, Kind.Unary, '*') ? code.child(target, Role.Object) : target);
    this.#find(
      c,
      'assigned',
      [
        this.#fix(
          'Use `clone_from`',
          'machine-applicable',
          assign,
          () => `${place()}.clone_from(${this.#borrowed(copy)})`,
        ),
      ],
      { target: written(code, target) },
    );
    return true;
  }

  /** `sort_by_key(|x| x.name.clone())`. */
  #sortKey(c: Candidate): boolean {
    const code = this.#fn.code;
    const closure = code.parent(c.copy.node);
    if (closure < 0 || code.kind(closure) !== Kind.Closure) return false;
    const call = code.parent(closure);
    if (call < 0 || code.kind(call) !== Kind.MethodCall || !rustKeySorts.has(code.name(call))) return false;
    const edits = (): Edit[] => {
      const name = code.name(call);
      const at = this.#text(call).indexOf(name, code.end(code.child(call, Role.Object)) - code.start(call));
      const start = code.start(call) + at;
      return [
        {
          file: this.#fn.file.facts.file,
          span: { start, end: start + name.length },
          newText: 'sort_by_cached_key',
        },
      ];
    };
    const title = 'Make each key once with `sort_by_cached_key`';
    this.#find(c, 'sorted', [{ title, applicability: 'machine-applicable', edits }]);
    return true;
  }

  // --- reporting

  #find(
    c: Candidate,
    message: keyof typeof messages,
    fixes: readonly Fix[],
    more: { readonly name?: string; readonly target?: string; readonly handle?: string } = {},
  ): void {
    const { copy } = c;
    const heat = c.heat();
    if (!heat) return;
    const related: RelatedPlace[] = [{ ...heat.evidence.at, message: heat.evidence.why }];
    // A single text or buffer per request is nothing; a whole collection is.
    // What has to be an `Arc` from the start is a matter of the whole program.
    const hot =
      message !== 'handle' && !isSwitchedOff(this.#fn.code, copy.node) && this.#isProven(heat, copy);
    this.#report.find({
      message,
      at: this.#fn.place(copy.node),
      confidence: heat.level === 'warm' ? 'medium' : 'high',
      severity: hot ? 'information' : 'hint',
      related,
      fixes,
      data: {
        copy: written(this.#fn.code, copy.node),
        type: nameOf(copy.type),
        name: '',
        target: '',
        handle: '',
        ...more,
      },
    } as Parameters<Report['find']>[0]);
  }

  #exempt(reason: keyof typeof exemptions, n: NodeId, data: Record<string, string> = {}): void {
    this.#report.exempt({ reason, at: this.#fn.place(n), data } as Parameters<Report['exempt']>[0]);
  }

  #text(n: NodeId): string {
    const { start, end } = this.#fn.code.span(n);
    return this.#fn.package.text(this.#fn.file.facts.file).slice(start, end);
  }

  #fix(title: string, applicability: Fix['applicability'], n: NodeId, newText: () => string): Fix {
    const { file } = this.#fn.file.facts;
    return { title, applicability, edits: () => [{ file, span: this.#fn.code.span(n), newText: newText() }] };
  }

  /** Takes the call off; parentheses around the source belong to neither, then the source's own text is put in. */
  #remove(title: string, copy: Copy): Fix {
    const code = this.#fn.code;
    const { file } = this.#fn.file.facts;
    const edits = (): Edit[] => {
      const span = { start: code.end(copy.source), end: code.end(copy.node) };
      const between = this.#fn.package.text(file).slice(span.start, span.end);
      return /^\s*\.\s*\w+\s*\(\s*\)$/.test(between)
        ? [{ file, span, newText: '' }]
        : [{ file, span: code.span(copy.node), newText: `(${this.#text(copy.source)})` }];
    };
    return { title, applicability: 'machine-applicable', edits };
  }
}

/** `self.policy`, in a method. */
function isOwnPart({ code, fact }: Fn, source: NodeId): boolean {
  return (
    fact.receiver !== '' &&
    code.is(source, Kind.Field) &&
    code.is(code.child(source, Role.Object), Kind.Name, fact.receiver)
  );
}

/** Arguments of `Err`, of functions that make errors, and of macros that report them. */
function onErrorPath(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  for (let up = code.parent(n); up >= 0; up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Call) {
      const callee = code.child(up, Role.Callee);
      if (callee >= 0 && /(^|::)Err$|Error(::\w+)?$/.test(code.name(callee))) return true;
    } else if (kind === Kind.Macro) {
      if (/(^|::)(bail|anyhow|ensure|panic|error|warn|unreachable|todo)$/.test(code.name(up))) return true;
    } else if (kind === Kind.MethodCall) {
      if (
        /^(map_err|ok_or|ok_or_else|with_context|context|expect|unwrap_or_else|or_else|inspect_err)$/.test(
          code.name(up),
        ) &&
        !code.within(n, code.child(up, Role.Object))
      )
        return true;
    } else if (kind === Kind.Composite) {
      const type = code.child(up, Role.Type);
      if (type >= 0 && /Error/.test(code.name(type))) return true;
    } else if (kind === Kind.Arm) {
      const pattern = code.child(up, Role.Pattern);
      if (pattern >= 0 && code.is(pattern, Kind.Destructure, 'Err')) return true;
    } else if (kind === Kind.Block && code.role(up) === Role.Else && code.kind(code.parent(up)) === Kind.Let)
      return true;
  }
  return false;
}

/** The copy has the type of what is behind the source: `clone` of a `T` or `&T`. */
function sameValue(copy: Copy): boolean {
  const from = isReference(copy.from) ? copy.from.args[0] : copy.from;
  return from !== undefined && sameType(from, copy.type);
}

function sameType(a: TypeRef, b: TypeRef): boolean {
  return a.decl ? a.decl === b.decl : !b.decl && lastSegment(a.name) === lastSegment(b.name);
}

/** Own methods that only look at what they are called on: they wait for nothing, lock nothing and change nothing. */
function onlyLooks(methods: readonly Fn[]): boolean {
  return methods.length > 0 && methods.every(looks);
}

function looks({ fact, code, first, after }: Fn): boolean {
  if (!fact.receiverByReference || fact.receiverMutable || fact.isAsync || first < 0) return false;
  for (let n = first; n < after; n++)
    if (code.kind(n) === Kind.Await || (code.kind(n) === Kind.MethodCall && rustLocking.test(code.name(n))))
      return false;
  return true;
}

/** `self.turn.fetch_add(1, Ordering::Relaxed)` */
function isAtomic(code: Code, call: NodeId): boolean {
  return code.is(call, Kind.MethodCall) && /^(load|store|swap|fetch_\w+|len|is_empty)$/.test(code.name(call));
}

/** `self.current.read().unwrap()`: not what is loaded from a cell that holds an `Arc`, which has a handle already. */
/** `.await`, `?`, `.unwrap()` around what they open. */
function opensAt(code: Code, up: NodeId, n: NodeId): boolean {
  const kind = code.kind(up);
  return (
    kind === Kind.Await ||
    kind === Kind.Try ||
    (kind === Kind.MethodCall && code.role(n) === Role.Object && rustOpening.has(code.name(up)))
  );
}

/** The names that a pattern around a value, or the arms of a `match` on it, give to it and its parts. */
function boundAt(code: Code, value: NodeId): NodeId[] {
  const up = code.parent(value);
  const patterns = code.is(up, Kind.Match)
    ? code.all(up, Role.Arm).flatMap((arm) => code.all(arm, Role.Pattern))
    : [code.child(up, Role.Pattern)];
  const out: NodeId[] = [];
  for (const p of patterns)
    for (let n = p; p >= 0 && n < code.after(p); n++) if (code.kind(n) === Kind.Bind) out.push(n);
  return out;
}

/** What an option holds, or the type itself. */
function optional(type: TypeRef): TypeRef {
  return (lastSegment(type.name) === 'Option' && type.args[0]) || type;
}

function takesLock(code: Code, source: NodeId): boolean {
  for (let n = source; n < code.after(source); n++)
    if (code.kind(n) === Kind.MethodCall && rustLocking.test(code.name(n))) return true;
  return false;
}
