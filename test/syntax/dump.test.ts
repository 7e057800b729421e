import { expect, test } from 'vitest';
import { Code } from '../../src/syntax/code.ts';
import { dump } from '../../src/syntax/dump.ts';
import type { FileFacts } from '../../src/syntax/facts.ts';
import { Kind, Role } from '../../src/syntax/node.ts';
import { NodeWriter } from '../../src/syntax/node-writer.ts';

test('dumps kinds, names and roles on one line', () => {
  const w = new NodeWriter();
  const call = w.open(Kind.MethodCall, Role.Statement, 'insert', 0, 14);
  w.leaf(Kind.Name, Role.Object, 'map', 0, 3);
  w.leaf(Kind.String, Role.Arg, 'a (b)', 11, 13);
  w.close(call);
  const code = new Code({ names: w.names, nodes: w.finish() } as unknown as FileFacts);
  expect(dump(code, 0)).toBe('(method-call insert object:(name map) arg:(string "a (b)"))');
  expect(dump(code, -1)).toBe('-');
});
