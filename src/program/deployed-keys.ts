import { deployedThings, identifyingWords } from '../knowledge/keys.ts';
import { configurationTypes } from '../knowledge/sizes.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { type CallSite, Calls } from './calls.ts';
import type { Effect } from './effects.ts';
import type { GrowingPlace } from './growth.ts';
import type { Fn } from './program.ts';
import { peel } from './types.ts';
import { Values } from './values.ts';

/**
 * Rust: the key names nothing but what the deployment, a schema or the program fixes: `ShardId`, `component_key`. That
 * is what its name says, no proof.
 */
export function deployedKey(growing: GrowingPlace, { fn, key }: Effect): string | undefined {
  if (fn.package.language !== 'rust' || growing.container.row.shape === 'list') return undefined;
  const type = growing.container.key && peel(growing.container.key).type;
  const parts = type?.name === 'tuple' ? type.args.map((a) => peel(a).type) : type ? [type] : [];
  const byType = parts.length > 0 && parts.every((t) => t.decl !== undefined && isDeployed(t.decl.fact.name));
  if (byType) return said(type?.decl?.fact.name ?? parts.map((t) => t.decl?.fact.name).join('`, `'));
  const alias = writtenKey(growing);
  if (alias !== undefined && isDeployed(alias)) return said(alias);
  if (key >= 0 && isConfigured(fn, key, 0)) return 'keys that come from the configuration';
  const written = key < 0 ? [] : keyNames(fn, key, 0);
  // What is configured for a tenant is as much as there are tenants; what a tenant does is not.
  const configures = /polic|config|setting|role|quota|option|permission/i.test(growing.place.name);
  const isFew = (name: string) => isDeployed(name) || (configures && /^tenant(_?(id|name))?$/i.test(name));
  return written.length > 0 && written.every(isFew) ? said(written.join('`, `')) : undefined;
}

/** The name of the key type as it is written: `TableId` of `HashMap<TableId, V>`, which may be another name of a number. */
function writtenKey({ place }: GrowingPlace): string | undefined {
  const field = place.owner?.fact.fields.find((f) => f.name === place.field);
  if (!place.owner || !field || place.depth > 0) return undefined;
  const { code } = place.owner.file;
  for (let n = field.type; n < code.after(field.type); n++)
    if (code.kind(n) === Kind.Type && /(Map|Set)$/.test(code.name(n))) {
      const first = code.children(n)[0];
      return first === undefined ? undefined : code.name(first).split('::').at(-1);
    }
  return undefined;
}

function said(names: string): string {
  return `\`${names}\`, of which the deployment or a schema decides how many there are`;
}

/** A key that is read from the configuration, here or by every caller that passes it. */
function isConfigured(fn: Fn, n: NodeId, depth: number): boolean {
  if (depth > 4) return false;
  const code = fn.code;
  for (let m = n; m < code.after(n); m++) {
    const kind = code.kind(m);
    if (kind !== Kind.Name && kind !== Kind.Field && kind !== Kind.Path) continue;
    const name = code.name(m);
    if (/^(CONFIG|SETTINGS|config|cfg|conf|settings|opts|options)$/.test(name)) return true;
    if (kind !== Kind.Name) continue;
    if (name === fn.fact.receiver) {
      if (configurationTypes.test(fn.fact.owner)) return true;
      continue;
    }
    const b = Values.of(fn.package.program).scope(fn).lookup(name, code.start(m));
    if (b?.source === 'parameter') {
      const sites = Calls.of(fn.package.program).sitesOf(fn);
      const passed = sites.map((s) =>
        s.kind === 'call' ? s.fn.code.all(s.node, Role.Arg)[b.index] : undefined,
      );
      if (
        passed.length > 0 &&
        passed.every((arg, i) => arg !== undefined && isConfigured((sites[i] as CallSite).fn, arg, depth + 1))
      )
        return true;
    } else if (
      b &&
      b.value >= 0 &&
      b.source === 'value' &&
      b.value !== n &&
      isConfigured(fn, b.value, depth + 1)
    )
      return true;
  }
  return false;
}

/** Rust: the container is a part of a schema or configuration, which has as many parts as somebody has written down. */
export function schemaOf({ place }: GrowingPlace): string | undefined {
  const name = place.owner?.file.facts.language === 'rust' ? place.owner.fact.name : '';
  return /(Schema|Definition|Manifest|Spec|Config|Configuration|Settings|ConfigBuilder|Metadata|MappingNode|MappingTree)$/.test(
    name,
  )
    ? `\`${name}\`, which has as many parts as somebody has written down`
    : undefined;
}

/** The names that make up a key: `(&index_id, source_id.clone())` is `index_id` and `source_id`. */
function keyNames(fn: Fn, key: NodeId, depth: number): string[] {
  const code = fn.code;
  switch (code.kind(key)) {
    case Kind.Unary:
    case Kind.Try:
    case Kind.Cast:
      return keyNames(fn, code.child(key, Role.Object), depth);
    case Kind.MethodCall:
      return /^(clone|to_string|to_owned|into|as_str|as_ref|to_vec|cloned|copied|as_deref|unwrap_or|unwrap_or_default)$/.test(
        code.name(key),
      )
        ? keyNames(fn, code.child(key, Role.Object), depth)
        : [code.name(key)];
    case Kind.Sequence:
      return code.children(key).flatMap((c) => keyNames(fn, c, depth));
    case Kind.Name: {
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key));
      return !isDeployed(code.name(key)) && b?.source === 'value' && b.value >= 0 && depth < 2
        ? keyNames(fn, b.value, depth + 1)
        : [code.name(key)];
    }
    case Kind.Field:
      return [code.name(key)];
    default:
      return [''];
  }
}

/** `ShardId`, `component_key`, `TenantTimelineId`: words for what is fixed, and for which of them. */
function isDeployed(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((w) => w !== '' && !identifyingWords.has(w));
  return (
    words.length > 0 && words.every((w) => deployedThings.has(w) || deployedThings.has(w.replace(/s$/, '')))
  );
}
