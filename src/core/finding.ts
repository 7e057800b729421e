import type { Place, Span } from './span.ts';

/** From the gravest to the least. */
export const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** How much of the hazard is proven; see docs of the tiers in `rule.ts`. */
export type Confidence = 'high' | 'medium' | 'low';

/** As in rustc: only `machine-applicable` is applied without a person looking at it. */
export type Applicability = 'machine-applicable' | 'maybe-incorrect' | 'has-placeholders';

/** Replaces `span` of `file` by `newText`; an empty span inserts. */
export interface Edit {
  readonly file: string;
  readonly span: Span;
  readonly newText: string;
}

export interface Fix {
  readonly title: string;
  readonly applicability: Applicability;
  /**
   * The edits, computed when somebody asks for them. They refer to the text the finding was made on and do
   * not overlap.
   */
  readonly edits: () => readonly Edit[];
}

export interface RelatedPlace extends Place {
  readonly message: string;
}

/** What a rule says about a place. The server turns it into a diagnostic, the command line into text. */
export interface Finding extends Place {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** First sentence at most 100 characters, names the object, no final full stop. */
  readonly message: string;
  readonly related: readonly RelatedPlace[];
  readonly fixes: readonly Fix[];
  /** What brings it comes from the machine itself, where nothing that is shipped says another address. */
  readonly local?: LocalDefault;
}

/** Why what is served stays on the machine itself: the addresses that are taken where nobody sets another. */
export interface LocalDefault {
  /** As they are written: `127.0.0.1:3600`. */
  readonly addresses: readonly string[];
  /** Flags, with two dashes, and environment variables that set another. */
  readonly settings: readonly string[];
}

/** A candidate that stays silent, and why: silence that can explain itself. */
export interface Exemption extends Place {
  readonly rule: string;
  /** Key of the reason in the rule's `exemptions` table, such as `removed`. */
  readonly reason: string;
  /** The reason in words, such as "bounded by `retain`". */
  readonly message: string;
  /** Where the reason stands, when it is in the workspace. */
  readonly where?: Place;
}

/** Something the user must know about a file that is not a finding: skipped, unreadable, broken. */
export interface Notice {
  readonly file: string;
  /** Says what happened and what to do. */
  readonly message: string;
}
