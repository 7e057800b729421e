import { Kind, type NodeId, Role } from '../syntax/node.ts';
import type { Fn, Program } from './program.ts';
import { lastSegment } from './types.ts';
import { Values } from './values.ts';

/** A place in a function that calls or names another function. */
export interface CallSite {
  readonly fn: Fn;
  readonly node: NodeId;
  /** `call` runs it there; `reference` hands it on as a value. */
  readonly kind: 'call' | 'reference';
}

const NODE_SPACE = 2 ** 24;

/** Who calls whom, by name first and by type where a name is not enough. One per program. */
export class Calls {
  readonly #values: Values;
  readonly #functions: Fn[] = [];
  readonly #sites = new Map<string, number[]>();
  readonly #resolved = new Map<Fn, readonly CallSite[]>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    const declared = new Set<string>();
    for (const pkg of program.packages) for (const fn of pkg.functions) declared.add(fn.fact.name);
    for (const pkg of program.packages)
      for (const fn of pkg.functions) {
        const id = this.#functions.length;
        this.#functions.push(fn);
        const code = fn.code;
        const [body, after] = fn.range;
        for (let n = body; n < after; n++) {
          const kind = code.kind(n);
          let name = '';
          if (kind === Kind.MethodCall) name = code.name(n);
          else if (kind === Kind.Name || kind === Kind.Path || kind === Kind.Field) {
            const role = code.role(n);
            if (role === Role.Callee || role === Role.Arg || role === Role.Value)
              name = lastSegment(code.name(n));
          }
          if (name === '' || !declared.has(name)) continue;
          const list = this.#sites.get(name);
          const packed = id * NODE_SPACE + n;
          if (list) list.push(packed);
          else this.#sites.set(name, [packed]);
        }
      }
  }

  static of(program: Program): Calls {
    return program.derive(makeCalls);
  }

  /** Where a function is called or handed on, tests left out. */
  sitesOf(fn: Fn): readonly CallSite[] {
    const known = this.#resolved.get(fn);
    if (known) return known;
    const out: CallSite[] = [];
    for (const packed of this.#sites.get(fn.fact.name) ?? []) {
      const caller = this.#functions[Math.floor(packed / NODE_SPACE)] as Fn;
      if (caller.isTest || caller.package.language !== fn.package.language) continue;
      const node = packed % NODE_SPACE;
      const site = this.#site(caller, node, fn);
      if (site) out.push(site);
    }
    this.#resolved.set(fn, out);
    return out;
  }

  #site(caller: Fn, node: NodeId, fn: Fn): CallSite | undefined {
    const code = caller.code;
    if (code.kind(node) === Kind.MethodCall)
      return this.#values.callees(caller, node).includes(fn) ? { fn: caller, node, kind: 'call' } : undefined;
    if (!this.#values.functionsOf(caller, node).includes(fn)) return undefined;
    if (code.role(node) === Role.Callee) return { fn: caller, node: code.parent(node), kind: 'call' };
    return { fn: caller, node, kind: 'reference' };
  }
}

function makeCalls(program: Program): Calls {
  return new Calls(program);
}
