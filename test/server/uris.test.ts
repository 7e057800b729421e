import { expect, test } from 'vitest';
import { displayName, fileOf, uriOf } from '../../src/server/uris.ts';

test('one folder: a file is named from it', () => {
  expect(displayName('/repo/cart/src/main.rs', ['/repo/cart'])).toBe('src/main.rs');
  expect(displayName('/else/main.rs', ['/repo/cart'])).toBe('/else/main.rs');
});

test('several folders: the same path in two of them has two names', () => {
  const folders = ['/repo/cart', '/repo/orders'];
  expect(folders.map((folder) => displayName(`${folder}/src/main.rs`, folders))).toEqual([
    'cart/src/main.rs',
    'orders/src/main.rs',
  ]);
});

test('folders of one name are told apart by the folders around them, however they are addressed', () => {
  const folders = ['/repo/a/api', '/repo/b/api', fileOf('vscode-vfs://github/shop/web')];
  expect(folders.map((folder) => displayName(`${folder}/go.mod`, folders))).toEqual([
    'a/api/go.mod',
    'b/api/go.mod',
    'web/go.mod',
  ]);
});

test('a folder inside another: the deeper one counts', () => {
  expect(displayName('/repo/cart/api/main.go', ['/repo/cart', '/repo/cart/api'])).toBe('api/main.go');
});

test.each([
  ['file:///repo/a%20b/main.go', '/repo/a b/main.go'],
  ['vscode-vfs://github/shop/a%20b/main.go', '/vscode-vfs:github/shop/a b/main.go'],
  ['vscode-remote://127.0.0.1:8080/shop/main.go', '/vscode-remote:127.0.0.1:8080/shop/main.go'],
  ['memfs:/shop/main.go', '/memfs:/shop/main.go'],
  ['memfs:/', '/memfs:'],
  ['vscode-vfs://github/', '/vscode-vfs:github'],
  ['untitled:Untitled-1', 'untitled:Untitled-1'],
])('%s has a name, and its address again', (uri, file) => {
  expect(fileOf(uri)).toBe(file);
  expect(uriOf(file)).toBe(uri);
});
