import type { Diagnostics } from './diagnostics.ts';
import { progressText, STATUS, type Status } from './protocol.ts';
import type { Session } from './session.ts';
import { Stages } from './stages.ts';
import { pause } from './waiting.ts';

/** Milliseconds without a change after which the whole workspace is looked at again. */
const IDLE = 300;
/** Milliseconds in which findings of the first look are collected. */
const TELLING = 400;

/** Reads and judges the workspace as a whole, in turns with requests, and says how far it is. */
export class Scanning {
  readonly #session: Session;
  readonly #diagnostics: Diagnostics;
  #scanning: { cancelled: boolean } | undefined;
  /** The whole workspace is being judged; what began earlier stops. */
  #judging: { cancelled: boolean } | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Milliseconds it took to judge the whole workspace the last time. */
  #cost = 0;

  constructor(session: Session, diagnostics: Diagnostics) {
    this.#session = session;
    this.#diagnostics = diagnostics;
  }

  /** Looks at the whole workspace when nothing changes any more: other documents, the count. */
  later(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#scanning || !this.#session.isRead) return;
      this.#judge(() => {}).catch((error: unknown) => this.#session.fail('judge', error));
    }, IDLE + this.#cost);
  }

  /** The folders are others: what was passed on the way to a verdict is to be passed again. */
  async scanAnew(): Promise<void> {
    this.#session.stages = new Stages();
    await this.scan();
  }

  /** Reads everything and judges it; what is known is told on the way, manifests first. */
  async scan(): Promise<void> {
    const session = this.#session;
    const { project, client, connection, stages: own } = session;
    if (!project) return;
    if (this.#scanning) this.#scanning.cancelled = true;
    const mine = { cancelled: false };
    this.#scanning = mine;
    session.isRead = false;
    const progress = client.progress ? await connection.window.createWorkDoneProgress() : undefined;
    progress?.begin('Headroom', 0, 'Reading the workspace', true);
    const isCancelled = () => mine.cancelled || progress?.token.isCancellationRequested === true;
    let shown = '';
    const show = (step: NonNullable<Status['step']>, done: number, total: number) => {
      // To read is about half of it.
      const part = total > 0 ? done / total : 1;
      const percent = Math.floor(50 * (step === 'reading' ? part : 1 + part));
      if (shown === `${step} ${percent}`) return;
      shown = `${step} ${percent}`;
      const filesWithFindings = session.project?.found().size ?? 0;
      progress?.report(percent, progressText({ step, done, total, filesWithFindings }));
      this.sendStatus('scanning', { step, done, total });
    };
    let isGlanced = false;
    let isWhole = false;
    try {
      await project.scan(session.folders, {
        progress: (done, total) => show('reading', done, total),
        isCancelled,
        onManifests: () => {
          own.manifests.open();
          this.#diagnostics.tell();
        },
        onGlance: () => {
          isGlanced = true;
          this.#diagnostics.tell();
        },
      });
      if (!isCancelled()) {
        session.isRead = true;
        own.manifests.open();
        own.read.open();
        this.#diagnostics.tell();
        if (isGlanced) this.#diagnostics.refresh();
      }
      while (!isWhole && !isCancelled()) {
        isWhole = await this.#judge((done, total) => show('reviewing', done, total), isCancelled);
        // Somebody is typing.
        if (!isWhole) await pause(IDLE);
      }
    } finally {
      progress?.done();
      own.openAll();
      if (this.#scanning === mine) {
        this.#scanning = undefined;
        if (!isWhole && isCancelled()) this.sendStatus('cancelled');
      }
    }
  }

  /** Says how it stands, to a client that wants to know. */
  sendStatus(state: Status['state'], more: Partial<Status> = {}): void {
    const session = this.#session;
    if (!session.options.status) return;
    const status = session.guarded<Status>(
      'status',
      { state, findings: 0, grave: 0, filesWithFindings: 0, files: 0, ...more },
      (project) => {
        const all = state === 'ready' ? project.all() : [];
        return {
          state,
          findings: all.length,
          grave: all.filter((f) => f.severity === 'error' || f.severity === 'warning').length,
          filesWithFindings: project.found().size,
          files: project.size().files,
          ...more,
        };
      },
    );
    void session.connection.sendNotification(STATUS, status);
  }

  dispose(): void {
    clearTimeout(this.#idle);
    if (this.#scanning) this.#scanning.cancelled = true;
  }

  /**
   * Judges everything and tells what is new, while requests are answered in between. Whatever changes meanwhile asks for
   * it again.
   */
  async #judge(show: (done: number, total: number) => void, isCancelled = () => false): Promise<boolean> {
    const session = this.#session;
    const { project } = session;
    if (!project) return true;
    if (this.#judging) this.#judging.cancelled = true;
    const mine = { cancelled: false };
    this.#judging = mine;
    const started = performance.now();
    let told = { at: started, files: project.found().size };
    const isWhole = await project.judge({
      progress: (done, total) => {
        show(done, total);
        const now = { at: performance.now(), files: session.project?.found().size ?? 0 };
        if (now.files === told.files || now.at - told.at < TELLING) return;
        told = now;
        this.#diagnostics.tell();
      },
      isCancelled: () => mine.cancelled || isCancelled(),
    });
    if (this.#judging === mine) this.#judging = undefined;
    if (!isWhole || !session.project) return isWhole;
    this.#cost = performance.now() - started;
    session.stages.judged.open();
    this.sendStatus('ready');
    this.#diagnostics.tell();
    return true;
  }
}
