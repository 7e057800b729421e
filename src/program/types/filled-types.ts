import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import { unwrapped } from './types.ts';
import { Values } from './values.ts';

const CALLS = kinds(Kind.Call, Kind.MethodCall);

/**
 * Go: the types whose values something fills that is not seen here, and the types of their fields: a pointer to one is
 * given to a function of a library, as in `yaml.Unmarshal(data, &settings)`. One per program.
 */
export class FilledTypes {
  readonly #values: Values;
  readonly #filled = new Set<TypeDecl>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    for (const file of program.files()) {
      if (file.isTest || file.facts.language !== 'go') continue;
      for (const fn of file.functions) if (!fn.isTest) this.#read(fn);
    }
  }

  static of(program: Program): FilledTypes {
    return program.derive(makeFilledTypes);
  }

  has(decl: TypeDecl): boolean {
    return this.#filled.has(decl);
  }

  #read(fn: Fn): void {
    const { code, first, after } = fn;
    for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
      for (const arg of code.all(n, Role.Arg)) {
        if (!mayBePointer(fn, arg)) continue;
        const decl = this.#values.declOf(fn, arg);
        if (!decl || this.#filled.has(decl)) continue;
        if (this.#values.callees(fn, n).length === 0) this.#fill(decl);
      }
    }
  }

  #fill(decl: TypeDecl): void {
    if (this.#filled.has(decl)) return;
    this.#filled.add(decl);
    for (const { type } of decl.fact.fields) {
      const found = this.#values.types.at(decl.file, type);
      const inner = found && unwrapped(found).decl;
      if (inner) this.#fill(inner);
    }
  }
}

function makeFilledTypes(program: Program): FilledTypes {
  return new FilledTypes(program);
}

/** An address, or a name that may hold one. */
function mayBePointer({ code }: Fn, n: NodeId): boolean {
  return code.kind(n) === Kind.Name || (code.kind(n) === Kind.Unary && code.name(n) === '&');
}
