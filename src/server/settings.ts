import { INLAY_KINDS, type InlayKind } from '../analysis/workspace.ts';
import type { EditorSettings, Level } from '../host/live-workspace.ts';

const levels: readonly string[] = ['off', 'error', 'warning', 'information', 'hint'];

/**
 * The `headroom` section of the editor's settings, whatever it holds: unknown values are left out, so that a typing
 * error in the settings changes nothing else. `default` leaves the decision to the rule.
 */
export function readSettings(section: unknown): EditorSettings {
  const settings = record(section);
  const rules: Record<string, Level> = {};
  for (const [rule, level] of Object.entries(record(settings.rules))) {
    if (typeof level === 'string' && levels.includes(level)) rules[rule] = level as Level;
  }
  return { profile: settings.profile === 'pedantic' ? 'pedantic' : 'default', rules };
}

/** Whether lines are shown above containers and `main`: they are, unless somebody says no. */
export function readLenses(section: unknown): boolean {
  return record(section).codeLens !== false;
}

/** The kinds of inlay hints that the settings leave on; `inlayHints: false` switches all of them off. */
export function readInlayKinds(section: unknown): ReadonlySet<InlayKind> {
  const { inlayHints } = record(section);
  if (inlayHints === false) return new Set();
  return new Set(INLAY_KINDS.filter((kind) => record(inlayHints)[kind] !== false));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
