/** What is passed on the way to a verdict about everything, once for each scan. */
export class Stages {
  /** The manifests are read. */
  readonly manifests = new Stage();
  /** The code is read, too. */
  readonly read = new Stage();
  /** Every rule was asked about everything. */
  readonly judged = new Stage();

  /** Nobody waits any longer, be it that nothing more will come. */
  openAll(): void {
    for (const stage of [this.manifests, this.read, this.judged]) stage.open();
  }
}

class Stage {
  isPassed = false;
  open = () => {};
  readonly passed = new Promise<void>((resolve) => {
    this.open = () => {
      this.isPassed = true;
      resolve();
    };
  });
}
