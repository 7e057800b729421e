/** Entry of the language server: over Node's IPC when the client asks for it, else over standard input and output. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { version } from '../../package.json';
import { readSettingsSchema } from '../host/assets.ts';
import { AnswersCache } from '../host/cache/answers-cache.ts';
import { CacheFolder } from '../host/cache/cache-folder.ts';
import { isEngineLost, startEngine } from '../host/engine.ts';
import { MirroredWorkspace } from '../host/mirrored-workspace.ts';
import { nodeFileSystem } from '../host/node-file-system.ts';
import { parserThreads } from '../host/parser-threads.ts';
import { readerOf } from './reader.ts';
import { startServer } from './server.ts';

const connection = process.argv.includes('--node-ipc')
  ? createConnection(ProposedFeatures.all)
  : createConnection(ProposedFeatures.all, process.stdin, process.stdout);

process.on('unhandledRejection', (error) => {
  connection.console.error(`unexpected: ${error instanceof Error ? error.stack : String(error)}`);
});

const cache = CacheFolder.ofUser();

startServer(connection, {
  version,
  createProject: async () =>
    new MirroredWorkspace(
      await startEngine(),
      readSettingsSchema,
      readerOf(connection, (base64) => Buffer.from(base64, 'base64')),
      {
        fs: nodeFileSystem,
        threads: parserThreads(cache),
        answersOf: cache && ((roots) => (data, texts) => new AnswersCache(cache, roots, data, texts)),
      },
    ),
  onError(error) {
    // Editors start a server anew that ended by itself.
    if (isEngineLost(error)) process.exit(1);
  },
});
connection.listen();
