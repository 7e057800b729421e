import { createColors } from 'picocolors';

/** What a command needs of the process around it; tests give their own. */
export interface Terminal {
  /** The working directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Standard error is a terminal: progress may be drawn on it. */
  readonly isErrorTerminal: boolean;
  out(text: string): void;
  error(text: string): void;
}

/** Colours for standard output: none when it is not a terminal or `NO_COLOR` is set; `FORCE_COLOR` wins. */
export function colorsFor(terminal: Terminal): ReturnType<typeof createColors> {
  const { NO_COLOR, FORCE_COLOR, TERM } = terminal.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  return createColors(forced || (terminal.isTerminal && !NO_COLOR && TERM !== 'dumb'));
}

/** Draws how far a scan is, on one line that is removed at the end; nothing where there is no terminal. */
export function progressLine(terminal: Terminal): {
  update(done: number, total: number): void;
  clear(): void;
} {
  if (!terminal.isErrorTerminal || terminal.env.TERM === 'dumb') return { update() {}, clear() {} };
  let shown = '';
  return {
    update(done, total) {
      const text = `Reading ${done} of ${total} files (${Math.floor((100 * done) / total)} %)`;
      if (text === shown || (done % 25 !== 0 && done !== total)) return;
      shown = text;
      terminal.error(`\r\u001b[2K${text}`);
    },
    clear() {
      if (shown !== '') terminal.error('\r\u001b[2K');
    },
  };
}
