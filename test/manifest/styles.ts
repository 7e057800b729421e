/** Writes manifests in the styles people write them in: one object, many texts. */

export type Value = string | { readonly [key: string]: Value } | readonly Value[];

/** Numbers between 0 and 1, as a test's generator hands them out. */
export type Dice = () => number;

export interface Style {
  readonly step: 2 | 4;
  /** Columns a list is indented below its key. */
  readonly listIndent: 0 | 2;
  readonly crlf: boolean;
  /** How likely a map or list without deep content is written in one line. */
  readonly flow: number;
  /** How likely a line ends with a comment, or has one above it. */
  readonly comments: number;
  readonly quotes: number;
}

/** The text of documents in a style; dice decide place by place. */
export function writeYaml(documents: readonly Value[], style: Style, dice: Dice): string {
  const parts = documents.map((d) => block(d, 0, style, dice).join('\n'));
  const text = `${dice() < 0.3 ? '---\n' : ''}${parts.join('\n---\n')}\n`;
  return style.crlf ? text.replaceAll('\n', '\r\n') : text;
}

const REMARKS = [
  '# see the runbook',
  '# 30 % of the node',
  '#TODO measure',
  "# don't lower",
  '# limits: {memory: 1Gi}',
];

function remark(style: Style, dice: Dice): string {
  return dice() < style.comments ? ` ${REMARKS[Math.floor(dice() * REMARKS.length)]}` : '';
}

function block(value: Value, column: number, style: Style, dice: Dice): string[] {
  const pad = ' '.repeat(column);
  const lines: string[] = [];
  if (typeof value === 'string') return [pad + scalar(value, style, dice)];
  if (Array.isArray(value)) {
    for (const item of value as readonly Value[]) {
      if (dice() < style.comments / 2) lines.push(`${pad}# next`);
      const written =
        isPlain(item) && dice() < style.flow
          ? [flow(item, style, dice)]
          : block(item, column + 2, style, dice);
      lines.push(`${pad}- ${written[0]!.trimStart()}`, ...written.slice(1));
    }
    return lines;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (dice() < style.comments / 3) lines.push(`${pad}# about ${key}`);
    const name = /^[\w.-]+$/.test(key) && dice() > style.quotes / 3 ? key : JSON.stringify(key);
    if (typeof inner === 'string')
      lines.push(`${pad}${name}: ${scalar(inner, style, dice)}${remark(style, dice)}`);
    else if (isEmpty(inner)) lines.push(`${pad}${name}: ${Array.isArray(inner) ? '[]' : '{}'}`);
    else if (isPlain(inner) && dice() < style.flow)
      lines.push(`${pad}${name}: ${flow(inner, style, dice)}${remark(style, dice)}`);
    else {
      const deeper = column + (Array.isArray(inner) ? style.listIndent : style.step);
      lines.push(`${pad}${name}:${remark(style, dice)}`, ...block(inner, deeper, style, dice));
    }
    if (dice() < 0.03) lines.push('');
  }
  return lines;
}

function flow(value: Value, style: Style, dice: Dice): string {
  if (typeof value === 'string') return scalar(value, style, dice);
  const space = dice() < 0.4 ? ' ' : '';
  if (Array.isArray(value))
    return `[${(value as readonly Value[]).map((v) => flow(v, style, dice)).join(', ')}]`;
  const entries = Object.entries(value).map(([k, v]) => `${k}: ${flow(v, style, dice)}`);
  return `{${space}${entries.join(', ')}${space}}`;
}

function scalar(text: string, style: Style, dice: Dice): string {
  const needs = !/^[\w./-]+$/.test(text) || /^(?:true|false|off|on|yes|no|\d+)$/i.test(text);
  if (needs || dice() < style.quotes)
    return dice() < 0.5 && !text.includes("'") ? `'${text}'` : JSON.stringify(text);
  return text;
}

function isEmpty(value: Value): boolean {
  return typeof value !== 'string' && (Array.isArray(value) ? value : Object.keys(value)).length === 0;
}

/** At most two levels deep: what people still write in one line. */
function isPlain(value: Value, depth = 0): boolean {
  if (typeof value === 'string') return true;
  const parts = Array.isArray(value) ? (value as readonly Value[]) : Object.values(value);
  return depth < 3 && parts.length < 5 && parts.every((p) => isPlain(p, depth + 1));
}
