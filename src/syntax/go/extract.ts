import type { Span } from '../../core/span.ts';
import type {
  DirectiveFact,
  FieldFact,
  FileFacts,
  FunctionFact,
  GlobalFact,
  ImportFact,
  TypeFact,
} from '../facts.ts';
import { ERROR_TYPE, FLAT_INTS } from '../flat-tree.ts';
import { type NodeId, Role } from '../node.ts';
import type { Extractor } from '../parser.ts';
import { isLeftOut, isOptional } from './build-tags.ts';
import { lower } from './expressions.ts';
import { Class, goGrammar } from './grammar.ts';
import { isExported, Lowering, type Row } from './lowering.ts';
import { lowerBlock } from './statements.ts';
import { eachField, lastName, lowerFieldType, lowerParameters, lowerResult, lowerType } from './types.ts';

type Generics = TypeFact['generics'];

const GENERATED = /^\/\/ Code generated .* DO NOT EDIT\.\r?$/m;
const TEST_FUNCTION = /^(Test|Benchmark|Fuzz|Example)(?!\p{Ll})/u;

/** Reads one Go file: its declarations, and the lowered code of its bodies. */
export const extractGo: Extractor = ({ file, text, tree, vocabulary }) =>
  new GoFile(file, text, new Lowering(text, tree, goGrammar(vocabulary))).read();

class GoFile {
  readonly #file: string;
  readonly #text: string;
  readonly #low: Lowering;
  readonly #test: boolean;
  #packageName = '';
  #packageStart = -1;
  readonly #imports: { readonly name: string; readonly path: string; readonly span: Span }[] = [];
  readonly #types: TypeFact[] = [];
  readonly #functions: FunctionFact[] = [];
  readonly #globals: GlobalFact[] = [];

  constructor(file: string, text: string, low: Lowering) {
    this.#file = file;
    this.#text = text;
    this.#low = low;
    this.#test = file.endsWith('_test.go');
  }

  read(): ReturnType<Extractor> {
    const low = this.#low;
    if (low.data.length > 0) this.#declarations(0, low.classOf(0) === Class.Error);
    // Bodies may declare types, and the literals in those nothing more: the list grows while it is read.
    for (const local of low.localTypes) this.#typeDeclaration(local.row, local.block);
    const header = this.#packageStart < 0 ? '' : this.#text.slice(0, this.#packageStart);
    const nodes = low.writer.finish();
    return {
      file: this.#file,
      language: 'go',
      packageName: this.#packageName,
      generated: GENERATED.test(header),
      test: this.#test || isLeftOut(header),
      ...(isOptional(header) ? { optional: true as const } : {}),
      names: low.writer.names,
      nodes,
      imports: this.#namedImports(),
      types: this.#types,
      functions: this.#functions,
      globals: this.#globals,
      modules: [],
      directives: this.#directives(),
      ...this.#broken(),
    };
  }

  #broken(): Pick<FileFacts, 'broken' | 'brokenAt'> {
    const { data, solid } = this.#low;
    for (let p = 0; p < data.length; p += FLAT_INTS) {
      const type = data[p] as number;
      if (type === ERROR_TYPE || (data[p + 2] === data[p + 3] && solid[type] === 1))
        return { broken: true, brokenAt: data[p + 2] as number };
    }
    return { broken: false };
  }

  // --- declarations

  /** `loose`: below a syntax error, where what looks like a declaration of the file may stand in a body. */
  #declarations(parent: Row, loose: boolean): void {
    const low = this.#low;
    const end = low.after(parent);
    for (let p = parent + FLAT_INTS; p < end; p = low.after(p)) {
      switch (low.classOf(p)) {
        case Class.Package: {
          const name = low.first(p);
          if (name >= 0 && this.#packageStart < 0) {
            this.#packageName = low.textOf(name);
            this.#packageStart = low.start(p);
          }
          break;
        }
        case Class.Import:
          this.#importSpecs(p);
          break;
        case Class.Function:
        case Class.Method:
          this.#function(p);
          break;
        case Class.TypeDeclaration:
          if (!loose || this.#startsLine(p)) this.#typeDeclaration(p, undefined);
          break;
        case Class.VarDeclaration:
          if (!loose || this.#startsLine(p)) this.#variables(p);
          break;
        case Class.ConstDeclaration:
          if (!loose || this.#startsLine(p)) this.#constants(p);
          break;
        case Class.Error:
          this.#declarations(p, true);
          break;
        default:
      }
    }
  }

  #startsLine(p: Row): boolean {
    const start = this.#low.start(p);
    return start === 0 || this.#text.charCodeAt(start - 1) === 10;
  }

  #importSpecs(p: Row): void {
    const low = this.#low;
    const end = low.after(p);
    for (let c = p + FLAT_INTS; c < end; c = low.after(c)) {
      const k = low.classOf(c);
      if (k === Class.ImportList) this.#importSpecs(c);
      if (k !== Class.ImportSpec) continue;
      const path = low.field(c, low.fields.path);
      const name = low.field(c, low.fields.name);
      if (path < 0) continue;
      this.#imports.push({
        name: name < 0 ? '' : low.textOf(name),
        path: low.textOf(path).slice(1, -1),
        span: low.span(c),
      });
    }
  }

  #function(p: Row): void {
    const low = this.#low;
    const f = low.fields;
    const nameRow = low.field(p, f.name);
    if (nameRow < 0) return;
    const name = low.textOf(nameRow);
    let owner = '';
    let receiver = '';
    let receiverByReference = false;
    let generics: Generics = [];
    const receivers = low.field(p, f.receiver);
    if (receivers >= 0) {
      const parameter = low.firstOf(receivers, Class.Parameter);
      const type = parameter < 0 ? -1 : low.field(parameter, f.type);
      const receiverName = parameter < 0 ? -1 : low.field(parameter, f.name);
      if (receiverName >= 0) {
        receiver = low.textOf(receiverName);
        if (receiver === '_') receiver = '';
      }
      if (type >= 0) {
        owner = lastName(low, type);
        receiverByReference = low.classOf(type) === Class.PointerType;
        generics = this.#receiverGenerics(type);
      }
    }
    const typeParameters = low.field(p, f.type_parameters);
    if (typeParameters >= 0) generics = this.#generics(typeParameters);
    low.typeParameters = generics.map((g) => g.name);
    const params: NodeId[] = [];
    const parameters = low.field(p, f.parameters);
    if (parameters >= 0) lowerParameters(low, parameters, params);
    const result = low.field(p, f.result);
    const resultNode = result < 0 ? -1 : lowerResult(low, result, Role.Result);
    const body = low.field(p, f.body);
    const bodyNode = body < 0 ? -1 : lowerBlock(low, body, Role.Body);
    low.typeParameters = [];
    this.#functions.push({
      name,
      nameSpan: low.span(nameRow),
      span: low.span(p),
      owner,
      trait: '',
      receiver,
      receiverByReference,
      receiverMutable: receiverByReference,
      params,
      result: resultNode,
      body: bodyNode,
      generics,
      module: [],
      isAsync: false,
      isConst: false,
      exported: isExported(name),
      test: this.#test && owner === '' && TEST_FUNCTION.test(name),
      attributes: [],
      parent: -1,
    });
  }

  /** `K`, `V` of `func (m *Map[K, V])`: names without bounds. */
  #receiverGenerics(type: Row): Generics {
    const low = this.#low;
    let at = type;
    while (
      at >= 0 &&
      (low.classOf(at) === Class.PointerType || low.classOf(at) === Class.ParenthesizedType)
    ) {
      at = low.first(at);
    }
    if (at < 0 || low.classOf(at) !== Class.GenericType) return [];
    const args = low.field(at, low.fields.type_arguments);
    if (args < 0) return [];
    const out: { name: string; bounds: string[] }[] = [];
    const end = low.after(args);
    for (let c = args + FLAT_INTS; c < end; c = low.after(c)) {
      if (low.classOf(c) === Class.TypeElem) out.push({ name: low.textOf(c), bounds: [] });
    }
    return out;
  }

  #generics(list: Row): Generics {
    const low = this.#low;
    const f = low.fields;
    const out: { name: string; bounds: string[] }[] = [];
    const end = low.after(list);
    for (let p = list + FLAT_INTS; p < end; p = low.after(p)) {
      if (low.classOf(p) !== Class.TypeParameter) continue;
      const bounds: string[] = [];
      const constraint = low.field(p, f.type);
      if (constraint >= 0) {
        const last = low.after(constraint);
        for (let c = constraint + FLAT_INTS; c < last; c = low.after(c)) {
          const k = low.classOf(c);
          if (k !== Class.Skip && k !== Class.Comment) bounds.push(low.textOf(c));
        }
      }
      const last = low.after(p);
      for (let c = p + FLAT_INTS; c < last; c = low.after(c)) {
        if (low.data[c + 1] === f.name && low.classOf(c) === Class.Identifier) {
          out.push({ name: low.textOf(c), bounds });
        }
      }
    }
    return out;
  }

  #typeDeclaration(p: Row, local: Span | undefined): void {
    const low = this.#low;
    const end = low.after(p);
    for (let c = p + FLAT_INTS; c < end; c = low.after(c)) {
      const k = low.classOf(c);
      if (k === Class.TypeSpec || k === Class.TypeAlias) this.#type(c, k === Class.TypeAlias, local);
    }
  }

  #type(p: Row, alias: boolean, local: Span | undefined): void {
    const low = this.#low;
    const f = low.fields;
    const nameRow = low.field(p, f.name);
    const type = low.field(p, f.type);
    if (nameRow < 0 || type < 0) return;
    const name = low.textOf(nameRow);
    const typeParameters = low.field(p, f.type_parameters);
    const generics = typeParameters < 0 ? [] : this.#generics(typeParameters);
    const fields: FieldFact[] = [];
    const members: string[] = [];
    let kind: TypeFact['kind'];
    let target = -1;
    const k = alias ? Class.Skip : low.classOf(type);
    if (k === Class.StructType) {
      kind = 'struct';
      this.#structFields(type, fields);
    } else if (k === Class.InterfaceType) {
      kind = 'interface';
      this.#interface(name, type, generics, fields, members);
    } else {
      kind = alias ? 'alias' : 'defined';
      target = lowerType(low, type, Role.Type);
    }
    this.#types.push({
      name,
      kind,
      module: [],
      span: low.span(p),
      nameSpan: low.span(nameRow),
      generics,
      fields,
      members,
      target,
      attributes: [],
      exported: isExported(name),
      test: this.#test,
      ...(local ? { local } : {}),
    });
  }

  #structFields(type: Row, out: FieldFact[]): void {
    const low = this.#low;
    const list = low.firstOf(type, Class.FieldDeclarationList);
    if (list < 0) return;
    const end = low.after(list);
    for (let p = list + FLAT_INTS; p < end; p = low.after(p)) {
      if (low.classOf(p) !== Class.FieldDeclaration) continue;
      const node = lowerFieldType(low, p, Role.Type);
      eachField(low, p, (name, nameRow, embedded) => {
        out.push({ name, nameSpan: low.span(nameRow), span: low.span(p), type: node, embedded });
      });
    }
  }

  /** Methods become functions without a body; embedded interfaces become embedded fields. */
  #interface(name: string, type: Row, generics: Generics, fields: FieldFact[], members: string[]): void {
    const low = this.#low;
    const f = low.fields;
    const end = low.after(type);
    for (let p = type + FLAT_INTS; p < end; p = low.after(p)) {
      const k = low.classOf(p);
      if (k === Class.TypeElem) {
        const embedded = lastName(low, p);
        if (embedded === '' || low.first(p) < 0 || low.after(low.first(p)) !== low.after(p)) continue;
        const node = lowerType(low, p, Role.Type);
        fields.push({ name: embedded, nameSpan: low.span(p), span: low.span(p), type: node, embedded: true });
      }
      if (k !== Class.MethodElem) continue;
      const nameRow = low.field(p, f.name);
      if (nameRow < 0) continue;
      const method = low.textOf(nameRow);
      members.push(method);
      const params: NodeId[] = [];
      const parameters = low.field(p, f.parameters);
      if (parameters >= 0) lowerParameters(low, parameters, params);
      const result = low.field(p, f.result);
      const resultNode = result < 0 ? -1 : lowerResult(low, result, Role.Result);
      this.#functions.push({
        name: method,
        nameSpan: low.span(nameRow),
        span: low.span(p),
        owner: name,
        trait: name,
        receiver: '',
        receiverByReference: false,
        receiverMutable: false,
        params,
        result: resultNode,
        body: -1,
        generics,
        module: [],
        isAsync: false,
        isConst: false,
        exported: isExported(method),
        test: false,
        attributes: [],
        parent: -1,
      });
    }
  }

  // --- variables and constants

  #variables(p: Row): void {
    const low = this.#low;
    const end = low.after(p);
    for (let c = p + FLAT_INTS; c < end; c = low.after(c)) {
      const k = low.classOf(c);
      if (k === Class.VarSpecList) this.#variables(c);
      else if (k === Class.VarSpec) this.#spec(c, 'var', -1);
    }
  }

  #constants(p: Row): void {
    const low = this.#low;
    const f = low.fields;
    let type = -1;
    const end = low.after(p);
    for (let c = p + FLAT_INTS; c < end; c = low.after(c)) {
      if (low.classOf(c) !== Class.ConstSpec) continue;
      const repeats = low.field(c, f.value) < 0;
      type = this.#spec(c, 'const', repeats ? type : -1);
    }
  }

  /**
   * One line of a declaration.
   * @param inherited type node that a repeated constant takes over from the line above
   * @returns the type node, or -1
   */
  #spec(p: Row, kind: 'var' | 'const', inherited: NodeId): NodeId {
    const low = this.#low;
    const f = low.fields;
    const typeRow = low.field(p, f.type);
    const type = typeRow < 0 ? inherited : lowerType(low, typeRow, Role.Type);
    const values: NodeId[] = [];
    const list = low.field(p, f.value);
    if (list >= 0) {
      const end = low.after(list);
      for (let c = list + FLAT_INTS; c < end; c = low.after(c)) {
        const k = low.classOf(c);
        if (k === Class.Skip || k === Class.Comment) continue;
        values.push(low.writer.size);
        lower(low, c, Role.Value);
      }
    }
    const names: Row[] = [];
    const end = low.after(p);
    for (let c = p + FLAT_INTS; c < end; c = low.after(c)) {
      if (low.data[c + 1] !== f.name) continue;
      const k = low.classOf(c);
      if (k === Class.Identifier || k === Class.Blank) names.push(c);
    }
    const shared = values.length === 1 && names.length > 1 ? values[0] : undefined;
    names.forEach((row, i) => {
      const name = low.textOf(row);
      this.#globals.push({
        name,
        nameSpan: low.span(row),
        span: low.span(p),
        kind,
        owner: '',
        module: [],
        type,
        value: shared ?? values[i] ?? -1,
        exported: isExported(name),
        test: this.#test,
        macro: '',
        parent: -1,
      });
    });
    return type;
  }

  // --- imports

  /**
   * Without an alias the name is the imported package's own, which this file does not say. Of the usual spellings
   * the one that the file mentions is taken.
   */
  #namedImports(): ImportFact[] {
    return this.#imports.map(({ name, path, span }) => {
      const alias = name === '' ? this.#packageNameOf(path) : name;
      return { alias, path, exported: false, module: [], span };
    });
  }

  #packageNameOf(path: string): string {
    const candidates = packageNames(path);
    const first = candidates[0] as string;
    if (candidates.length === 1) return first;
    const { writer } = this.#low;
    const mentioned = candidates.find((name) => writer.has(name));
    // A package of which only types are named stands in their names alone: `pkg.Type`.
    return mentioned ?? candidates.find((c) => writer.names.some((n) => n.startsWith(`${c}.`))) ?? first;
  }

  // --- directives

  #directives(): DirectiveFact[] {
    const out: DirectiveFact[] = [];
    const text = this.#text;
    if (!text.includes('headroom:')) return out;
    const low = this.#low;
    for (let p = 0; p < low.data.length; p += FLAT_INTS) {
      if (low.classOf(p) !== Class.Comment) continue;
      const whole = low.span(p);
      // The grammar counts the \r of a CRLF to the comment.
      const span = text[whole.end - 1] === '\r' ? { start: whole.start, end: whole.end - 1 } : whole;
      const match = /^\/[/*]\s*headroom:([\s\S]*?)(?:\*\/)?$/.exec(text.slice(span.start, span.end));
      if (!match) continue;
      const before = text.slice(text.lastIndexOf('\n', span.start - 1) + 1, span.start);
      const next = text.indexOf('\n', span.end);
      const behind = text.slice(span.end, next < 0 ? text.length : next);
      out.push({
        span,
        text: (match[1] as string).trim(),
        alone: before.trim() === '' && behind.trim() === '',
      });
    }
    return out;
  }
}

/** Names a package at this path may have, the likeliest first: never empty. */
export function packageNames(path: string): string[] {
  let last = path.slice(path.lastIndexOf('/') + 1);
  if (/^v\d+$/.test(last) && last !== path) {
    const rest = path.slice(0, -last.length - 1);
    last = rest.slice(rest.lastIndexOf('/') + 1);
  }
  if (/^\w*$/.test(last)) return [last];
  last = last.replace(/\.v\d+$/, '');
  const stripped = last.replace(/^(go|golang)-/, '').replace(/[-.](go|golang)$/, '');
  const names = [
    stripped.replaceAll('-', ''),
    stripped.replaceAll('-', '_'),
    ...stripped.split('-').reverse(),
  ];
  return [...new Set([...names, last.replace(/[-.]/g, '')])].filter((name) => name !== '');
}
