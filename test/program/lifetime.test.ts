import { expect, test } from 'vitest';
import { Lifetimes } from '../../src/program/lifetime/lifetime.ts';
import { programOf } from './program-of.ts';

/** Why values of a type live long, and how sure that is. */
function reasonOf(text: string, type: string, file = 'main.go'): string {
  const program = programOf({ [file]: text });
  const decl = program.packages.flatMap((p) => p.types).find((t) => t.fact.name === type);
  if (!decl) throw new Error(`no ${type}`);
  const { strength, why } = Lifetimes.of(program).ofType(decl);
  return `${strength}: ${why}`;
}

const STORE = `package main

import "sync"

type Store struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (s *Store) Touch(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[key] = true
}
`;

test('a lock is no reason where its owner is made at the start', () => {
  const made = `${STORE}
func main() {
	s := &Store{seen: map[string]bool{}}
	s.Touch("start")
}
`;
  expect(reasonOf(made, 'Store')).toBe('proven: `Store` is made here, where the program starts');
});

test('nor where a constructor makes it that others call', () => {
  const made = `${STORE}
func NewStore() *Store { return &Store{seen: map[string]bool{}} }
`;
  expect(reasonOf(made, 'Store')).toBe(
    'proven: `Store` is made here, by `NewStore`, which is offered to others',
  );
});

test('nor where a method of it handles requests', () => {
  const made = `${STORE.replace('import "sync"', 'import (\n\t"net/http"\n\t"sync"\n)')}
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.Touch(r.URL.Path) }
`;
  expect(reasonOf(made, 'Store')).toMatch(/^proven: .*`Store\.ServeHTTP`|^proven: .*HTTP/);
});

test('where nothing tells who makes it, the lock is all there is', () => {
  expect(reasonOf(STORE, 'Store')).toBe('likely: only the lock in `Store` tells that goroutines share it');
});

test('a wrapper that shares is no reason where its content is made at the start', () => {
  const rust = `
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

struct Seen { keys: HashMap<String, u64> }
struct App { seen: Arc<Mutex<Seen>> }

fn main() {
    let seen = Seen { keys: HashMap::new() };
    let app = App { seen: Arc::new(Mutex::new(seen)) };
    serve(app);
}
`;
  expect(reasonOf(rust, 'Seen', 'src/main.rs')).toBe('proven: `Seen` is made only where the program starts');
});
