/**
 * Entry of the bundle: a process of Node, or a worker of a browser. One file for both, because all but a few lines
 * are the same and everybody has to download the package.
 */
const isNode = typeof process === 'object' && process.versions?.node !== undefined;

void (isNode ? import('./main.ts') : import('./browser.ts'));
