import { argumentAttributes, configuredDerives, configuredTags } from '../../knowledge/numbers.ts';
import type { FieldFact } from '../../syntax/facts.ts';
import type { TypeDecl } from '../program.ts';

/** What the declaration of a field says of how it is configured. */
export interface FieldDefault {
  /** The environment variable that sets it. */
  readonly variable?: string | undefined;
  /** The flag of the command line that sets it: `--listen`. */
  readonly flag?: string | undefined;
  /** The default as an expression. */
  readonly text?: string | undefined;
  /** The function that gives the default. */
  readonly function?: string | undefined;
}

/**
 * How a field is configured and by what it is set where nobody does, from attributes (clap, structopt, argh, envconfig,
 * serde) and tags (envconfig, env, cleanenv, kong, go-flags, defaults); undefined when it is not configured.
 * @param text the file's text: attributes of fields are not among the facts.
 */
export function declaredDefault(decl: TypeDecl, field: FieldFact, text: string): FieldDefault | undefined {
  return decl.file.facts.language === 'go'
    ? ofTag(text.slice(field.span.start, field.span.end))
    : ofAttributes(decl, field, attributesAbove(decl, field, text));
}

function ofTag(field: string): FieldDefault | undefined {
  const tag = /`([^`]*)`/.exec(field)?.[1];
  if (tag === undefined) return undefined;
  const pairs = new Map<string, string>();
  for (const m of tag.matchAll(/([\w.-]+):"((?:[^"\\]|\\.)*)"/g)) pairs.set(m[1] as string, m[2] as string);
  const env =
    pairs.get('env') ?? pairs.get('envconfig') ?? /(?:^|,)env:(\w+)/.exec(pairs.get('arg') ?? '')?.[1];
  const fallback =
    pairs.get('envDefault') ??
    pairs.get('env-default') ??
    pairs.get('default') ??
    /(?:^|,)\s*default=([^,]+)/.exec(env ?? '')?.[1];
  const variable = env === undefined ? undefined : /^\s*(\w+)/.exec(env)?.[1];
  if (variable !== undefined || fallback !== undefined) return { variable, text: fallback };
  return [...pairs.keys()].some((k) => configuredTags.test(k)) ? {} : undefined;
}

/** The text between the field before this one, or the brace, and this one, without comments. */
function attributesAbove(decl: TypeDecl, field: FieldFact, text: string): string {
  const i = decl.fact.fields.indexOf(field);
  const before = decl.fact.fields[i - 1];
  const from = before ? before.span.end : decl.fact.nameSpan.end;
  const above = text.slice(from, field.span.start);
  // `default_value = "tcp://127.0.0.1:9000"` holds no comment.
  return above.replace(/("(?:[^"\\]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/.*/g, '$1');
}

function ofAttributes(decl: TypeDecl, field: FieldFact, text: string): FieldDefault | undefined {
  let variable: string | undefined;
  let flag: string | undefined;
  let value: string | undefined;
  let by: string | undefined;
  let configured = false;
  for (const m of text.matchAll(/#\[\s*(\w+)\s*\(([\s\S]*?)\)\s*\]/g)) {
    const [, name = '', inner = ''] = m;
    const parts = topLevel(inner);
    const get = (key: string) =>
      parts
        .find((p) => new RegExp(`^${key}\\s*=`).test(p))
        ?.replace(/^\w+\s*=\s*/, '')
        .trim();
    if (argumentAttributes.test(name)) {
      configured = true;
      const env = get('env') ?? (name === 'envconfig' ? get('from') : undefined);
      if (env !== undefined) variable = unquoted(env);
      else if (parts.includes('env')) variable = field.name.toUpperCase();
      const long = get('long');
      if (long !== undefined) flag = `--${unquoted(long)}`;
      else if (parts.includes('long')) flag = `--${field.name.replaceAll('_', '-')}`;
      const fallback = get('default_value_t') ?? get('default_value') ?? get('default');
      if (fallback !== undefined) value = unquoted(fallback);
    } else if (name === 'serde') {
      configured = true;
      const fallback = get('default');
      if (fallback !== undefined) by = unquoted(fallback);
    }
  }
  configured ||= decl.fact.attributes.some((a) => configuredDerives.test(a));
  return configured ? { variable, flag, text: value, function: by } : undefined;
}

/** Splits at commas outside of parentheses and quotes. */
function topLevel(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = '';
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    else if (!quoted && /[([{]/.test(c)) depth++;
    else if (!quoted && /[)\]}]/.test(c)) depth--;
    if (c === ',' && depth === 0 && !quoted) {
      out.push(part.trim());
      part = '';
    } else part += c;
  }
  if (part.trim() !== '') out.push(part.trim());
  return out;
}

function unquoted(text: string): string {
  return /^"(.*)"$/s.exec(text)?.[1] ?? text;
}
