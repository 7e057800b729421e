import { commandFields } from '../knowledge/commands.ts';
import type { FunctionFact } from '../syntax/facts.ts';
import { Kind } from '../syntax/node.ts';
import { Fn, type Global, type Package, type Program } from './program.ts';

const initialiserFacts = new WeakSet<FunctionFact>();

/** The values of a package's globals as functions, where something is called for them: it runs once. */
export function initialisersOf(pkg: Package): readonly Fn[] {
  const all = pkg.program.derive(makeInitialisers);
  let known = all.get(pkg);
  if (!known) {
    known = pkg.globals
      .filter((g) => g.fact.value >= 0 && !g.fact.test && !g.file.isTest && g.fact.kind !== 'const')
      .filter((g) => !g.file.facts.generated && isComputed(g))
      .map(asFunction);
    all.set(pkg, known);
  }
  return known;
}

function makeInitialisers(_: Program): Map<Package, readonly Fn[]> {
  return new Map();
}

/** The function stands for the value of a global. */
export function isInitialiser(fn: Fn): boolean {
  return initialiserFacts.has(fn.fact);
}

/** Something is called for the value, or from what it describes; a literal is part of the program's file. */
function isComputed(g: Global): boolean {
  const { code } = g.file;
  const { value } = g.fact;
  for (let n = value; n < code.after(value); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Call || kind === Kind.MethodCall || kind === Kind.Macro) return true;
    if (kind === Kind.FieldInit && commandFields.has(code.name(n))) return true;
  }
  return false;
}

function asFunction(g: Global): Fn {
  const fact: FunctionFact = {
    name: g.fact.name,
    nameSpan: g.fact.nameSpan,
    span: g.fact.span,
    owner: g.fact.owner,
    trait: '',
    receiver: '',
    receiverByReference: false,
    receiverMutable: false,
    params: [],
    result: g.fact.type,
    body: g.fact.value,
    generics: [],
    module: g.fact.module,
    isAsync: false,
    isConst: false,
    exported: g.fact.exported,
    test: false,
    attributes: [],
    parent: g.fact.parent,
  };
  initialiserFacts.add(fact);
  return new Fn(g.file, fact, -1 - g.fact.nameSpan.start);
}
