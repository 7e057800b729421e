import { sha256 } from '@noble/hashes/sha2.js';
import { renderToStaticMarkup } from 'preact-render-to-string';
import type { ReviewDocument } from '../review/document.ts';
import type { ReportFace } from './face.ts';
import { ReportPage } from './report-page.tsx';
import { STYLE } from './style.ts';

/**
 * The review as one HTML page that needs nothing else: no script, no network, and a policy that allows neither. The
 * same page is shown in the panel of an editor, where its colours are those of the theme.
 */
export function htmlReport(review: ReviewDocument, face: ReportFace): string {
  const policy = `default-src 'none'; style-src 'sha256-${base64(sha256(new TextEncoder().encode(STYLE)))}'; base-uri 'none'; form-action 'none'`;
  const page = renderToStaticMarkup(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Headroom" />
        <title>Memory review</title>
        {/* The policy allows this text and no other. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <ReportPage review={review} face={face} />
      </body>
    </html>,
  );
  return `<!doctype html>\n${page}\n`;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
