import type { FieldFact, FunctionFact } from '../facts.ts';
import { Kind, type NodeId, Role } from '../node.ts';
import { isTestAttribute } from './attributes.ts';
import { attributeText, lower, lowerParameter } from './expressions.ts';
import { FIRST_ITEM, T } from './grammar.ts';
import type { Lowering, Scope, TreeNode } from './lowering.ts';
import { bracesOf, declaresItems, macroName } from './macros.ts';
import { delimiter, tokensOf } from './token-reader.ts';
import { lowerType, pathOf } from './types.ts';

type Generics = FunctionFact['generics'];

/** Lowers all items among the children of a node. No node may be open. */
export function lowerItems(s: Lowering, parent: TreeNode, scope: Scope): void {
  let attributes: string[] = [];
  const end = s.after(parent);
  for (let c = parent + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind === T.Anonymous || kind === T.Comment) continue;
    if (kind === T.Attribute) {
      attributes.push(attributeText(s, c));
      continue;
    }
    if (kind === T.Error) lowerItems(s, c, scope);
    else lowerItem(s, c, attributes, scope);
    attributes = [];
  }
}

/** Lowers one item and all items that stand inside its bodies. */
export function lowerItem(s: Lowering, n: TreeNode, attributes: readonly string[], outer: Scope): void {
  const test = outer.test || attributes.some(isTestAttribute);
  const scope = test === outer.test ? outer : { ...outer, test };
  const before = s.scope;
  s.scope = scope;
  dispatch(s, n, attributes, scope);
  s.scope = before;
  for (const p of s.pending.splice(0)) s.reading(p.data, () => lowerItem(s, p.node, p.attributes, p.scope));
}

function dispatch(s: Lowering, n: TreeNode, attributes: readonly string[], scope: Scope): void {
  switch (s.kind(n)) {
    case T.FunctionItem:
      functionItem(s, n, attributes, scope);
      return;
    case T.StructItem:
    case T.EnumItem:
      typeItem(s, n, attributes, scope);
      return;
    case T.TypeItem:
      // An associated type belongs to its impl, not to the module.
      if (scope.owner === '') aliasItem(s, n, attributes, scope);
      return;
    case T.ImplItem:
      implItem(s, n, scope);
      return;
    case T.TraitItem:
      traitItem(s, n, attributes, scope);
      return;
    case T.ModItem:
      modItem(s, n, attributes, scope);
      return;
    case T.ForeignItems: {
      const body = s.field(n, s.f.body);
      if (body >= 0) lowerItems(s, body, scope);
      return;
    }
    case T.UseItem: {
      const argument = s.field(n, s.f.argument);
      if (argument >= 0) useTree(s, argument, '', isPublic(s, n), scope);
      return;
    }
    case T.ExternCrate: {
      const name = s.field(n, s.f.name);
      const alias = s.field(n, s.f.alias);
      if (name >= 0) addImport(s, alias >= 0 ? alias : name, s.textOf(name), isPublic(s, n), scope);
      return;
    }
    case T.ConstItem:
    case T.StaticItem:
      globalItem(s, n, scope);
      return;
    case T.MacroCall:
      macroItem(s, n, scope);
      return;
    case T.ExpressionStatement: {
      const inner = s.inner(n);
      if (inner >= 0 && s.kind(inner) === T.MacroCall) macroItem(s, inner, scope);
      return;
    }
    default:
      return;
  }
}

/** True for plain `pub`; `pub(crate)` and narrower are not visible outside. */
function isPublic(s: Lowering, n: TreeNode): boolean {
  const visibility = s.child(n, T.Visibility);
  return visibility >= 0 && s.end(visibility) - s.start(visibility) === 3;
}

function span(s: Lowering, n: TreeNode): { start: number; end: number } {
  return { start: s.start(n), end: s.end(n) };
}

// --- generics

function genericsOf(s: Lowering, n: TreeNode): Generics {
  const f = s.f;
  const parameters = s.field(n, f.type_parameters);
  const where = s.child(n, T.WhereClause);
  if (parameters < 0 && where < 0) return [];
  const found = new Map<string, string[]>();
  const end = parameters < 0 ? -1 : s.after(parameters);
  for (let c = parameters + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind !== T.TypeParameter && kind !== T.ConstParameter && kind !== T.TypeName) continue;
    const name = kind === T.TypeName ? c : s.field(c, f.name);
    if (name < 0) continue;
    const bounds: string[] = [];
    if (kind === T.ConstParameter) {
      const type = s.field(c, f.type);
      bounds.push(`const ${type < 0 ? '' : s.textOf(type)}`.trimEnd());
    } else boundsOf(s, s.field(c, f.bounds), bounds);
    found.set(s.textOf(name), bounds);
  }
  const last = where < 0 ? -1 : s.after(where);
  for (let c = where + 1; c < last; c = s.after(c)) {
    if (s.kind(c) !== T.WherePredicate) continue;
    const left = s.field(c, f.left);
    const bounds = left < 0 ? undefined : found.get(s.textOf(left));
    if (bounds) boundsOf(s, s.field(c, f.bounds), bounds);
  }
  return [...found].map(([name, bounds]) => ({ name, bounds }));
}

function boundsOf(s: Lowering, n: TreeNode, into: string[]): void {
  if (n < 0) return;
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) {
    if (!s.carries(c) || s.kind(c) === T.Lifetime) continue;
    into.push(s.textOf(c));
  }
}

// --- functions

function functionItem(s: Lowering, n: TreeNode, attributes: readonly string[], scope: Scope): void {
  const f = s.f;
  const name = s.field(n, f.name);
  const parameters = s.field(n, f.parameters);
  const returns = s.field(n, f.return_type);
  const bodyNode = s.field(n, f.body);
  const modifiers = s.child(n, T.FunctionModifiers);
  const own = genericsOf(s, n);
  let receiver = '';
  let receiverByReference = false;
  let receiverMutable = false;
  const params: NodeId[] = [];
  const end = parameters < 0 ? -1 : s.after(parameters);
  for (let c = parameters + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind === T.SelfParameter) {
      receiver = 'self';
      receiverByReference = s.has(c, '&');
      receiverMutable = receiverByReference && s.child(c, T.Mut) >= 0;
      continue;
    }
    if (kind === T.Parameter) {
      const pattern = s.field(c, f.pattern);
      if (pattern >= 0 && s.textOf(pattern) === 'self') {
        const type = s.field(c, f.type);
        receiver = 'self';
        const text = type < 0 ? '' : s.textOf(type);
        receiverByReference = /^(\w+(::\w+)*<)?&/.test(text);
        receiverMutable = receiverByReference && /&('\w+ )?mut\b/.test(text);
        continue;
      }
    }
    if (kind >= T.TypeName && kind <= T.QualifiedType) {
      // A parameter without a name, as in `extern` blocks.
      const id = s.open(Kind.Param, Role.Param, -1, c);
      lowerType(s, c, Role.Type);
      params.push(s.out.close(id));
      continue;
    }
    const id = lowerParameter(s, c);
    if (id >= 0) params.push(id);
  }
  let result = -1;
  if (returns >= 0) {
    result = s.out.size;
    lowerType(s, returns, Role.Result);
  }
  let body = -1;
  if (bodyNode >= 0 && scope.test) {
    // A third of many crates is unit tests, and no rule looks into them.
    body = s.out.close(s.open(Kind.Block, Role.Body, -1, bodyNode));
  } else if (bodyNode >= 0) {
    body = s.out.size;
    s.scope = {
      module: scope.module,
      test: false,
      owner: '',
      trait: '',
      generics: [],
      parent: s.functions.length,
      macro: '',
    };
    lower(s, bodyNode, Role.Body);
    s.scope = scope;
  }
  s.functions.push({
    name: name < 0 ? '' : s.textOf(name),
    nameSpan: name < 0 ? span(s, n) : span(s, name),
    span: span(s, n),
    owner: scope.owner,
    trait: scope.trait,
    receiver,
    receiverByReference,
    receiverMutable,
    params,
    result,
    body,
    generics: scope.generics.length === 0 ? own : [...scope.generics, ...own],
    module: scope.module,
    isAsync: modifiers >= 0 && s.has(modifiers, 'async'),
    isConst: modifiers >= 0 && s.has(modifiers, 'const'),
    exported: isPublic(s, n),
    test: scope.test,
    attributes,
    parent: scope.parent,
  });
}

function implItem(s: Lowering, n: TreeNode, scope: Scope): void {
  const f = s.f;
  const type = s.field(n, f.type);
  const trait = s.field(n, f.trait);
  const body = s.field(n, f.body);
  if (body < 0) return;
  const generics = genericsOf(s, n);
  lowerItems(s, body, {
    ...scope,
    owner: type < 0 ? '' : ownerOf(s, type, generics),
    trait: trait < 0 ? '' : pathOf(s, trait),
    generics,
  });
}

/** Methods of a handle are methods of what it leads to: `impl Listen for Arc<Server>`. */
function ownerOf(s: Lowering, type: TreeNode, generics: Generics): string {
  const path = pathOf(s, type);
  const args = s.kind(type) === T.GenericType && HANDLES.test(path) ? s.field(type, s.f.type_arguments) : -1;
  const inner = args < 0 ? -1 : s.inner(args);
  if (inner < 0 || s.kind(inner) === T.DynType) return path;
  const held = ownerOf(s, inner, generics);
  return held === '' || generics.some((g) => g.name === held) ? path : held;
}

const HANDLES = /(^|::)(Arc|Rc|Box)$/;

function traitItem(s: Lowering, n: TreeNode, attributes: readonly string[], scope: Scope): void {
  const f = s.f;
  const name = s.field(n, f.name);
  const body = s.field(n, f.body);
  if (name < 0) return;
  const text = s.textOf(name);
  const generics = genericsOf(s, n);
  const members: string[] = [];
  const end = body < 0 ? -1 : s.after(body);
  for (let c = body + 1; c < end; c = s.after(c)) {
    if (s.kind(c) !== T.FunctionItem) continue;
    const member = s.field(c, f.name);
    if (member >= 0) members.push(s.textOf(member));
  }
  s.types.push({
    name: text,
    kind: 'trait',
    module: scope.module,
    span: span(s, n),
    nameSpan: span(s, name),
    generics,
    fields: [],
    members,
    target: -1,
    attributes,
    exported: isPublic(s, n),
    test: scope.test,
  });
  if (body >= 0) lowerItems(s, body, { ...scope, owner: text, trait: text, generics });
}

// --- types

function typeItem(s: Lowering, n: TreeNode, attributes: readonly string[], scope: Scope): void {
  const f = s.f;
  const name = s.field(n, f.name);
  if (name < 0) return;
  const body = s.field(n, f.body);
  const fields: FieldFact[] = [];
  const members: string[] = [];
  const isEnum = s.kind(n) === T.EnumItem;
  if (body >= 0 && !isEnum) fieldsOf(s, body, '', fields);
  else if (body >= 0) {
    const end = s.after(body);
    for (let c = body + 1; c < end; c = s.after(c)) {
      if (s.kind(c) !== T.EnumVariant) continue;
      const variant = s.field(c, f.name);
      if (variant < 0) continue;
      const text = s.textOf(variant);
      members.push(text);
      const payload = s.field(c, f.body);
      if (payload >= 0) fieldsOf(s, payload, `${text}.`, fields);
    }
  }
  s.types.push({
    name: s.textOf(name),
    kind: isEnum ? 'enum' : s.has(n, 'union') ? 'union' : 'struct',
    module: scope.module,
    span: span(s, n),
    nameSpan: span(s, name),
    generics: genericsOf(s, n),
    fields,
    members,
    target: -1,
    attributes,
    exported: isPublic(s, n),
    test: scope.test,
  });
}

function fieldsOf(s: Lowering, list: TreeNode, prefix: string, into: FieldFact[]): void {
  const f = s.f;
  const end = s.after(list);
  let index = 0;
  for (let c = list + 1; c < end; c = s.after(c)) {
    const ordered = s.fieldOf(c) === f.type && s.kind(c) !== T.Comment;
    const name = ordered ? -1 : s.kind(c) === T.FieldDeclaration ? s.field(c, f.name) : -1;
    const type = ordered ? c : name < 0 ? -1 : s.field(c, f.type);
    if (type < 0) continue;
    const node = s.out.size;
    lowerType(s, type, Role.Type);
    into.push({
      name: prefix + (ordered ? String(index++) : s.textOf(name)),
      nameSpan: span(s, ordered ? c : name),
      span: span(s, c),
      type: node,
      embedded: false,
    });
  }
}

function aliasItem(s: Lowering, n: TreeNode, attributes: readonly string[], scope: Scope): void {
  const f = s.f;
  const name = s.field(n, f.name);
  const type = s.field(n, f.type);
  if (name < 0 || type < 0) return;
  const target = s.out.size;
  lowerType(s, type, Role.Type);
  s.types.push({
    name: s.textOf(name),
    kind: 'alias',
    module: scope.module,
    span: span(s, n),
    nameSpan: span(s, name),
    generics: genericsOf(s, n),
    fields: [],
    members: [],
    target,
    attributes,
    exported: isPublic(s, n),
    test: scope.test,
  });
}

// --- globals

function globalItem(s: Lowering, n: TreeNode, scope: Scope): void {
  const f = s.f;
  const name = s.field(n, f.name);
  if (name < 0) return;
  const typeNode = s.field(n, f.type);
  const valueNode = s.field(n, f.value);
  let type = -1;
  if (typeNode >= 0) {
    type = s.out.size;
    lowerType(s, typeNode, Role.Type);
  }
  let value = -1;
  if (valueNode >= 0) {
    value = s.out.size;
    lower(s, valueNode, Role.Value);
    if (s.out.size === value) value = -1;
  }
  s.globals.push({
    name: s.textOf(name),
    nameSpan: span(s, name),
    span: span(s, n),
    kind: s.kind(n) === T.StaticItem ? 'static' : 'const',
    owner: scope.owner,
    module: scope.module,
    type,
    value,
    exported: isPublic(s, n),
    test: scope.test,
    macro: scope.macro,
    parent: scope.parent,
  });
}

// --- modules and imports

function modItem(s: Lowering, n: TreeNode, attributes: readonly string[], scope: Scope): void {
  const f = s.f;
  const name = s.field(n, f.name);
  if (name < 0) return;
  const text = s.textOf(name);
  const body = s.field(n, f.body);
  if (body < 0) {
    const path = attributes.find((a) => /^path\s*=/.test(a));
    s.modules.push({
      name: text,
      path: scope.module,
      file: path ? (/"([^"]*)"/.exec(path)?.[1] ?? '') : '',
      test: scope.test,
    });
    return;
  }
  lowerItems(s, body, { ...scope, module: [...scope.module, text] });
}

function join(head: string, tail: string): string {
  return head === '' ? tail : tail === '' ? head : `${head}::${tail}`;
}

/** One import a name of a `use` tree. */
function useTree(s: Lowering, n: TreeNode, prefix: string, exported: boolean, scope: Scope): void {
  const f = s.f;
  switch (s.kind(n)) {
    case T.Name:
      // `self` in a list stands for the path before it.
      if (s.textOf(n) === 'self' && prefix !== '')
        addImport(s, n, prefix, exported, scope, lastSegment(prefix));
      else addImport(s, n, join(prefix, s.textOf(n)), exported, scope);
      return;
    case T.ScopedName: {
      const name = s.field(n, f.name);
      addImport(s, name < 0 ? n : name, join(prefix, pathOf(s, n)), exported, scope);
      return;
    }
    case T.UseAs: {
      const path = s.field(n, f.path);
      const alias = s.field(n, f.alias);
      if (path < 0 || alias < 0) return;
      const text = pathOf(s, path);
      addImport(s, alias, text === 'self' && prefix !== '' ? prefix : join(prefix, text), exported, scope);
      return;
    }
    case T.UseWildcard: {
      const path = s.inner(n);
      addImport(s, n, join(prefix, path < 0 ? '' : pathOf(s, path)), exported, scope, '*');
      return;
    }
    case T.ScopedUseList: {
      const path = s.field(n, f.path);
      const list = s.field(n, f.list);
      if (list >= 0) useTree(s, list, join(prefix, path < 0 ? '' : pathOf(s, path)), exported, scope);
      return;
    }
    case T.UseList: {
      const end = s.after(n);
      for (let c = n + 1; c < end; c = s.after(c)) if (s.carries(c)) useTree(s, c, prefix, exported, scope);
      return;
    }
    default:
      return;
  }
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf(':') + 1);
}

function addImport(
  s: Lowering,
  at: TreeNode,
  path: string,
  exported: boolean,
  scope: Scope,
  alias: string = s.textOf(at),
): void {
  s.imports.push({ alias, path, exported, module: scope.module, span: span(s, at) });
}

// --- macros that hold items

/** So many words of a macro may be names of modules. */
const MAX_MODULES = 64;

function macroItem(s: Lowering, n: TreeNode, scope: Scope): void {
  const name = macroName(s, n);
  const tree = s.child(n, T.TokenTree);
  if (tree < 0) return;
  if (!declaresItems(name)) {
    // An unknown wrapper around items: worth a look only when it visibly declares functions or modules.
    const tokens = tokensOf(s, tree);
    if (delimiter(s, tree) !== '{') {
      // `modules!(unix, windows)` may declare what it is given.
      for (const name of tokens.slice(0, MAX_MODULES).map((t) => s.textOf(t)))
        if (/^[a-z_]\w*$/.test(name)) s.modules.push({ name, path: scope.module, file: '', test: false });
      return;
    }
    const words = tokens.map((t) => s.token(t));
    if (!words.some((word) => word === 'fn' || word === 'impl' || word === 'mod')) return;
  }
  const last = lastSegment(name);
  const inner: Scope = { ...scope, macro: last };
  for (const brace of bracesOf(s, tree)) {
    const test = scope.test || isTestCondition(s, tree, brace);
    const part = s.parsePart(s.start(brace) + 1, s.end(brace) - 1).data;
    s.reading(part, () => lowerItems(s, 0, { ...inner, test }));
  }
}

/** `if #[cfg(test)] { … }` of `cfg_if!`: the attribute before a brace. */
function isTestCondition(s: Lowering, tree: TreeNode, brace: TreeNode): boolean {
  let before = -1;
  for (const t of tokensOf(s, tree)) {
    if (t === brace) break;
    before = t;
  }
  if (before < 0 || delimiter(s, before) !== '[') return false;
  return isTestAttribute(s.textOf(before).slice(1, -1));
}

/** True for the attribute of a whole file: `#![cfg(test)]` and the like. */
export function isTestFileHeader(s: Lowering, root: TreeNode): boolean {
  const end = s.after(root);
  for (let c = root + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind >= FIRST_ITEM) return false;
    if (kind === T.InnerAttribute && isTestAttribute(attributeText(s, c))) return true;
  }
  return false;
}
