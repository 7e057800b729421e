/** Reviews of the programs that containers run: what their code takes, kept until it changes. */

import { itemsOf } from '../budget/items.ts';
import type { LedgerItem, UnboundedItem } from '../budget/ledger.ts';
import { isOtherProgram, packagesOf } from '../budget/reach.ts';
import {
  environmentKey,
  environmentOf,
  type ProgramReview,
  type Service,
  type Services,
  serviceOf,
} from '../budget/services.ts';
import type { Finding } from '../core/finding.ts';
import type { Manifests } from '../manifest/manifests.ts';
import type { Program } from '../program/program.ts';
import type { Executable } from '../workload/executables.ts';

import { programFacts } from '../workload/program-facts.ts';
import type { Unit } from '../workload/units.ts';
import type { WorkloadLinks } from './links.ts';

/** Rules whose findings say that something has no bound at all. */
export const GROWTH = /^(go|rust)\/unbounded-(cache|channel|queue|spawn)$/;

/** One program in one neighbourhood. */
interface Reviewed {
  readonly review: Omit<ProgramReview, 'unbounded'>;
  readonly variables: ReadonlySet<string>;
  /** By the environment that decides the numbers; the empty key is the code alone. */
  readonly items: Map<string, readonly LedgerItem[]>;
}

export class Reviews {
  /** By neighbourhood and program. */
  readonly #parts = new Map<string, Map<string, Reviewed>>();
  readonly #unbounded = new Map<string, readonly UnboundedItem[]>();

  /** Code changed around these files. */
  forget(part?: string): void {
    if (part === undefined) this.#parts.clear();
    else this.#parts.delete(part);
  }

  /** What the rules about growth said of a package, kept until they say something else. */
  setUnbounded(pkg: string, findings: readonly Finding[]): void {
    this.#unbounded.set(
      pkg,
      findings
        .filter((f) => GROWTH.test(f.rule))
        .map((f) => ({
          name: /`([^`]+)`/.exec(f.message)?.[1] ?? f.rule.slice(f.rule.indexOf('/') + 1),
          rule: f.rule,
          at: { file: f.file, span: f.span },
        })),
    );
  }

  /** Reviews the programs of a neighbourhood for every container that runs one of them. */
  review(part: string, program: Program, links: WorkloadLinks): void {
    const known = this.#parts.get(part) ?? new Map<string, Reviewed>();
    this.#parts.set(part, known);
    for (const { unit, links: own } of links.units)
      for (const link of own) {
        const { executable } = link;
        if (!program.file(executable.file)) continue;
        let reviewed = known.get(executable.id);
        if (!reviewed) {
          const { items, variables } = itemsOf(program, executable, links.executables, undefined);
          const review = reviewOf(program, executable, links.executables);
          reviewed = { review, variables, items: new Map([['', items]]) };
          known.set(executable.id, reviewed);
        }
        const key = environmentKey(unit, link, reviewed.variables);
        if (!reviewed.items.has(key)) {
          const environment = environmentOf(unit, link);
          reviewed.items.set(key, itemsOf(program, executable, links.executables, environment).items);
        }
      }
  }

  /** True when every program of the links that lies in a neighbourhood was reviewed since it changed. */
  has(part: string): boolean {
    return this.#parts.has(part);
  }

  /** All services whose programs were reviewed. */
  services(manifests: Manifests, links: WorkloadLinks): Services {
    const reviewed = new Map([...this.#parts.values()].flatMap((p) => [...p]));
    const units = new Map<string, Unit[]>();
    for (const { unit, links: own } of links.units)
      for (const { executable } of own) units.set(executable.id, [...(units.get(executable.id) ?? []), unit]);
    const services: Service[] = [];
    for (const { unit, links: own } of links.units)
      for (const link of own) {
        const found = reviewed.get(link.executable.id);
        if (!found) continue;
        const others = (units.get(link.executable.id) ?? []).filter((u) => u !== unit);
        const items = found.items.get(environmentKey(unit, link, found.variables)) ?? [];
        services.push(serviceOf(manifests, unit, link, this.#whole(found), items, others));
      }
    return { manifests, services, units: links.units };
  }

  #whole({ review }: Reviewed): ProgramReview {
    const unbounded = [...this.#unbounded.values()].flat().filter((u) => review.files.has(u.at.file));
    return { ...review, unbounded };
  }
}

function reviewOf(
  program: Program,
  executable: Executable,
  all: readonly Executable[],
): Omit<ProgramReview, 'unbounded'> {
  const packages = packagesOf(program, executable);
  const isHere = (file: string) => !isOtherProgram(file, executable, all);
  const files = new Set(
    packages.flatMap((p) =>
      p.files.filter((f) => !f.isTest && isHere(f.facts.file)).map((f) => f.facts.file),
    ),
  );
  return { executable, facts: programFacts(executable, packages, isHere), files };
}
