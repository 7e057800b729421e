// Shows a folder of the disk under a scheme of its own, so that it lies on no disk as far as anybody else can tell.
const { mkdir, readdir, readFile, rename, rm, stat, writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { EventEmitter, FileChangeType, FileSystemError, FileType, workspace } = require('vscode');

const changed = new EventEmitter();
const pathOf = ({ path }) => join(process.env.HEADROOM_TEST_FOLDER, path);
const typeOf = (entry) => (entry.isDirectory() ? FileType.Directory : FileType.File);

/** Answers as the editor expects it of files that are not there. */
const there = async (uri, work) => {
  try {
    return await work(pathOf(uri));
  } catch (error) {
    throw error.code === 'ENOENT' ? FileSystemError.FileNotFound(uri) : error;
  }
};

/** Tells of a change, as no disk does. */
const told = (type, uri) => changed.fire([{ type, uri }]);

const shelf = {
  onDidChangeFile: changed.event,
  watch: () => ({ dispose() {} }),
  stat: (uri) =>
    there(uri, async (path) => {
      const found = await stat(path);
      return { type: typeOf(found), ctime: found.ctimeMs, mtime: found.mtimeMs, size: found.size };
    }),
  readDirectory: (uri) =>
    there(uri, async (path) =>
      (await readdir(path, { withFileTypes: true })).map((entry) => [entry.name, typeOf(entry)]),
    ),
  readFile: (uri) => there(uri, (path) => readFile(path)),
  createDirectory: (uri) => mkdir(pathOf(uri), { recursive: true }),
  async writeFile(uri, content) {
    const isNew = await stat(pathOf(uri)).then(
      () => false,
      () => true,
    );
    await writeFile(pathOf(uri), content);
    told(isNew ? FileChangeType.Created : FileChangeType.Changed, uri);
  },
  async delete(uri, { recursive }) {
    await there(uri, (path) => rm(path, { recursive }));
    told(FileChangeType.Deleted, uri);
  },
  async rename(from, to) {
    await there(from, (path) => rename(path, pathOf(to)));
    changed.fire([
      { type: FileChangeType.Deleted, uri: from },
      { type: FileChangeType.Created, uri: to },
    ]);
  },
};

exports.activate = ({ subscriptions }) => {
  subscriptions.push(workspace.registerFileSystemProvider('shelf', shelf, { isCaseSensitive: true }));
};
