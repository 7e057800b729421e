/** What a part of the review is about: a program with its containers, or the code that none runs. */

import type { Service } from '../budget/services.ts';
import type { Exemption, Finding } from '../core/finding.ts';
import type { KubeObject } from '../manifest/model.ts';
import type { Executable } from '../workload/executables.ts';

/** What became of what a rule said: shown, or why it is not. */
export type Fate =
  | 'shown'
  /** A baseline accepts it. */
  | 'accepted'
  /** A comment on its line silences it. */
  | 'ignored'
  /** A pattern without proof, which only the pedantic profile shows. */
  | 'unsure'
  /** The rule is switched off. */
  | 'off';

export interface Judged {
  readonly finding: Finding;
  readonly fate: Fate;
  /** Why a person ignored it; empty for any other fate. */
  readonly reason: string;
}

export interface Subject {
  /** Undefined for code that no container runs. */
  readonly executable: Executable | undefined;
  /** Empty for code that no container runs. */
  readonly containers: readonly Service[];
  /** Its source files. */
  readonly files: ReadonlySet<string>;
  readonly judged: readonly Judged[];
  readonly exemptions: readonly Exemption[];
  /** What adds and removes its pods, as far as it is in the workspace. */
  readonly autoscalers: readonly KubeObject[];
}
