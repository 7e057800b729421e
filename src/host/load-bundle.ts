import { closeSync, openSync, readSync } from 'node:fs';
import Module, { createRequire } from 'node:module';

/** Bytes read at once: less than what the allocator of a C library asks the system for by itself. */
const PIECE = 2 ** 16;

/** The part of Node's modules that its documentation does not mention, though half of npm is loaded by it. */
interface LoadedModule {
  filename: string;
  exports: unknown;
  _compile?(text: string, file: string): void;
}

/**
 * Loads a bundle, as `require` would. That reads a file in one go into room that doubles until it fits, and the GNU C
 * library takes the size of what was given back as a sign: from then on it keeps free memory up to twice that size. A
 * bundle of 2 MB left a scan 16 MB larger, which no part of it used.
 * @param file absolute; the bundle is ASCII, as all that the build writes
 * @throws when it cannot be read, or what it throws itself
 */
export function loadBundle(file: string): unknown {
  const module = new Module(file) as Module & LoadedModule;
  if (typeof module._compile !== 'function') return createRequire(file)(file);
  module.filename = file;
  module._compile(readInPieces(file), file);
  return module.exports;
}

function readInPieces(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    const pieces: string[] = [];
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece))
      pieces.push(piece.toString('latin1', 0, read));
    return pieces.join('');
  } finally {
    closeSync(descriptor);
  }
}
