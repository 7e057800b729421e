/** What a value is a part of: a request, what was decoded from one, or the operator's configuration. */
import {
  configurationFieldNames,
  configurationLocalNames,
  requestMakers,
  requestParts,
  valueExtractors,
} from '../../knowledge/provenance.ts';
import {
  configurationSources,
  fillingCalls,
  passingMethods,
  requestExtractors,
  requestTypeNames,
  requestTypes,
  smallTypes,
  unpackingCalls,
  valueDecoders,
} from '../../knowledge/sizes.ts';
import type { Code } from '../../syntax/code.ts';
import { baseName } from '../../syntax/expressions.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';

import type { Fn, Program, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** What more than so many call is no part of one request. */
const MAX_SITES = 8;

/** Tells which values requests bring. One per program. */
export class RequestValues {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): RequestValues {
    return program.derive(makeRequestValues);
  }

  /** `Json<T>`, `Query<T>`: the fields of an extractor are those of what it took out. */
  extracted(type: TypeRef | undefined): TypeDecl | undefined {
    const outer = type && peel(type).type;
    const inner = outer && requestExtractors.test(outer.name) ? outer.args[0] : undefined;
    return inner && peel(inner).type.decl;
  }

  /** Rust: in words what an expression is a part of, when that is a decoded request; else undefined. */
  decoded(fn: Fn, n: NodeId, depth = 0): string | undefined {
    if (n < 0 || depth > 6) return undefined;
    const code = fn.code;
    const next = (m: NodeId) => this.decoded(fn, m, depth + 1);
    switch (code.kind(n)) {
      case Kind.Unary:
      case Kind.Try:
      case Kind.Await:
      case Kind.Field:
        return next(code.child(n, Role.Object));
      case Kind.Name: {
        if (fn.fact.receiver !== '' && code.name(n) === fn.fact.receiver)
          return this.#handedRequest(fn, undefined, depth);
        const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
        if (!b) return undefined;
        if (extractorOf(fn, b)) return `a field of the request \`${b.name}\``;
        if (b.source === 'parameter' && requestTypes.test(typeName(fn, b)) && hasArguments(fn, b))
          return `a field of the request \`${b.name}\``;
        if (b.source === 'parameter') return this.#handedRequest(fn, b, depth);
        // `Some(Partition::Hash(hash))` takes a part of it.
        return (b.source === 'value' || b.source === 'part') && b.value >= 0 ? next(b.value) : undefined;
      }
      case Kind.MethodCall:
        if (requestParts.test(code.name(n)) || passingMethods.test(code.name(n)))
          return next(code.child(n, Role.Object));
        return this.#decodedHere(fn, n);
      case Kind.Call:
        return this.#decodedHere(fn, n);
      default:
        return undefined;
    }
  }

  /** Rust: somebody hands a decoded request over, as an argument or, where none is named, as what a method is called on: `page.size()`. */
  #handedRequest(fn: Fn, b: Binding | undefined, depth: number): string | undefined {
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call' && !s.fn.isTest);
    if (sites.length > MAX_SITES) return undefined;
    for (const { fn: by, node, guess } of sites) {
      const given = b ? by.code.all(node, Role.Arg)[b.index] : by.code.child(node, Role.Object);
      if (given === undefined) continue;
      // `page.size()` by its name alone, where the extractor says what `page` is.
      const isOwn = () => this.extracted(this.#values.typeOf(by, given))?.fact.name === fn.fact.owner;
      if (guess && (b || !isOwn())) continue;
      const request = this.decoded(by, given, depth + 1);
      if (request) return request;
    }
    return undefined;
  }

  /** Rust: what the expression begins with came from a caller, and says by itself of no request. */
  isHanded(fn: Fn, object: NodeId): boolean {
    const { code } = fn;
    let root = object;
    while (code.kind(root) === Kind.Field || code.kind(root) === Kind.MethodCall)
      root = code.child(root, Role.Object);
    if (fn.package.language !== 'rust' || !code.is(root, Kind.Name)) return false;
    if (fn.fact.receiver !== '' && code.name(root) === fn.fact.receiver) return true;
    const b = this.#values.scope(fn).lookup(code.name(root), code.start(root));
    return b?.source === 'parameter' && !extractorOf(fn, b) && !requestTypes.test(typeName(fn, b));
  }

  /** `serde_json::from_slice(&body)`, `Header::decode(buf)` while the service runs. */
  #decodedHere(fn: Fn, call: NodeId): string | undefined {
    const name = callName(fn.code, call);
    if (!valueDecoders.test(name) || this.#values.callees(fn, call).length > 0) return undefined;
    if (fn.code.all(call, Role.Arg).some((a) => this.isConfiguration(fn, a))) return undefined;
    const reach = this.#phases.at(fn, call);
    return reach.request || reach.likely || reach.api ? `a field of what \`${name}\` decodes` : undefined;
  }

  /** The object is what a request was decoded into. */
  filled(fn: Fn, object: NodeId, decl: TypeDecl): string | undefined {
    const code = fn.code;
    if (object < 0 || code.kind(object) !== Kind.Name) return undefined;
    const b = this.#values.scope(fn).lookup(code.name(object), code.start(object));
    if (!b) return undefined;
    if (b.type >= 0 && valueExtractors.test(code.name(b.type)))
      return `a field of the request \`${decl.fact.name}\``;
    if (
      b.source === 'parameter' &&
      this.#phases.handlers.evidenceOf(fn) &&
      fn.package.language === 'go' &&
      requestTypeNames.test(decl.fact.name)
    )
      return `a field of the request \`${decl.fact.name}\``;
    return decodedBefore(fn, code.name(object), object)
      ? `a field decoded into \`${code.name(object)}\``
      : undefined;
  }

  /**
   * Go: `h.read(conn)` and `readHeader(conn, &h)`, which decode into what they are given, and `h, err := readHeader(conn)`, which
   * gives what it has decoded: from what.
   */
  filledElsewhere(
    fn: Fn,
    object: NodeId,
  ): { readonly what: string; readonly fn: Fn; readonly from: NodeId } | undefined {
    const { code } = fn;
    const b = code.is(object, Kind.Name)
      ? this.#values.scope(fn).lookup(code.name(object), code.start(object))
      : undefined;
    if (!b || b.source === 'parameter') return undefined;
    const what = `a field decoded into \`${b.name}\``;
    if (b.value >= 0 && b.index === 0 && (code.is(b.value, Kind.Call) || code.is(b.value, Kind.MethodCall))) {
      const [maker, ...others] = this.#values.callees(fn, b.value);
      for (const answer of maker && others.length === 0 ? answersOf(maker, 0) : []) {
        const from = maker ? unpackedInto(maker, baseName(maker.code, answer), answer) : -1;
        if (maker && from >= 0) return { what, fn: maker, from };
      }
    }
    for (let n = b.node; n < object; n++) {
      const isMethod = code.kind(n) === Kind.MethodCall;
      if (!isMethod && code.kind(n) !== Kind.Call) continue;
      const isOwn = isMethod && code.is(code.child(n, Role.Object), Kind.Name, b.name);
      const index = code.all(n, Role.Arg).findIndex((a) => baseName(code, a) === b.name);
      if (!isOwn && index < 0) continue;
      for (const target of this.#values.callees(fn, n)) {
        const p = isOwn ? undefined : target.fact.params[index];
        const into =
          p === undefined ? target.fact.receiver : target.code.name(target.code.child(p, Role.Pattern));
        const from = isOwn || p !== undefined ? unpackedInto(target, into, target.after) : -1;
        if (from >= 0) return { what, fn: target, from };
      }
    }
    return undefined;
  }

  isConfiguration(fn: Fn, n: NodeId, depth = 0): boolean {
    if (n < 0 || depth > 4) return false;
    const code = fn.code;
    for (let m = n; m < code.after(n); m++) {
      const kind = code.kind(m);
      if ((kind === Kind.Call || kind === Kind.MethodCall) && configurationSources.test(callName(code, m)))
        return true;
      if (kind === Kind.Field && configurationFieldNames.test(code.name(m))) return true;
      if (kind === Kind.Name) {
        if (configurationLocalNames.test(code.name(m))) return true;
        const b = this.#values.scope(fn).lookup(code.name(m), code.start(m));
        if (b && b.value >= 0 && b.value !== n && this.isConfiguration(fn, b.value, depth + 1)) return true;
      }
    }
    return false;
  }

  /** Go: `req, err := http.NewRequest(…)`: a request that the program sends. */
  isOwnRequest(fn: Fn, object: NodeId): boolean {
    const code = fn.code;
    if (code.kind(object) !== Kind.Name) return false;
    const b = this.#values.scope(fn).lookup(code.name(object), code.start(object));
    return b !== undefined && b.value >= 0 && requestMakers.test(callName(code, b.value));
  }
}

/** Go: what `binary.Read(r, order, h)`, `json.Unmarshal(b, &h)`, `dec.Decode(h)` before a node take apart for a name, or -1. */
function unpackedInto(fn: Fn, name: string, before: NodeId): NodeId {
  const { code } = fn;
  for (let m = name === '' ? before : fn.first; m < before; m++) {
    if (code.kind(m) !== Kind.MethodCall || !unpackingCalls.test(code.name(m))) continue;
    const args = code.all(m, Role.Arg);
    const last = args.at(-1);
    if (last === undefined || pathOf(code, last) !== name) continue;
    return args.length > 1 ? (args[0] as NodeId) : code.child(m, Role.Object);
  }
  return -1;
}

/** Go: `binary.Read(r, order, &f.head)` in one method, where another one uses `f.head.Size`: what is taken apart. */
export function filledByMethod(fn: Fn, object: NodeId) {
  const { owner, receiver } = fn.fact;
  const [root, ...field] = pathOf(fn.code, object).split('.');
  if (receiver === '' || root !== receiver) return undefined;
  for (const method of fn.package.methodsOn(owner)) {
    const into = [method.fact.receiver, ...field].join('.');
    const from = method.isTest ? -1 : unpackedInto(method, into, method.after);
    if (from >= 0) return { what: `a field decoded into \`${field[0] ?? owner}\``, fn: method, from };
  }
  return undefined;
}

/** `f.head` of `&f.head`, the name of `&name` and of `name`, or ''. */
function pathOf(code: Code, n: NodeId): string {
  const at = code.is(n, Kind.Unary, '&') ? code.child(n, Role.Object) : n;
  const of = code.is(at, Kind.Field) ? baseName(code, code.child(at, Role.Object)) : '';
  return of === '' ? baseName(code, n) : `${of}.${code.name(at)}`;
}

/** A request, message or query result was decoded into the local `name` before a node. */
export function decodedBefore(fn: Fn, name: string, before: NodeId, decoders = fillingCalls): boolean {
  const code = fn.code;
  const { first: body } = fn;
  for (let m = body; m < before; m++) {
    const kind = code.kind(m);
    if (kind !== Kind.MethodCall && kind !== Kind.Call) continue;
    if (!decoders.test(callName(code, m))) continue;
    const target = code
      .all(m, Role.Arg)
      .some((a) => code.is(a, Kind.Unary, '&') && code.is(code.child(a, Role.Object), Kind.Name, name));
    if (target) return true;
  }
  return false;
}

/** The extractor that a parameter is, or that its pattern takes apart, and the small type it holds, if any. */
export function extractorOf(
  fn: Fn,
  b: Binding,
): { readonly name: string; readonly small: string } | undefined {
  if (b.type < 0 || (b.source !== 'parameter' && b.source !== 'part')) return undefined;
  const name = typeName(fn, b);
  if (!requestExtractors.test(name) || !(fn.fact.isAsync || fn.fact.attributes.length > 0)) return undefined;
  const inner = fn.code.children(b.type)[0];
  const held = inner === undefined ? '' : fn.code.name(inner);
  return { name: lastSegment(name), small: smallTypes.test(held) ? held : '' };
}

function typeName(fn: Fn, b: Binding): string {
  return b.type < 0 ? '' : fn.code.name(b.type);
}

function hasArguments(fn: Fn, b: Binding): boolean {
  return b.type >= 0 && fn.code.children(b.type).length > 0;
}

function makeRequestValues(program: Program): RequestValues {
  return new RequestValues(program);
}
