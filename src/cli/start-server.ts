import { pathToFileURL } from 'node:url';
import { findAsset } from '../host/assets.ts';

/**
 * Runs the language server in this process. It is a bundle of its own, so that a scan does not load it.
 * @throws when the installation is incomplete
 */
export async function startServer(): Promise<void> {
  const bundle = findAsset('server.js');
  if (!bundle) throw new Error('server.js is missing beside the command: install Headroom again');
  await import(pathToFileURL(bundle).href);
}
