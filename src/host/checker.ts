/** Entry of a worker thread that checks. What it does is a bundle of its own, which is loaded in pieces. */
import { findAsset } from './assets.ts';
import { loadBundle } from './load-bundle.ts';

loadBundle(findAsset('checks.js') ?? 'checks.js');
