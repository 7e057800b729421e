/** How many findings each rule has in a repository. */
export type Counts = Readonly<Record<string, number>>;

/** One finding, as far as it can be told again after lines have moved. */
export interface FieldFinding {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** The number of findings by rule, rules in order of their names. */
export function countByRule(findings: readonly FieldFinding[]): Counts {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The rules whose counts differ, as `go/unbounded-cache 12 → 9`. */
export function differingCounts(before: Counts, after: Counts): string[] {
  const rules = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return rules
    .filter((rule) => (before[rule] ?? 0) !== (after[rule] ?? 0))
    .map((rule) => `${rule} ${before[rule] ?? 0} → ${after[rule] ?? 0}`);
}

/** The findings of `after` that `before` does not have; the same one twice counts twice, its line does not count. */
export function missingFrom(
  before: readonly FieldFinding[],
  after: readonly FieldFinding[],
): readonly FieldFinding[] {
  const left = new Map<string, number>();
  for (const f of before) left.set(keyOf(f), (left.get(keyOf(f)) ?? 0) + 1);
  return after.filter((f) => {
    const count = left.get(keyOf(f)) ?? 0;
    left.set(keyOf(f), count - 1);
    return count <= 0;
  });
}

function keyOf({ rule, file, message }: FieldFinding): string {
  return `${rule}\n${file}\n${message}`;
}
