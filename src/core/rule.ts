import type { Confidence, Exemption, Finding, Fix, RelatedPlace, Severity } from './finding.ts';
import type { Place } from './span.ts';
import type { Steps } from './steps.ts';

/** `A` growth, `B` retention, `C` hot path, `M` manifest, `H` Headroom's own directives and settings. */
export type Tier = 'A' | 'B' | 'C' | 'M' | 'H';

/** The names between braces of a message template: `Holes<'{a} of {b}'>` is `'a' | 'b'`. */
export type Holes<S extends string> = S extends `${string}{${infer Hole}}${infer Rest}`
  ? Hole | Holes<Rest>
  : never;

type Values<S extends string> = [Holes<S>] extends [never]
  ? { readonly data?: undefined }
  : { readonly data: Readonly<Record<Holes<S>, string | number>> };

/** What the hover on a finding says beyond the message. Every number has its source on the rule's page. */
export interface RuleNote {
  /** What happens in a container with a limit when nothing is done; one or two sentences. */
  readonly why: string;
  /** How many bytes, as a formula a person can fill in. */
  readonly arithmetic?: string;
  /** What makes the rule silent, after "Silent when"; needed where the exemptions' wordings are nothing but a hole. */
  readonly silence?: string;
  /** Key of the myth that such a line invites. */
  readonly myth?: string;
}

/** What the registry, the settings schema, the pages and the command line know about a rule. */
export interface RuleMeta {
  /** `<language>/<name>`; the file, fixture folder and page have the same name. */
  readonly id: string;
  readonly tier: Tier;
  /** Severity of a finding that does not say otherwise; of tiers A and B, where it is proven. */
  readonly severity: Severity;
  /** One line for tables: states the bad thing. */
  readonly summary: string;
  /** For the hover; Headroom's own rules need none. */
  readonly note?: RuleNote;
  readonly messages: Readonly<Record<string, string>>;
  /** Every reason for silence the rule knows, as message templates. Fixtures cover each key. */
  readonly exemptions: Readonly<Record<string, string>>;
}

/** One kind of finding as the rule's code states it; the reporter fills in the rest. */
export type FindingInput<M extends Readonly<Record<string, string>>> = {
  [Id in keyof M & string]: {
    readonly message: Id;
    readonly at: Place;
    readonly confidence: Confidence;
    readonly severity?: Severity;
    readonly related?: readonly RelatedPlace[];
    readonly fixes?: readonly Fix[];
  } & Values<M[Id]>;
}[keyof M & string];

export type ExemptionInput<E extends Readonly<Record<string, string>>> = {
  [Id in keyof E & string]: {
    readonly reason: Id;
    readonly at: Place;
    readonly where?: Place;
  } & Values<E[Id]>;
}[keyof E & string];

/** What a rule talks to while it checks. */
export interface Reporter<
  M extends Readonly<Record<string, string>>,
  E extends Readonly<Record<string, string>>,
> {
  find(input: FindingInput<M>): void;
  exempt(input: ExemptionInput<E>): void;
  /** Somebody hears why a rule is silent; else nothing has to be asked for that alone. */
  readonly explains: boolean;
}

/** Where the findings and exemptions of a run are collected. */
export interface Sink {
  finding(finding: Finding): void;
  /** Left out where nobody asks why rules are silent. */
  exemption?(exemption: Exemption): void;
}

/** A rule with its types forgotten, as the registry holds it. `Input` is a package or a manifest workspace. */
export interface Rule<Input> {
  readonly meta: RuleMeta;
  run(input: Input, sink: Sink): Steps;
}

/**
 * Fills the holes of a template.
 * @throws when a hole has no value, so that no message ever shows `{name}`.
 */
export function fill(template: string, data: Readonly<Record<string, string | number>> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, hole: string) => {
    const value = data[hole];
    if (value === undefined) throw new Error(`message template "${template}" has no value for {${hole}}`);
    return String(value);
  });
}

/**
 * A warning is proven: of a rule about growth or retention (tiers A and B) that warns, what is only likely is
 * information.
 */
export function severityOf(
  { tier, severity }: Pick<RuleMeta, 'tier' | 'severity'>,
  confidence: Confidence,
): Severity {
  const isLikely = (tier === 'A' || tier === 'B') && severity === 'warning' && confidence !== 'high';
  return isLikely ? 'information' : severity;
}

/** What is said is a warning because it is proven: of a rule about growth or retention, and of high confidence. */
export function isProvenWarning(
  tier: Tier | undefined,
  { severity, confidence }: Pick<Finding, 'severity' | 'confidence'>,
): boolean {
  return (tier === 'A' || tier === 'B') && severity === 'warning' && confidence === 'high';
}

/** The same finding as likely at most, with the place that says why where there is one. */
export function asLikely(finding: Finding, why?: RelatedPlace): Finding {
  const related = why ? [...finding.related, why] : finding.related;
  return { ...finding, severity: 'information', confidence: 'medium', related };
}

/** Binds a rule's detection to its messages, so that an unknown message or a missing value does not compile. */
export function defineRule<
  Input,
  const M extends Readonly<Record<string, string>>,
  const E extends Readonly<Record<string, string>>,
>(definition: {
  readonly id: string;
  readonly tier: Tier;
  readonly severity: Severity;
  readonly summary: string;
  readonly note?: RuleNote;
  readonly messages: M;
  readonly exemptions: E;
  /** A rule that asks much of each of many things is a generator, with a step for each of them. */
  check(input: Input, report: Reporter<M, E>): Steps | undefined;
}): Rule<Input> {
  const { check, ...meta } = definition;
  return {
    meta,
    *run(input, sink) {
      const steps = check(input, {
        find(f) {
          sink.finding({
            rule: meta.id,
            file: f.at.file,
            span: f.at.span,
            severity: f.severity ?? severityOf(meta, f.confidence),
            confidence: f.confidence,
            message: fill(meta.messages[f.message] ?? f.message, f.data),
            related: f.related ?? [],
            fixes: f.fixes ?? [],
          });
        },
        explains: sink.exemption !== undefined,
        exempt(e) {
          sink.exemption?.({
            rule: meta.id,
            file: e.at.file,
            span: e.at.span,
            reason: e.reason,
            message: fill(meta.exemptions[e.reason] ?? e.reason, e.data),
            ...(e.where ? { where: e.where } : {}),
          });
        },
      });
      if (steps) yield* steps;
    },
  };
}
