import { type DocumentSelector, type LanguageStatusItem, LanguageStatusSeverity, languages } from 'vscode';
import { progressText, type Status } from '../server/protocol.ts';

/** Headroom's entry in the language status, beside the language's name. */
export class StatusItem {
  readonly #item: LanguageStatusItem;

  constructor(selector: DocumentSelector) {
    this.#item = languages.createLanguageStatusItem('headroom.status', selector);
    this.#item.name = 'Headroom';
    this.#item.text = 'Headroom';
    this.#item.busy = true;
  }

  show(status: Status): void {
    const item = this.#item;
    item.busy = status.state === 'scanning';
    item.severity =
      status.state === 'failed' ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
    if (status.state === 'failed') {
      item.text = 'Headroom is not running';
      item.detail = status.reason ?? '';
      item.command = { title: 'Restart', command: 'headroom.restart' };
      return;
    }
    if (status.state === 'cancelled') {
      item.text = 'Headroom was stopped';
      item.detail = 'before it had read everything';
      item.command = { title: 'Read the Workspace', command: 'headroom.restart' };
      return;
    }
    item.command =
      status.findings > 0
        ? { title: 'Show', command: 'workbench.actions.view.problems' }
        : { title: 'Output', command: 'headroom.showOutput' };
    if (status.state === 'scanning') {
      item.text = 'Headroom';
      item.detail = progressText(status);
    } else {
      item.text = `Headroom: ${count(status.findings, 'finding')}`;
      item.detail = `${count(status.filesWithFindings, 'file')} of ${status.files}`;
    }
  }

  dispose(): void {
    this.#item.dispose();
  }
}

function count(n: number, noun: string): string {
  return `${n === 0 ? 'no' : n} ${noun}${n === 1 ? '' : 's'}`;
}
