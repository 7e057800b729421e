import { ERROR_TYPE, FLAT_INTS } from '../../src/syntax/flat-tree.ts';
import type { Extractor } from '../../src/syntax/parser.ts';

/** Hands a copy of the flattened tree through as the facts, so that a test sees the engine and no extractor. */
export const rawExtractor: Extractor = ({ file, tree }) => ({
  file,
  language: 'rust',
  packageName: '',
  generated: false,
  test: false,
  names: [],
  nodes: tree.data.slice(),
  imports: [],
  types: [],
  functions: [],
  globals: [],
  modules: [],
  directives: [],
  broken: tree.data.some((value, i) => i % FLAT_INTS === 0 && value === ERROR_TYPE),
});
