import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { finish } from '../../src/core/steps.ts';
import { startEngine } from '../../src/host/engine.ts';
import { collect, keepHeapsSmall } from '../../src/host/heaps.ts';
import { type PackedFacts, pack } from '../../src/host/packed-facts.ts';
import { ProgramChecker } from '../../src/host/program-checker.ts';
import { Program } from '../../src/program/program.ts';

const parser = await startEngine();

/** A service of many functions, each of which stores what a request brings. */
function service(functions: number): string {
  const handlers = Array.from(
    { length: functions },
    (_, i) => `func handle${i}(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("key${i}")
	for _, part := range strings.Split(key, ",") {
		seen[part] = append(seen[part], ${i})
	}
	fmt.Fprintln(w, len(seen[key]))
}
`,
  );
  const routes = Array.from({ length: functions }, (_, i) => `	http.HandleFunc("/${i}", handle${i})\n`);
  return `package main\n\nimport (\n\t"fmt"\n\t"net/http"\n\t"strings"\n)\n\nvar seen = map[string][]int{}\n\n${handlers.join('\n')}\nfunc main() {\n${routes.join('')}\thttp.ListenAndServe(":8080", nil)\n}\n`;
}

const facts = parser.extract('/w/main.go', 'go', service(250));
const packed: readonly PackedFacts[] = [pack(facts, '')];
const pkg = new Program({ files: [facts], projects: [], text: () => '' }).packages[0]?.id as string;

function used(): number {
  collect();
  return getHeapStatistics().used_heap_size;
}

test('what a neighbourhood takes is given back when the next is entered', () => {
  keepHeapsSmall();
  const checker = new ProgramChecker({
    profile: 'default',
    only: undefined,
    explain: true,
    projects: [],
    root: '/w',
  });
  const round = (): { held: number; left: number } => {
    checker.enter(packed);
    finish(checker.answer({ package: pkg }));
    const held = used();
    checker.enter([]);
    return { held, left: used() };
  };
  // Code is compiled in the first, and a little in each.
  round();
  const first = round();
  const second = round();
  const taken = second.held - second.left;
  expect(taken).toBeGreaterThan(2 ** 18);
  expect(second.left - first.left).toBeLessThan(taken / 2);
});
