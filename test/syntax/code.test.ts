import { expect, it } from 'vitest';
import { Code } from '../../src/syntax/code.ts';
import { Kind, Role } from '../../src/syntax/node.ts';
import { NodeWriter } from '../../src/syntax/node-writer.ts';
import { rawExtractor } from './raw-extractor.ts';

const written = (write: (w: NodeWriter) => void) => {
  const writer = new NodeWriter();
  write(writer);
  const nodes = writer.finish();
  const tree = { data: new Int32Array(), size: 0, cut: false };
  const none = { types: [], named: new Uint8Array(), fields: [], fieldId: () => 0, typeIds: () => [] };
  const facts = rawExtractor({ file: 'a', text: '', tree, vocabulary: none, parsePart: () => tree });
  return new Code({ ...facts, nodes, names: writer.names });
};

it('gives back every kind with every role, name and position', () => {
  const kinds = Object.values(Kind);
  const roles = Object.values(Role);
  const code = written((w) => {
    for (const kind of kinds) for (const role of roles) w.leaf(kind, role, `${kind}-${role}`, kind, role);
  });
  let n = 0;
  for (const kind of kinds)
    for (const role of roles) {
      expect([code.kind(n), code.role(n), code.name(n), code.start(n), code.end(n)]).toEqual([
        kind,
        role,
        `${kind}-${role}`,
        kind,
        role,
      ]);
      n++;
    }
  expect(code.size).toBe(n);
});

it('holds as many names as a file can have', () => {
  const code = written((w) => {
    for (let i = 0; i < 600_000; i++) w.leaf(Kind.Name, Role.Statement, i.toString(36), i, i + 1);
    w.leaf(Kind.Block, Role.Body, '', 0, 0);
  });
  expect(code.name(599_999)).toBe((599_999).toString(36));
  expect(code.kind(599_999)).toBe(Kind.Name);
  expect(code.role(599_999)).toBe(Role.Statement);
  expect(code.name(600_000)).toBe('');
});

it('keeps parents and subtrees', () => {
  const code = written((w) =>
    w.node(Kind.Block, Role.Body, '', 0, 9, () => {
      w.node(Kind.Call, Role.Statement, '', 0, 4, () => w.leaf(Kind.Name, Role.Callee, 'f', 0, 1));
      w.leaf(Kind.Return, Role.Statement, '', 5, 9);
    }),
  );
  expect([0, 1, 2, 3].map((n) => code.parent(n))).toEqual([-1, 0, 1, 0]);
  expect([0, 1, 2, 3].map((n) => code.after(n))).toEqual([4, 3, 3, 4]);
  expect(code.children(0)).toEqual([1, 3]);
});
