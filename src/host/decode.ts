import { type FileSystem, readProblem } from './file-system.ts';

/** Larger files are left out with a notice: a syntax tree takes about fifty times the source. */
export const MAX_SOURCE_BYTES = 2 * 1024 * 1024;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** A file's text, or why there is none. A text and a problem together: it could be read, with losses. */
export interface TextFile {
  readonly text?: string;
  readonly problem?: string;
  /** Size on disk. */
  readonly bytes: number;
  /** The file begins with a byte order mark, which is not part of `text`. */
  readonly bom: boolean;
}

/**
 * Reads a file that should be UTF-8 text. Never throws.
 * @param size of the file where it was looked at a moment ago
 */
export function readTextFile(fs: FileSystem, file: string, size = 0): TextFile {
  try {
    const bytes = size || fs.size(file);
    if (bytes > MAX_SOURCE_BYTES) return { bytes, bom: false, problem: tooLarge(bytes) };
    return decode(fs.read(file));
  } catch (error) {
    return { bytes: 0, bom: false, problem: readProblem(error) };
  }
}

/** Turns bytes into text as an editor would show it: without byte order mark, line ends as they are. */
export function decode(data: Uint8Array): TextFile {
  const bytes = data.byteLength;
  if ((data[0] === 0xff && data[1] === 0xfe) || (data[0] === 0xfe && data[1] === 0xff))
    return { bytes, bom: true, problem: 'is UTF-16 and was not read. Save it as UTF-8' };
  if (data.includes(0))
    return {
      bytes,
      bom: false,
      problem:
        'contains NUL bytes, so it is not text and was not read. Repair it, or leave it out with `exclude` in headroom.yaml',
    };
  const bom = data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf;
  const body = bom ? data.subarray(3) : data;
  try {
    return { text: strict.decode(body), bytes, bom };
  } catch {
    // Said below, with the line.
  }
  const text = lenient.decode(body);
  const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length;
  return {
    text,
    bytes,
    bom,
    problem: `is not valid UTF-8 (line ${line}), the wrong bytes were read as \ufffd. Save it as UTF-8`,
  };
}

function tooLarge(bytes: number): string {
  const megabytes = (n: number) => (n / 2 ** 20).toFixed(1).replace(/\.0$/, '');
  return `has ${megabytes(bytes)} MB, more than the ${megabytes(MAX_SOURCE_BYTES)} MB that are read. Split it, or leave it out with \`exclude\` in headroom.yaml`;
}
