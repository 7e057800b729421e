/** Reviews of the programs that containers run, kept until the code around them changes. */

import type { UnboundedItem } from '../budget/ledger.ts';
import { environmentKey, type ReviewedProgram, type ReviewRequest } from '../budget/program-review.ts';
import {
  environmentOf,
  type ProgramReview,
  type Service,
  type Services,
  serviceOf,
} from '../budget/services.ts';
import type { Finding } from '../core/finding.ts';
import type { Manifests } from '../manifest/manifests.ts';
import type { Unit } from '../workload/units.ts';
import type { WorkloadLinks } from './links.ts';

/** Rules whose findings say that something has no bound at all. */
export const GROWTH = /^(go|rust)\/unbounded-(cache|channel|queue|spawn)$/;

export class Reviews {
  /** By neighbourhood. */
  readonly #parts = new Map<string, readonly ReviewedProgram[]>();
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

  /** True when the programs of a neighbourhood were reviewed since it changed. */
  has(part: string): boolean {
    return this.#parts.has(part);
  }

  /** What was said of the programs of a neighbourhood since it changed. */
  of(part: string): readonly ReviewedProgram[] | undefined {
    return this.#parts.get(part);
  }

  /** Takes what `reviewPrograms` gave for a neighbourhood. */
  set(part: string, programs: readonly ReviewedProgram[]): void {
    this.#parts.set(part, programs);
  }

  /** All services whose programs were reviewed. */
  services(manifests: Manifests, links: WorkloadLinks): Services {
    const reviewed = new Map([...this.#parts.values()].flat().map((r) => [r.summary.executable.id, r]));
    const units = new Map<string, Unit[]>();
    for (const { unit, links: own } of links.units)
      for (const { executable } of own) units.set(executable.id, [...(units.get(executable.id) ?? []), unit]);
    const services: Service[] = [];
    for (const { unit, links: own } of links.units)
      for (const link of own) {
        const found = reviewed.get(link.executable.id);
        if (!found) continue;
        const others = (units.get(link.executable.id) ?? []).filter((u) => u !== unit);
        const items = found.items.get(environmentKey(environmentOf(unit, link), found.variables)) ?? [];
        services.push(serviceOf(manifests, unit, link, this.#whole(found), items, others));
      }
    return { manifests, services, units: links.units };
  }

  #whole({ summary }: ReviewedProgram): ProgramReview {
    // In the order of files, whichever thread was first to say it.
    const unbounded = [...this.#unbounded.values()]
      .flat()
      .filter((u) => summary.files.has(u.at.file))
      .sort((a, b) =>
        a.at.file === b.at.file ? a.at.span.start - b.at.span.start : a.at.file < b.at.file ? -1 : 1,
      );
    return { ...summary, unbounded };
  }
}

/** What has to be reviewed in a neighbourhood, by the files that hold its programs. */
export function reviewRequest(links: WorkloadLinks, isInside: (file: string) => boolean): ReviewRequest {
  const programs = new Map<
    string,
    ReviewRequest['programs'][number] & { environments: ReadonlyMap<string, string>[] }
  >();
  for (const { unit, links: own } of links.units)
    for (const link of own) {
      const { executable } = link;
      if (!isInside(executable.file)) continue;
      const program = programs.get(executable.id) ?? { executable, environments: [] };
      program.environments.push(environmentOf(unit, link));
      programs.set(executable.id, program);
    }
  return { programs: [...programs.values()], executables: links.executables };
}
