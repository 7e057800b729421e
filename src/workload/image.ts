/** Names of images, as far as they can be told from the places that write them. */

/** A reference such as `ghcr.io/x/api:1.2`, split; a part that something else supplies holds `*`. */
export interface ImageName {
  readonly text: string;
  /** Registry, owner and name, in lower case. */
  readonly segments: readonly string[];
  /** Undefined without a tag. */
  readonly tag: string | undefined;
}

/** A variable, a template or a substitution: nobody can know here what it becomes. */
const SUPPLIED = /\$\{\{.*?\}\}|\{\{.*?\}\}|\$\([^()]*\)|\$\{[^{}]*\}|\$\w+|<[^<>]*>/g;

/** Splits a reference; undefined for a text without a name. */
export function imageName(text: string): ImageName | undefined {
  const plain = withoutSupplied(text.trim())
    .replace(/@sha256:.*$/, '')
    .replace(/^(docker|oci):\/\//, '');
  const slash = plain.lastIndexOf('/');
  const colon = plain.indexOf(':', slash + 1);
  const path = (colon < 0 ? plain : plain.slice(0, colon)).toLowerCase();
  const segments = path.split('/').filter((s) => s !== '');
  if (segments.length === 0 || /\s/.test(path)) return undefined;
  return { text: text.trim(), segments, tag: colon < 0 ? undefined : plain.slice(colon + 1) };
}

/** Puts `*` for what something else supplies, calls within calls from the inside out. */
function withoutSupplied(text: string): string {
  let result = text;
  for (let depth = 0; depth < 8; depth++) {
    const next = result.replace(SUPPLIED, '*');
    if (next === result) break;
    result = next;
  }
  return result.replace(/\*+/g, '*');
}

/** The reference for a person: as written, or without its tag where a long script supplies that. */
export function imageText({ text, segments }: ImageName): string {
  return text.length <= 80 ? text : segments.join('/');
}

/** The last segment: what the image is called. `*` when something else supplies it. */
export function shortName(name: ImageName): string {
  return name.segments.at(-1)!;
}

/**
 * How two references agree: `same` when all that both say is equal, registry prefixes that one leaves out aside;
 * `name` when only what the image is called is equal.
 */
export function agreement(a: ImageName, b: ImageName): 'same' | 'name' | undefined {
  if (!fits(shortName(a), shortName(b)) || shortName(a) === '*' || shortName(b) === '*') return undefined;
  // One repository may hold many images, told apart by the end of the tag: `demo:2.0-checkout`.
  const suffix = tagSuffix(a) ?? tagSuffix(b);
  if (suffix !== undefined && !(a.tag?.endsWith(suffix) && b.tag?.endsWith(suffix))) return undefined;
  const length = Math.min(a.segments.length, b.segments.length);
  for (let i = 1; i <= length; i++) {
    const [x, y] = [a.segments.at(-i)!, b.segments.at(-i)!];
    if (!fits(x, y)) return 'name';
  }
  return 'same';
}

/** True when the first is a build of something in the repository of the second, under a name that only the build knows. */
export function sameOwner(build: ImageName, image: ImageName): boolean {
  if (shortName(build) !== '*' || build.segments.length < 2) return false;
  const [a, b] = [build.segments.slice(0, -1), image.segments.slice(0, -1)];
  return a.length === b.length && a.every((segment, i) => segment === b[i] && segment !== '*');
}

/** `-checkout` of `*-checkout`: what a tag ends with behind the part that changes. */
function tagSuffix(name: ImageName): string | undefined {
  return /^\*(-[a-z][\w-]*)$/i.exec(name.tag ?? '')?.[1];
}

function fits(a: string, b: string): boolean {
  if (a === b) return true;
  if (!a.includes('*') && !b.includes('*')) return false;
  const [pattern, text] = a.includes('*') ? [a, b] : [b, a];
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  // The earliest place of each part leaves the most for the next one: no way has to be tried twice.
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
