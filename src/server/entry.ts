/**
 * Entry of the bundle: a process of Node, a thread of it that parses, or a worker of a browser. One file for all of
 * them, because all but a few lines are the same and everybody has to download the package.
 */
const isNode = typeof process === 'object' && process.versions?.node !== undefined;

async function start(): Promise<unknown> {
  if (!isNode) return import('./browser.ts');
  const { isMainThread } = await import('node:worker_threads');
  return isMainThread ? import('./main.ts') : import('../host/worker.ts');
}

void start();
