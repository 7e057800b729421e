/** Entry of a worker thread: gets packed facts of a neighbourhood, sends what rules say about packages in it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Profile, shows } from '../analysis/profile.ts';
import { checkPackage, registry, type Said } from '../analysis/run-rules.ts';
import type { CheckPlan } from '../analysis/workspace.ts';
import { type ReviewedProgram, type ReviewRequest, reviewPrograms } from '../budget/program-review.ts';
import type { Edit, Exemption, Finding, Fix, Notice } from '../core/finding.ts';
import type { RuleMeta } from '../core/rule.ts';
import { finish } from '../core/steps.ts';
import { type Package, Program } from '../program/program.ts';
import { Recent } from '../program/recent.ts';
import { readTextFile } from './decode.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { type PackedFacts, unpack } from './packed-facts.ts';

/** What a checker is started with. */
export type CheckerData = Omit<CheckPlan, 'neighbourhoods'>;

/** To a checker: one thing to do in the neighbourhood that was sent last. */
export type CheckRequest = CheckTask & { readonly neighbourhood?: readonly PackedFacts[] };

/** A package to check, or the programs of the neighbourhood to review. */
export type CheckTask = { readonly package: string } | { readonly review: ReviewRequest };

/** What rules said, with the edits of the fixes computed: functions cannot be sent. */
export interface PlainSaid {
  readonly findings: readonly (Omit<Finding, 'fixes'> & {
    readonly fixes: readonly (Omit<Fix, 'edits'> & { readonly edits: readonly Edit[] })[];
  })[];
  readonly exemptions: readonly Exemption[];
  readonly notices: readonly Notice[];
}

/** From a checker, for each request. */
export type CheckReply =
  | { readonly package: string; readonly said: PlainSaid }
  | { readonly reviewed: readonly ReviewedProgram[] };

/** Edits are computed from the texts around a finding, so nobody does it for a finding that is not shown. */
function plain(
  { findings, ...rest }: Said,
  profile: Profile,
  metas: ReadonlyMap<string, RuleMeta>,
): PlainSaid {
  return {
    ...rest,
    findings: findings.map((finding) => {
      const meta = metas.get(finding.rule);
      const fixes = !meta || shows(profile, meta.tier, finding) ? finding.fixes : [];
      return { ...finding, fixes: fixes.map((fix) => ({ ...fix, edits: fix.edits() })) };
    }),
  };
}

function serve({ profile, only, projects, root }: CheckerData): void {
  const metas = new Map([...registry.rust, ...registry.go].map((rule) => [rule.meta.id, rule.meta]));
  const texts = new Recent((file: string) => readTextFile(nodeFileSystem, file).text ?? '', 4);
  let program = new Program({ files: [], projects, root, text: () => '' });
  const answer = (task: CheckTask): CheckReply => {
    if ('review' in task) return { reviewed: finish(reviewPrograms(program, task.review)) };
    const pkg = program.packages.find((p) => p.id === task.package) as Package;
    return { package: pkg.id, said: plain(finish(checkPackage(pkg, registry, { only })), profile, metas) };
  };
  parentPort?.on('message', ({ neighbourhood, ...task }: CheckRequest) => {
    if (neighbourhood) {
      // The last one makes room before the next is unpacked.
      program = new Program({ files: [], projects, root, text: () => '' });
      const files = neighbourhood.map(unpack);
      program = new Program({ files, projects, root, text: (file) => texts.get(file) });
    }
    parentPort?.postMessage(answer(task));
  });
}

serve(workerData as CheckerData);
