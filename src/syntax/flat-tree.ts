import type { Language as Grammar, Tree } from 'web-tree-sitter';

/** Integers per node of a flattened tree: type, field, start, end, parent (-1: root), index after the subtree. */
export const FLAT_INTS = 6;

/**
 * A whole syntax tree, anonymous nodes included, as one preorder array. Made once per parse so that extraction
 * never crosses into wasm again. Offsets are UTF-16.
 */
export interface FlatTree {
  readonly data: Int32Array;
  readonly size: number;
  /** Nodes below the deepest level allowed were left out; their ancestors are there, as leaves. */
  readonly cut: boolean;
}

/** Names of a grammar's numeric types and fields, made once per grammar. */
export interface Vocabulary {
  /** Node type by id; anonymous nodes have their text (`fn`, `{`). Both named and anonymous ids are listed. */
  readonly types: readonly string[];
  /** 1 where the type is a named node. */
  readonly named: Uint8Array;
  readonly fields: readonly string[];
  /** Id of a field name; 0 is no field. */
  fieldId(name: string): number;
  /** Ids of a named node type. A grammar may use several ids for one name (aliases). */
  typeIds(name: string): readonly number[];
}

/** `ERROR` nodes carry this type id in tree-sitter. */
export const ERROR_TYPE = 65535;

export function readVocabulary(grammar: Grammar): Vocabulary {
  const types: string[] = [];
  const named = new Uint8Array(grammar.nodeTypeCount);
  const byName = new Map<string, number[]>();
  for (let id = 0; id < grammar.nodeTypeCount; id++) {
    const name = grammar.nodeTypeForId(id) ?? '';
    types.push(name);
    if (grammar.nodeTypeIsNamed(id)) {
      named[id] = 1;
      const ids = byName.get(name);
      if (ids) ids.push(id);
      else byName.set(name, [id]);
    }
  }
  const fields: string[] = [''];
  const fieldIds = new Map<string, number>();
  for (let id = 1; id <= grammar.fieldCount; id++) {
    const name = grammar.fieldNameForId(id) ?? '';
    fields.push(name);
    if (name) fieldIds.set(name, id);
  }
  return {
    types,
    named,
    fields,
    fieldId: (name) => fieldIds.get(name) ?? 0,
    typeIds: (name) => byName.get(name) ?? [],
  };
}

/**
 * Flattens through the public cursor API: slow, needs nothing undocumented. The root is at depth 0; nodes deeper
 * than `maxDepth` are left out.
 */
export function flattenByCursor(tree: Tree, maxDepth = Number.POSITIVE_INFINITY): FlatTree {
  const rows: number[] = [];
  let cut = false;
  const cursor = tree.walk();
  try {
    const stack: number[] = [];
    let entering = true;
    for (;;) {
      if (entering) {
        const index = rows.length / FLAT_INTS;
        rows.push(
          cursor.nodeTypeId,
          cursor.currentFieldId,
          cursor.startIndex,
          cursor.endIndex,
          stack.at(-1) ?? -1,
          index + 1,
        );
        stack.push(index);
        if (cursor.gotoFirstChild()) {
          if (stack.length <= maxDepth) continue;
          cut = true;
          cursor.gotoParent();
        }
      }
      const done = stack.pop() as number;
      rows[done * FLAT_INTS + 5] = rows.length / FLAT_INTS;
      if (cursor.gotoNextSibling()) {
        entering = true;
        continue;
      }
      if (!cursor.gotoParent()) break;
      entering = false;
    }
  } finally {
    cursor.delete();
  }
  return { data: Int32Array.from(rows), size: rows.length / FLAT_INTS, cut };
}
