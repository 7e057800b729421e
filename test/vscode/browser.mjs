// The browser the tests look through.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBrowser, home, requireInstalled } from './setup.mjs';

const args = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @returns {Promise<import('playwright-core').Browser>} */
export async function launchBrowser() {
  const { chromium } = requireInstalled('playwright-core');
  return chromium.launch({ executablePath: await findBrowser(), args, headless: true });
}

/** The family screenshots are written in, whatever fonts the machine has. */
export const FONT = 'JetBrains Mono';

/** Gives pages of `context` the monospaced font from the very start, before the editor measures it. */
export async function bundleFont(context) {
  const files = join(home, 'node_modules', '@fontsource', 'jetbrains-mono', 'files');
  const faces = [];
  for (const weight of [400, 700]) {
    const bytes = await readFile(join(files, `jetbrains-mono-latin-${weight}-normal.woff2`));
    faces.push({ weight: String(weight), base64: bytes.toString('base64') });
  }
  await context.addInitScript(
    ({ family, faces }) => {
      for (const { weight, base64 } of faces) {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const face = new FontFace(family, bytes, { weight });
        document.fonts.add(face);
        void face.load();
      }
    },
    { family: FONT, faces },
  );
}

/**
 * A screenshot as WebP, four fifths as wide, which is still more than a page shows it, and a fifth of its size: the
 * browser is the encoder at hand.
 */
export async function toWebp(png) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const url = await page.evaluate(
      async (bytes) => {
        const image = new Image();
        image.src = `data:image/png;base64,${bytes}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = Math.round(0.8 * image.naturalWidth);
        canvas.height = Math.round(0.8 * image.naturalHeight);
        const context = canvas.getContext('2d');
        context.imageSmoothingQuality = 'high';
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        return canvas.toDataURL('image/webp', 0.3);
      },
      (await readFile(png)).toString('base64'),
    );
    return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  } finally {
    await browser.close();
  }
}
