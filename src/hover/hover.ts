/** The one hover: findings first, then why candidates are silent, then what the line means for memory. */

import type { Services } from '../budget/services.ts';
import type { Exemption, Finding } from '../core/finding.ts';
import type { RuleMeta } from '../core/rule.ts';
import type { Place, Span } from '../core/span.ts';
import type { Manifests } from '../manifest/manifests.ts';
import type { Program } from '../program/program.ts';
import { codeSection, type Section } from './code-hover.ts';
import { exemptionSection, findingSection } from './finding-hover.ts';
import { manifestSection } from './manifest.ts';
import type { PlaceName } from './markdown.ts';
import { ledgerSection } from './services.ts';

export interface HoverInput {
  readonly file: string;
  readonly offset: number;
  /** Of this file. */
  readonly findings: readonly Finding[];
  /** Of this file. */
  readonly exemptions: readonly Exemption[];
  readonly rules: ReadonlyMap<string, RuleMeta>;
  /** The joined code around the file, when it is code. */
  readonly program: Program | undefined;
  readonly manifests: Manifests;
  /** Containers with the programs of the workspace in them. */
  readonly services?: Services;
  /** The text of any file of the workspace; empty for one that is not there. */
  readonly text: (file: string) => string;
  readonly face?: HoverFace;
}

/** What the place where hovers are shown can do. */
export interface HoverFace {
  /** Address under which it opens a place. */
  readonly linkTo?: (place: Place, line: number) => string;
  /** It shows the findings with their related places beside the hover: they are not repeated. */
  readonly showsFindings?: boolean;
}

/** Markdown, and the code it speaks about. */
export interface HoverText {
  readonly span: Span;
  readonly markdown: string;
}

/** What is to be said about a place, or undefined for a place without any memory in it. */
export function hoverAt(input: HoverInput): HoverText | undefined {
  const { file, offset } = input;
  const at = (place: Place) => place.file === file && place.span.start <= offset && offset <= place.span.end;
  const nameOf = placeNames(input);
  const sections: Section[] = [
    ...input.findings.filter(at).map((f) => ({
      span: f.span,
      markdown: findingSection(f, input.rules.get(f.rule), nameOf, input.face?.showsFindings),
    })),
    ...input.exemptions.filter(at).map((e) => ({ span: e.span, markdown: exemptionSection(e, nameOf) })),
  ];
  const source = input.program?.file(file);
  const found = input.findings.some(at);
  // What a finding says about a line is more than the line's fact.
  const fact =
    input.program && source && !found ? codeSection(input.program, source, offset, nameOf) : undefined;
  if (fact) sections.push(fact);
  const inManifest = manifestSection(input.manifests, file, offset, !found);
  if (inManifest) sections.push(inManifest);
  const ledger = input.services && ledgerSection(input.services, file, offset, nameOf);
  if (ledger) sections.push(ledger);
  if (sections.length === 0) return undefined;
  return { span: smallest(sections), markdown: sections.map((s) => s.markdown).join('\n\n---\n\n') };
}

/** The editor marks what the hover speaks about; of several, the smallest. */
function smallest(sections: readonly Section[]): Span {
  return sections.map((s) => s.span).reduce((a, b) => (b.end - b.start < a.end - a.start ? b : a));
}

/** `orders.rs:41`, as a link where the face gives one. */
function placeNames({ text, face }: HoverInput): PlaceName {
  const linkTo = face?.linkTo;
  return (place) => {
    const before = text(place.file).slice(0, place.span.start);
    const line = before.split('\n').length;
    const name = `${place.file.slice(place.file.lastIndexOf('/') + 1)}:${line}`;
    return linkTo ? `[${name}](${linkTo(place, line)})` : name;
  };
}
