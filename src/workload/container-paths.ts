/** Paths inside an image while it is built, and where what lies there comes from in the workspace. */

/** A path inside the image, made absolute against a working directory. */
export function absoluteIn(cwd: string, path: string): string {
  const parts = path.startsWith('/') ? [] : cwd.split('/').filter((p) => p !== '');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function baseOf(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** What `COPY` put where, from the build context. */
export class CopiedPaths {
  readonly #entries: { readonly inside: string; readonly outside: string }[] = [];

  /** Remembers that `source`, a path of the workspace, was copied to `target` in the image. */
  add(cwd: string, source: string, target: string, several: boolean): void {
    const at = absoluteIn(cwd, target);
    const name = baseOf(source);
    const isFile = /\.\w+$/.test(name);
    // Of a folder the contents are copied, of a file the file itself, into the target where that is a folder.
    const intoFolder = isFile && (several || /(^|\/)\.{0,2}$/.test(target) || baseOf(target) !== name);
    this.#entries.push({ inside: intoFolder ? absoluteIn(at, name) : at, outside: source });
  }

  /** The paths of the workspace that a path inside may be, the closest copy first. */
  outside(path: string): string[] {
    // A file that was copied into the folder tells where the folder comes from.
    const files = this.#entries
      .filter(({ inside }) => inside.startsWith(path === '/' ? '/' : `${path}/`) && inside.endsWith('.go'))
      .filter(({ inside }) => !inside.slice(path.length + 1).includes('/'))
      .map(({ outside }) => outside.slice(0, Math.max(0, outside.lastIndexOf('/'))));
    const covering = this.#entries
      .filter(({ inside }) => path === inside || inside === '/' || path.startsWith(`${inside}/`))
      .sort((a, b) => b.inside.length - a.inside.length)
      .map(({ inside, outside }) => {
        const rest = path === inside ? '' : path.slice(inside === '/' ? 1 : inside.length + 1);
        return [outside, rest].filter((p) => p !== '').join('/');
      });
    return [...files, ...covering];
  }
}
