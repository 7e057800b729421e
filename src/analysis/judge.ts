/** From what rules said to what is shown: settings, directives, profile, baselines, limits, order. */

import type { Directive } from '../core/directive.ts';
import type { Exemption, Finding, LocalDefault, Notice, RelatedPlace } from '../core/finding.ts';
import { asLikely, isProvenWarning, type RuleMeta } from '../core/rule.ts';
import type { Place } from '../core/span.ts';
import { finish } from '../core/steps.ts';
import type { Judged } from '../review/subject.ts';
import { allRules } from '../rules/registry.ts';
import { type Baseline, withoutAccepted } from './baseline.ts';
import type { ConfigTree, FileSettings } from './config.ts';
import { type Profile, shows } from './profile.ts';
import { type RuleSet, runRules, type Said } from './run-rules.ts';
import { suppress } from './suppress.ts';

/** What decides, as it stands. */
export interface Deciding {
  readonly profile: Profile;
  readonly metas: ReadonlyMap<string, RuleMeta>;
  /** Only these rules ran; all when undefined. */
  readonly only: ReadonlySet<string> | undefined;
  readonly headroomRules: RuleSet['headroom'];
  readonly runOptions: Parameters<typeof runRules>[3];
  configs(): ConfigTree;
  /** What the files or the options accept. */
  baselines(): readonly Baseline[];
  text(file: string): string;
  directives(file: string): readonly Directive[];
  /** True when the rule is one of those that look at files of this language. */
  reads(rule: string, file: string): boolean;
  /** The limits that a finding in a file of code meets, the smallest first. */
  limits(file: string): readonly RelatedPlace[];
  /** The program that a file is a part of, and that no image holds although images hold others. */
  unheldWith(file: string): RelatedPlace | undefined;
  /** What the workspace ships says another address than those of the machine itself. */
  isPublished(by: LocalDefault): boolean;
}

/** Sorted by file, start, rule; the same for the same files, whatever the order they came in. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  /** How many findings a baseline accepts; they are not among `findings`. */
  readonly accepted: number;
  readonly exemptions: readonly Exemption[];
  readonly notices: readonly Notice[];
}

/** Anything with a place, a rule and a message. */
type Remark = Place & { readonly rule: string; readonly message: string };

/** Decides which findings are shown, and what became of the others. */
export class Judge {
  readonly #around: Deciding;

  constructor(around: Deciding) {
    this.#around = around;
  }

  /**
   * From what rules said to what is shown: settings, directives, profile, order.
   * `isPartial`: some rules were not asked yet. Then a directive is not called unused, and no limit is named.
   */
  finish(
    raw: readonly Said[],
    files: readonly string[],
    notices: readonly Notice[],
    { accepted = 'hidden', isPartial = false }: { accepted?: 'hidden' | 'shown'; isPartial?: boolean } = {},
  ): CheckResult {
    const shown = (said: readonly Finding[], settings: FileSettings) => {
      const own = this.#shown(said, settings);
      return isPartial ? own : own.map((f) => this.#withLimits(f));
    };
    const wanted = new Set(files);
    const byFileName = new Map<string, Finding[]>();
    for (const file of files) byFileName.set(file, []);
    for (const r of raw)
      for (const f of r.findings)
        byFileName.get(f.file)?.push(isPartial ? f : this.#stayingAtHome(this.#inNoImage(f)));

    const findings: Finding[] = [];
    const ruleNotices: Notice[] = [];
    for (const [file, said] of byFileName) {
      if (said.length === 0 && isPartial) continue;
      const directives = this.#around.directives(file);
      if (said.length === 0 && directives.length === 0) continue;
      const settings = this.#around.configs().for(file);
      if (!settings.included) continue;
      const meant = said.filter((f) => settings.level(f.rule) !== 'off');
      if (directives.length === 0) {
        findings.push(...shown(meant, settings));
        continue;
      }
      const text = this.#around.text(file);
      const ran = (rule: string) =>
        settings.level(rule) !== 'off' &&
        (!this.#around.only || this.#around.only.has(rule)) &&
        this.#around.reads(rule, file);
      const { kept, directives: judged } = suppress(text, directives, meant, ran, (r) => KNOWN_RULES.has(r));
      findings.push(...shown(kept, settings));
      if (isPartial) continue;
      const about = finish(
        runRules(
          this.#around.headroomRules,
          { file, text, directives: judged, knownRules: [...KNOWN_RULES] },
          file,
          this.#around.runOptions,
        ),
      );
      ruleNotices.push(...about.notices);
      findings.push(
        ...shown(
          about.findings.filter((f) => settings.level(f.rule) !== 'off'),
          settings,
        ),
      );
    }
    const all = distinct(findings.sort(byPlace));
    const left = accepted === 'shown' ? all : this.#withoutAccepted(all);
    return {
      findings: left,
      accepted: all.length - left.length,
      exemptions: raw
        .flatMap((r) => r.exemptions)
        .filter((e) => wanted.has(e.file))
        .sort(byPlace),
      notices: distinct(
        onceEach(
          [...notices, ...raw.flatMap((r) => r.notices), ...ruleNotices].sort(
            (a, b) => compare(a.file, b.file) || compare(a.message, b.message),
          ),
        ),
      ),
    };
  }

  #withoutAccepted(findings: readonly Finding[]): readonly Finding[] {
    return this.#around
      .baselines()
      .reduce<readonly Finding[]>(
        (left, baseline) => withoutAccepted(baseline, left, (file) => this.#around.text(file)),
        findings,
      );
  }

  #shown(findings: readonly Finding[], settings: FileSettings): Finding[] {
    return findings
      .filter((f) => {
        const meta = this.#around.metas.get(f.rule);
        return !meta || shows(this.#around.profile, meta.tier, f);
      })
      .map((f) => {
        const level = settings.level(f.rule);
        return level === undefined || level === 'off' || level === f.severity ? f : { ...f, severity: level };
      });
  }

  /** False for what settings, directives or the profile keep quiet. */
  isMeant(finding: Finding): boolean {
    const settings = this.#around.configs().for(finding.file);
    const meta = this.#around.metas.get(finding.rule);
    if (!settings.included || settings.level(finding.rule) === 'off') return false;
    if (meta && !shows(this.#around.profile, meta.tier, finding)) return false;
    const directives = this.#around.directives(finding.file);
    if (directives.length === 0) return true;
    const all = () => true;
    return suppress(this.#around.text(finding.file), directives, [finding], all, all).kept.length > 0;
  }

  /**
   * Everything that rules said with what became of it: what is shown first, in its order.
   * @param all what is shown with what a baseline accepts
   */
  fates(shown: readonly Finding[], all: readonly Finding[], said: readonly Said[]): Judged[] {
    const key = (f: Finding) => `${f.file}\n${f.span.start}\n${f.rule}\n${f.message}`;
    const seen = new Set(shown.map(key));
    const isAccepted = new Set(all.map(key));
    const rest: Judged[] = [];
    for (const finding of said.flatMap((s) => s.findings)) {
      if (seen.has(key(finding))) continue;
      seen.add(key(finding));
      const settings = this.#around.configs().for(finding.file);
      if (!settings.included) continue;
      const meta = this.#around.metas.get(finding.rule);
      const reason = this.#reasonToIgnore(finding);
      const fate =
        settings.level(finding.rule) === 'off'
          ? 'off'
          : reason !== undefined
            ? 'ignored'
            : meta && !shows(this.#around.profile, meta.tier, finding)
              ? 'unsure'
              : isAccepted.has(key(finding))
                ? 'accepted'
                : 'off';
      rest.push({ finding, fate, reason: reason ?? '' });
    }
    const visible = shown.map((finding): Judged => ({ finding, fate: 'shown', reason: '' }));
    return [...visible, ...rest.sort((a, b) => byPlace(a.finding, b.finding))];
  }

  /** What the comment says that silences a finding; undefined when none does. */
  #reasonToIgnore(finding: Finding): string | undefined {
    const always = () => true;
    for (const directive of this.#around.directives(finding.file)) {
      const { kept } = suppress(this.#around.text(finding.file), [directive], [finding], always, always);
      if (kept.length === 0 && 'reason' in directive.body) return directive.body.reason;
    }
    return undefined;
  }

  /** What is proven of a program that nobody ships is likely at most: who runs it runs it for themselves. */
  #inNoImage(finding: Finding): Finding {
    const tier = this.#around.metas.get(finding.rule)?.tier;
    const program = isProvenWarning(tier, finding) ? this.#around.unheldWith(finding.file) : undefined;
    return program ? asLikely(finding, program) : finding;
  }

  /** What only the machine itself reaches, unless somebody configures another address than is shipped, is likely at most. */
  #stayingAtHome({ local, ...finding }: Finding): Finding {
    const isLikely = local && finding.severity === 'warning' && !this.#around.isPublished(local);
    return isLikely ? asLikely(finding) : finding;
  }

  /** Growth and retention meet the limit of the container that runs the code: the finding names it. */
  #withLimits(finding: Finding): Finding {
    const tier = this.#around.metas.get(finding.rule)?.tier;
    if (tier !== 'A' && tier !== 'B') return finding;
    const limits = this.#around.limits(finding.file).slice(0, NAMED_LIMITS);
    return limits.length === 0 ? finding : { ...finding, related: [...finding.related, ...limits] };
  }
}

/** Ids of the registry, whatever rules a workspace runs: an ignore may name any of them. */
export const KNOWN_RULES: ReadonlySet<string> = new Set(allRules.map((r) => r.meta.id));

/** A finding in code names at most so many containers: the smallest limits are met first. */
const NAMED_LIMITS = 2;

/** A rule that fails everywhere for one reason is one notice, not one for each package. */
function onceEach(notices: readonly Notice[]): Notice[] {
  const places = new Map<string, Notice[]>();
  for (const notice of notices) {
    const same = places.get(notice.message);
    if (same) same.push(notice);
    else places.set(notice.message, [notice]);
  }
  return notices.flatMap((notice) => {
    const same = places.get(notice.message) as Notice[];
    if (same.length < 4 || !notice.message.startsWith('rule ')) return [notice];
    return notice === same[0]
      ? [{ ...notice, message: `${notice.message} (also in ${same.length - 1} other places)` }]
      : [];
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPlace(a: Remark, b: Remark): number {
  return (
    compare(a.file, b.file) ||
    a.span.start - b.span.start ||
    compare(a.rule, b.rule) ||
    a.span.end - b.span.end ||
    compare(a.message, b.message)
  );
}

/** Drops what follows its equal: two packages of one folder may say the same about a file they share. */
function distinct<T extends { readonly file: string; readonly message: string }>(sorted: readonly T[]): T[] {
  const same = (a: T, b: T) =>
    a.file === b.file &&
    a.message === b.message &&
    (a as Partial<Remark>).rule === (b as Partial<Remark>).rule &&
    (a as Partial<Remark>).span?.start === (b as Partial<Remark>).span?.start &&
    (a as Partial<Remark>).span?.end === (b as Partial<Remark>).span?.end;
  return sorted.filter((item, i) => i === 0 || !same(sorted[i - 1] as T, item));
}
