import type * as Sarif from 'sarif';
import { version } from '../../../package.json';
import type { Edit, Finding, Fix, Notice, Severity } from '../../core/finding.ts';
import { rulePage } from '../../core/links.ts';
import type { RuleMeta } from '../../core/rule.ts';
import type { Span } from '../../core/span.ts';
import type { Places, Report } from './report.ts';

const LEVELS: Readonly<Record<Severity, Sarif.Result.level>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** Files are named from the folder in which the scan ran: in CI, the root of the repository. */
const ROOT = '%SRCROOT%';

/** What SARIF says of a rule besides its findings. */
export interface RuleHelp {
  readonly meta: RuleMeta;
  /** Markdown of the rule's page. */
  readonly page: string | undefined;
}

/**
 * SARIF 2.1.0, as code scanning services take it: with the help of each rule, related places, fixes, and fingerprints
 * that stay the same when lines move.
 * @param help looks a rule up; called once for each rule with findings
 */
export function sarifReport(report: Report, places: Places, help: (rule: string) => RuleHelp): string {
  const ids = [...new Set(report.findings.map((f) => f.rule))].sort();
  const fingerprints = places.fingerprints(report.findings);
  const run: Sarif.Run = {
    tool: {
      driver: {
        name: 'Headroom',
        semanticVersion: version,
        informationUri: 'https://headroom.dev',
        rules: ids.map((id) => ruleOf(help(id))),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [ROOT]: { description: { text: 'The folder in which the scan ran.' } } },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: report.notices.map((n) => notification(n, places)),
      },
    ],
    results: report.findings.map((f, i) =>
      resultOf(f, ids.indexOf(f.rule), fingerprints[i] as string, places),
    ),
  };
  const log: Sarif.Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [run],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

function ruleOf({ meta, page }: RuleHelp): Sarif.ReportingDescriptor {
  const text = [`${meta.summary}.`, meta.note?.why].filter(Boolean).join(' ');
  return {
    id: meta.id,
    name: pascalCase(meta.id),
    shortDescription: { text: meta.summary },
    fullDescription: { text },
    helpUri: rulePage(meta.id),
    help: { text, ...(page === undefined ? {} : { markdown: page }) },
    defaultConfiguration: { level: LEVELS[meta.severity] },
    properties: { tags: ['memory', meta.id.slice(0, meta.id.indexOf('/'))], precision: 'high' },
  };
}

function resultOf(finding: Finding, ruleIndex: number, fingerprint: string, places: Places): Sarif.Result {
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [{ physicalLocation: physical(finding.file, finding.span, places) }],
    relatedLocations: finding.related.map((r, id) => ({
      id,
      message: { text: r.message },
      physicalLocation: physical(r.file, r.span, places),
    })),
    // The name under which GitHub looks for it; without it, findings on equal lines are told apart by their order.
    partialFingerprints: { primaryLocationLineHash: fingerprint },
    fixes: finding.fixes.flatMap((fix) => fixOf(fix, places)),
    properties: { confidence: finding.confidence, severity: finding.severity },
  };
}

/** A fix without an edit (a link, a command) cannot be told in SARIF. */
function fixOf(fix: Fix, places: Places): Sarif.Fix[] {
  const byFile = new Map<string, Edit[]>();
  for (const edit of fix.edits()) byFile.set(edit.file, [...(byFile.get(edit.file) ?? []), edit]);
  if (byFile.size === 0) return [];
  return [
    {
      description: { text: fix.title },
      artifactChanges: [...byFile].map(([file, edits]) => ({
        artifactLocation: artifact(file, places),
        replacements: edits.map((edit) => ({
          deletedRegion: region(edit.file, edit.span, places),
          insertedContent: { text: edit.newText },
        })),
      })),
      properties: { applicability: fix.applicability },
    },
  ];
}

function notification({ file, message }: Notice, places: Places): Sarif.Notification {
  return {
    level: 'note',
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: artifact(file, places) } }],
  };
}

function physical(file: string, span: Span, places: Places): Sarif.PhysicalLocation {
  return { artifactLocation: artifact(file, places), region: region(file, span, places) };
}

function artifact(file: string, places: Places): Sarif.ArtifactLocation {
  return { uri: places.name(file).split('/').map(encodeURIComponent).join('/'), uriBaseId: ROOT };
}

function region(file: string, span: Span, places: Places): Sarif.Region {
  const { start, end } = places.range(file, span);
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

/** `go/unbounded-cache` is `GoUnboundedCache`: some viewers want a name that is an identifier. */
function pascalCase(id: string): string {
  return id.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase());
}
