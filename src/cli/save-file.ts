import { type FileSystem, readProblem } from '../host/file-system.ts';

/** Writes a file, new or not. @throws an Error that names the file when it cannot be written */
export function saveFile(fs: FileSystem, file: string, text: string): void {
  const content = new TextEncoder().encode(text);
  try {
    if (fs.kind(file) === undefined) fs.create(file, content);
    else fs.replace(file, content);
  } catch (error) {
    throw new Error(`${file} ${readProblem(error).replace('read', 'written')}`);
  }
}
