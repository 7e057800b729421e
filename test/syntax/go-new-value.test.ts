import { expect, test } from 'vitest';
import { startEngine } from '../../src/host/engine.ts';
import { withoutNewValues } from '../../src/syntax/go/new-value.ts';

test.each([
  'new(uint64(n))',
  'new("localhost")',
  'new(a.GetName())',
  'new(1 + x)',
  'new(Point{1, 2})',
  'new(&x)',
  'new([]byte("x"))',
  'new(")")',
  'new(-1)',
  'new(1000000)',
  'new(job.Canary.Weight)',
  'new(id + 1)',
])('%s takes a value', (call) => {
  expect(withoutNewValues(`x := ${call}`)).toBe(`x := ${call.replace('new', 'nev')}`);
});

test.each([
  'new(T)',
  'new(pkg.T)',
  'new(*T)',
  'new([]T)',
  'new([4]byte)',
  'new(map[string][]T)',
  'new(chan<- T)',
  'new(func(int) error)',
  'new(struct{ a int })',
  'new(struct{ A int `json:"a"` })',
  'new(List[string])',
  'new(List[map[string]int])',
  'new(T,)',
  'new()',
  'new(',
  'renew(f())',
  'x.new(f())',
])('%s stays', (call) => {
  expect(withoutNewValues(`x := ${call}`)).toBe(`x := ${call}`);
});

test('a file with such a call is understood, also while it is typed', async () => {
  const parser = await startEngine();
  const text = 'package p\n\nfunc f(n int) *uint64 {\n\treturn new(uint64(n))\n}\n\nfunc g() {}\n';
  expect(parser.extract('/p/p.go', 'go', text).broken).toBe(false);
  const open = parser.open('/p/p.go', 'go');
  open.update(text.replace('(n))', ')'), () => false);
  const facts = open.update(text, () => false);
  expect(facts?.broken).toBe(false);
  expect(facts?.functions.map((f) => f.name)).toEqual(['f', 'g']);
  open.close();
  parser.close();
});
