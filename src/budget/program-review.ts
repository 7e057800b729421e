/** What the code of a program takes, in every environment it runs in: plain data, so that a thread can find it. */

import type { Steps } from '../core/steps.ts';
import type { Program } from '../program/program.ts';
import type { Executable } from '../workload/executables.ts';
import { type ProgramFacts, programFacts } from '../workload/program-facts.ts';
import { itemsOf } from './items.ts';
import type { LedgerItem } from './ledger.ts';
import { isOtherProgram, packagesOf } from './reach.ts';

/** Names of environment variables and their values. */
export type Variables = ReadonlyMap<string, string>;

/** What a program is made of. */
export interface ProgramSummary {
  readonly executable: Executable;
  readonly facts: ProgramFacts;
  /** The files that are compiled into it. */
  readonly files: ReadonlySet<string>;
}

/** The programs of a neighbourhood that containers run, each with the environments it runs in. */
export interface ReviewRequest {
  readonly programs: readonly {
    readonly executable: Executable;
    readonly environments: readonly Variables[];
  }[];
  /** All programs of the workspace. */
  readonly executables: readonly Executable[];
}

/** A program and what its code takes. */
export interface ReviewedProgram {
  readonly summary: ProgramSummary;
  /** Variables that sizes depend on. */
  readonly variables: ReadonlySet<string>;
  /** By `environmentKey`; the empty key is the code alone. */
  readonly items: ReadonlyMap<string, readonly LedgerItem[]>;
}

/** Reviews the programs of a neighbourhood, a package a step. */
export function* reviewPrograms(program: Program, request: ReviewRequest): Steps<ReviewedProgram[]> {
  const { executables } = request;
  const reviewed: ReviewedProgram[] = [];
  for (const { executable, environments } of request.programs) {
    const { items, variables } = yield* itemsOf(program, executable, executables, undefined);
    const known = new Map([['', items]]);
    for (const environment of environments) {
      const key = environmentKey(environment, variables);
      if (known.has(key)) continue;
      const value = (name: string) => environment.get(name);
      known.set(key, (yield* itemsOf(program, executable, executables, value)).items);
    }
    reviewed.push({ summary: summaryOf(program, executable, executables), variables, items: known });
  }
  return reviewed;
}

/** The values that decide sizes, as a key; empty when there are none: then the numbers are those of the code. */
export function environmentKey(environment: Variables, deciding: ReadonlySet<string>): string {
  return [...deciding]
    .sort()
    .flatMap((name) => (environment.has(name) ? [`${name}=${environment.get(name)}`] : []))
    .join('\n');
}

function summaryOf(program: Program, executable: Executable, all: readonly Executable[]): ProgramSummary {
  const packages = packagesOf(program, executable);
  const isHere = (file: string) => !isOtherProgram(file, executable, all);
  const files = packages.flatMap((p) => p.files.filter((f) => !f.isTest).map((f) => f.facts.file));
  return {
    executable,
    facts: programFacts(executable, packages, isHere),
    files: new Set(files.filter(isHere)),
  };
}
