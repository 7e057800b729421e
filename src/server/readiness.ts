import type { CancellationToken } from 'vscode-languageserver';
import { ResponseError } from 'vscode-languageserver';
import { isCode } from '../host/live-workspace.ts';
import type { Session } from './session.ts';
import { pause, unlessCancelled } from './waiting.ts';

/** When a question can be answered: what a request waits for, and what is told to those who wait. */
export class Readiness {
  readonly #session: Session;
  /** Those who wait for something new to be told. */
  readonly #waiting = new Set<() => void>();
  /** Milliseconds the last preparation of a document took. */
  documentCost = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** There is something new: whoever waits looks again. */
  told(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Waits until something is told. */
  async untilTold(token: CancellationToken): Promise<void> {
    let wake = () => {};
    const telling = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    await unlessCancelled(telling, token).finally(() => this.#waiting.delete(wake));
  }

  /** Waits for a stage. Then lets cancellations and changes that are already on their way overtake. */
  async until(stage: 'manifests' | 'read' | 'judged', token: CancellationToken): Promise<void> {
    await unlessCancelled(this.#session.stages[stage].passed, token);
    await pause(0, token);
  }

  /**
   * Waits until everything is read that decides about a file: of a manifest the manifests, of code all code, because a
   * verdict without the other files would be a guess. What is known without them comes before it.
   */
  async untilKnown(file: string, token: CancellationToken): Promise<void> {
    if (!isCode(file)) return this.until('manifests', token);
    const session = this.#session;
    while (!session.stages.read.isPassed && !session.project?.isGlanced(file))
      await Promise.race([session.stages.read.passed, this.untilTold(token)]);
    await pause(0, token);
  }

  /** Waits until questions about a file can be answered at once, for the text that is there by then. */
  async untilPrepared(file: string, token?: CancellationToken): Promise<void> {
    const session = this.#session;
    const started = performance.now();
    try {
      while (session.project && !(await unlessCancelled(session.project.prepare(file), token)));
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      session.fail('prepare', error);
    }
    this.documentCost = performance.now() - started;
  }

  /** Waits until everything is judged as it stands, for what takes the programs of all containers to say. */
  async untilSettled(token: CancellationToken): Promise<void> {
    const session = this.#session;
    await this.until('judged', token);
    while (session.isRead && session.project?.isSettled() === false) await this.untilTold(token);
  }
}
