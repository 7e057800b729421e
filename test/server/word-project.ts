// A project for tests of the protocol alone: the hazard is the word LEAK, `LEAK(word)` relates to `word`.
import type { Finding } from '../../src/core/finding.ts';
import type { EditorSettings, ScanWatch } from '../../src/host/live-workspace.ts';
import type { Parts, Project } from '../../src/server/parts.ts';

export const RULE = 'test/leak';

export class WordProject implements Project {
  readonly disk = new Map<string, string>();
  readonly opened = new Map<string, string>();
  settings: EditorSettings | undefined;
  scanned: readonly string[] = [];
  /** Called by `scan`; tests hold it back. */
  onScan: (watch: ScanWatch) => Promise<void> = async () => {};
  onFindings: (file: string) => void = () => {};

  async scan(folders: readonly string[], watch: ScanWatch) {
    this.scanned = [...folders];
    await this.onScan(watch);
  }
  /** Called by `judge`; tests hold it back. */
  onJudge: (watch: ScanWatch) => Promise<void> = async () => {};
  async judge(watch: ScanWatch) {
    await this.onJudge(watch);
    return !watch.isCancelled();
  }
  /** Called before a file is asked about; tests hold it back. False asks for another call. */
  onPrepare: () => Promise<boolean> = async () => true;
  prepare() {
    return this.onPrepare();
  }
  isPrepared() {
    return true;
  }
  /** Files of code that something is known of before everything is read. */
  readonly glanced = new Set<string>();
  isGlanced(file: string) {
    return this.glanced.has(file);
  }
  isSettled() {
    return true;
  }
  found() {
    return new Set(this.all().map((finding) => finding.file));
  }
  async configure(settings: EditorSettings) {
    this.settings = settings;
  }
  isBehind() {
    return false;
  }
  notices() {
    return [];
  }
  lenses(file: string) {
    const at = (this.text(file) ?? '').indexOf('main');
    const span = { start: at, end: at + 4 };
    return at < 0
      ? []
      : [{ span, title: 'budget 2Mi of 64Mi', targets: [{ file: '/shop/deploy.yaml', span }] }];
  }
  linkedPlaces(file: string, offset: number) {
    return this.lenses(file).flatMap(({ span, targets }) =>
      span.start <= offset && offset <= span.end ? targets : [],
    );
  }
  open(file: string, languageId: string, text: string) {
    if (languageId === 'plaintext') return false;
    this.opened.set(file, text);
    return true;
  }
  change(file: string, text: string) {
    this.opened.set(file, text);
  }
  async close(file: string) {
    this.opened.delete(file);
  }
  onReload = (file: string) => {
    this.disk.set(file, 'LEAK');
  };
  async reload(files: readonly string[]) {
    for (const file of files) this.onReload(file);
  }
  findings(file: string): Finding[] {
    this.onFindings(file);
    const text = this.text(file) ?? '';
    if (this.settings?.rules[RULE] === 'off') return [];
    return [...text.matchAll(/LEAK(?:\((\w+)\))?/g)].map((match) => {
      const span = { start: match.index, end: match.index + 4 };
      const target = match[1] ? text.indexOf(match[1]) : -1;
      return {
        rule: RULE,
        severity: 'warning',
        confidence: 'high',
        message: 'Grows without a bound',
        file,
        span,
        related:
          target >= 0
            ? [{ file, span: { start: target, end: target + 1 }, message: 'declared here' }]
            : [{ file: '/shop/deploy.yaml', span: { start: 0, end: 1 }, message: 'the limit it meets' }],
        fixes: [
          {
            title: 'Bound it',
            applicability: 'machine-applicable',
            edits: () => [{ file, span, newText: 'KEEP' }],
          },
          {
            title: "Bound `it` by hand, as `'x'`",
            applicability: 'has-placeholders',
            edits: () => [{ file, span, newText: '<L>' }],
          },
        ],
      };
    });
  }
  inlays(file: string) {
    return [...(this.text(file) ?? '').matchAll(/LEAK/g)].map((match) => ({
      kind: 'pod' as const,
      offset: match.index + 4,
      text: 'grows',
      tooltip: '**grows**',
      where: { file: '/shop/deploy.yaml', span: { start: 0, end: 1 } },
    }));
  }
  all() {
    return [...new Set([...this.disk.keys(), ...this.opened.keys()])].flatMap((file) => this.findings(file));
  }
  review() {
    return { services: [], unrun: undefined, others: this.all(), unlinked: [] };
  }
  hover(file: string, offset: number) {
    const finding = this.findings(file).find((f) => f.span.start <= offset && offset <= f.span.end);
    return finding && { span: finding.span, markdown: '**why** it matters' };
  }
  actions(file: string) {
    return [
      {
        title: 'Set a limit',
        applicability: 'has-placeholders' as const,
        edits: () => [{ file, span: { start: 0, end: 0 }, newText: 'limit ' }],
      },
    ];
  }
  readonly completed = ['**/headroom.yaml'];
  complete(file: string, offset: number) {
    return file.endsWith('headroom.yaml')
      ? [{ label: 'rules', description: 'Severities', newText: 'rules:', span: { start: 0, end: offset } }]
      : [];
  }
  ignoreOnLine(finding: Finding) {
    const { file, span } = finding;
    return [
      { file, span: { start: span.end, end: span.end }, newText: ` // headroom: ignore ${finding.rule}` },
    ];
  }
  ignoreInWorkspace(rule: string) {
    return [{ file: '/shop/headroom.yaml', span: { start: 0, end: 0 }, newText: `rules:\n  ${rule}: off\n` }];
  }
  acceptAll() {
    return [{ file: '/shop/headroom-baseline.json', text: '{}', findings: this.all().length }];
  }
  text(file: string) {
    return this.opened.get(file) ?? this.disk.get(file);
  }
  takeNotices() {
    return [];
  }
  size() {
    return { files: this.disk.size };
  }
  dispose() {}
}

export function partsOf(project: Project): Parts {
  return {
    createProject: async () => project,
    version: '0.0.0',
    onError() {},
  };
}
