/** Runs rules on what they take. A package needs nothing but its program, so that any thread may ask. */
import type { Services } from '../budget/services.ts';
import type { DirectiveFile } from '../core/directive.ts';
import type { Exemption, Finding, Notice } from '../core/finding.ts';
import { asLikely, isProvenWarning, type Rule, type Tier } from '../core/rule.ts';
import { contains } from '../core/span.ts';
import type { Steps } from '../core/steps.ts';
import type { Manifests } from '../manifest/manifests.ts';
import { LeftOut } from '../program/lifetime/left-out.ts';
import { localDefaultOf } from '../program/phases/local-defaults.ts';
import type { Package, SourceFile } from '../program/program.ts';
import { goRules, headroomRules, manifestRules, rustRules, serviceRules } from '../rules/registry.ts';

/** Rules by what they take. */
export interface RuleSet {
  readonly rust: readonly Rule<Package>[];
  readonly go: readonly Rule<Package>[];
  readonly manifest: readonly Rule<Manifests>[];
  /** About programs and the containers they run in. */
  readonly service?: readonly Rule<Services>[];
  readonly headroom: readonly Rule<DirectiveFile>[];
}

/** All rules there are. */
export const registry: RuleSet = {
  rust: rustRules,
  go: goRules,
  manifest: manifestRules,
  service: serviceRules,
  headroom: headroomRules,
};

/** What rules said about one package, file or set of manifests, before settings, directives and profile. */
export interface Said {
  readonly findings: readonly Finding[];
  readonly exemptions: readonly Exemption[];
  readonly notices: readonly Notice[];
}

export interface RunOptions {
  /** Only these rules run; default all. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Rules say why they are silent; default true. */
  readonly explain?: boolean;
  /** An exception of a rule is thrown on instead of becoming a notice. */
  readonly throwRuleErrors?: boolean;
}

/**
 * Runs rules one by one, each in at least one step; what a throwing rule said before it threw does not count.
 * @param where the file that a notice about a rule names
 */
export function* runRules<Input>(
  rules: readonly Rule<Input>[],
  input: Input,
  where: string,
  { only, explain = true, throwRuleErrors }: RunOptions,
): Steps<Said> {
  const findings: Finding[] = [];
  const exemptions: Exemption[] = [];
  const notices: Notice[] = [];
  for (const rule of rules) {
    if (only && !only.has(rule.meta.id)) continue;
    const said: { findings: Finding[]; exemptions: Exemption[] } = { findings: [], exemptions: [] };
    try {
      yield* rule.run(input, {
        finding: (f) => said.findings.push(f),
        ...(explain && { exemption: (e: Exemption) => said.exemptions.push(e) }),
      });
    } catch (error) {
      if (throwRuleErrors) throw error;
      notices.push({
        file: where,
        message: `rule ${rule.meta.id} failed here and was skipped (${firstLine(error)}). The other rules ran; please report it`,
      });
      continue;
    }
    for (const f of said.findings) findings.push(f);
    for (const e of said.exemptions) exemptions.push(e);
    yield;
  }
  return { findings, exemptions, notices };
}

/** What the rules of its language say about one package. It depends on the package's program and on nothing else. */
export function* checkPackage(pkg: Package, rules: RuleSet, options: RunOptions): Steps<Said> {
  const own = pkg.language === 'rust' ? rules.rust : rules.go;
  const said = yield* runRules(own, pkg, pkg.dir || (pkg.files[0]?.facts.file ?? ''), options);
  const tiers = new Map(own.map((r) => [r.meta.id, r.meta.tier]));
  // Findings about growth, retention and speed never speak about tests and generated code.
  const isOfService = (f: Finding) => {
    const tier = tiers.get(f.rule);
    if (tier !== 'A' && tier !== 'B' && tier !== 'C') return true;
    const source = pkg.program.file(f.file);
    return source === undefined || !(source.isTest || source.facts.generated || inTest(source, f));
  };
  const findings = said.findings.filter(isOfService).map((f) => leftOut(pkg, tiers.get(f.rule), f));
  return { ...said, findings };
}

/** What is proven of code that no program runs is likely at most: somebody may begin to use it. */
function leftOut(pkg: Package, tier: Tier | undefined, finding: Finding): Finding {
  const source = isProvenWarning(tier, finding) ? pkg.program.file(finding.file) : undefined;
  if (!source) return finding;
  if (LeftOut.of(pkg.program).has(source, finding.span)) return asLikely(finding);
  const local = localDefaultOf(source, finding.span);
  return local ? { ...finding, local } : finding;
}

function inTest(source: SourceFile, finding: Finding): boolean {
  const { functions, types, globals } = source.facts;
  return [functions, types, globals].some((items) =>
    items.some(
      (item: { test: boolean; span: Finding['span'] }) => item.test && contains(item.span, finding.span),
    ),
  );
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string;
}
