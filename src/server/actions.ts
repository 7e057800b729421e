import { type CodeAction, CodeActionKind, type Diagnostic } from 'vscode-languageserver';
import type { Edit, Finding } from '../core/finding.ts';
import { overlaps, type Span } from '../core/span.ts';

import type { Project } from './parts.ts';
import { EXPLAIN, SOURCE } from './protocol.ts';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.headroom`;
export const CODE_ACTION_KINDS = [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, FIX_ALL];

/** What a code action carries so that its edits can be computed when a person picks it. */
export type ActionKey = { readonly uri: string } & (
  | {
      readonly kind: 'fix' | 'ignore-line' | 'ignore-workspace';
      readonly rule: string;
      readonly span: Span;
      /** Index of the fix. */
      readonly fix: number;
    }
  | { readonly kind: 'action'; readonly span: Span; readonly title: string }
  | { readonly kind: 'fix-all' }
);

export interface Offer {
  readonly action: CodeAction;
  /** Undefined for an action that is only a command. */
  readonly key?: ActionKey;
}

/** The actions for a place, without their edits. */
export function offers(
  project: Project,
  file: string,
  uri: string,
  span: Span,
  context: { readonly diagnostics: readonly Diagnostic[]; readonly only?: readonly string[] | undefined },
): Offer[] {
  const wanted = (kind: string) =>
    context.only === undefined
      ? !kind.startsWith(CodeActionKind.Source)
      : context.only.some((only) => only === '' || kind === only || kind.startsWith(`${only}.`));
  const out: Offer[] = [];
  const findings = project.findings(file);
  if (wanted(CodeActionKind.QuickFix)) {
    const here = findings.filter((finding) => overlaps(finding.span, span));
    for (const finding of here) {
      const diagnostics = context.diagnostics.filter(
        (d) => d.source === SOURCE && d.code === finding.rule && d.message === finding.message,
      );
      const base = { kind: CodeActionKind.QuickFix, ...(diagnostics.length > 0 ? { diagnostics } : {}) };
      const key = (kind: 'fix' | 'ignore-line' | 'ignore-workspace', fix = 0): ActionKey => ({
        uri,
        kind,
        rule: finding.rule,
        span: finding.span,
        fix,
      });
      finding.fixes.forEach((fix, i) => {
        out.push({
          action: {
            ...base,
            title: plainTitle(fix.title),
            ...(i === 0 && fix.applicability === 'machine-applicable' ? { isPreferred: true } : {}),
          },
          key: key('fix', i),
        });
      });
      out.push({
        action: { ...base, title: `Ignore ${finding.rule} on this line (write the reason)` },
        key: key('ignore-line'),
      });
      out.push({
        action: { ...base, title: `Ignore ${finding.rule} in this workspace (headroom.yaml)` },
        key: key('ignore-workspace'),
      });
      const title = `Explain ${finding.rule}`;
      out.push({
        action: { ...base, title, command: { title, command: EXPLAIN, arguments: [finding.rule] } },
      });
    }
  }
  if (wanted(CodeActionKind.RefactorRewrite)) {
    for (const action of project.actions(file, span)) {
      out.push({
        action: { title: plainTitle(action.title), kind: CodeActionKind.RefactorRewrite },
        key: { uri, kind: 'action', span, title: action.title },
      });
    }
  }
  if (wanted(FIX_ALL) && findings.some((finding) => safeFix(finding))) {
    out.push({ action: { title: 'Fix all safe problems', kind: FIX_ALL }, key: { uri, kind: 'fix-all' } });
  }
  return out;
}

/** A title for a menu, which shows no Markdown: code in single quotes, or in none where it has some itself. */
export function plainTitle(markdown: string): string {
  return markdown.replaceAll(/`([^`]*)`/g, (_, code: string) => (code.includes("'") ? code : `'${code}'`));
}

/** The edits behind a key, on the current text. Undefined when what it was offered for is gone. */
export function editsOf(project: Project, file: string, key: ActionKey): readonly Edit[] | undefined {
  if (key.kind === 'fix-all') return safeEdits(project.findings(file), file);
  if (key.kind === 'action') {
    return project
      .actions(file, key.span)
      .find((action) => action.title === key.title)
      ?.edits();
  }
  const finding = project
    .findings(file)
    .find((f) => f.rule === key.rule && f.span.start === key.span.start && f.span.end === key.span.end);
  if (!finding) return undefined;
  if (key.kind === 'ignore-line') return project.ignoreOnLine(finding);
  if (key.kind === 'ignore-workspace') return project.ignoreInWorkspace(finding.rule, file);
  return finding.fixes[key.fix]?.edits();
}

/** The edits of all fixes that need no second look and stay within the file; of two that overlap the first wins. */
export function safeEdits(findings: readonly Finding[], file: string): Edit[] {
  const out: Edit[] = [];
  for (const finding of findings) {
    const edits = safeFix(finding)?.edits() ?? [];
    const clashes = edits.some(
      (edit) => edit.file !== file || out.some((taken) => overlaps(taken.span, edit.span)),
    );
    if (!clashes) out.push(...edits);
  }
  return out;
}

function safeFix(finding: Finding) {
  return finding.fixes.find((fix) => fix.applicability === 'machine-applicable');
}

/** Checks what came back from a client before it is used. */
export function readKey(data: unknown): ActionKey | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const key = data as Partial<Record<string, unknown>>;
  if (typeof key.uri !== 'string') return undefined;
  if (key.kind === 'fix-all') return data as ActionKey;
  const span = key.span as Partial<Span> | undefined;
  if (typeof span?.start !== 'number' || typeof span.end !== 'number') return undefined;
  if (key.kind === 'action') return typeof key.title === 'string' ? (data as ActionKey) : undefined;
  const known = ['fix', 'ignore-line', 'ignore-workspace'].includes(String(key.kind));
  return known && typeof key.rule === 'string' && typeof key.fix === 'number'
    ? (data as ActionKey)
    : undefined;
}
