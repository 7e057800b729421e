import type { Finding } from '../core/finding.ts';
import type { Tier } from '../core/rule.ts';

/** `default` is quiet; `pedantic` shows everything a rule says. */
export type Profile = 'default' | 'pedantic';

/**
 * True when a profile shows a finding. The default hides patterns without proof, and advice about speed where the
 * path is not known to be hot, which a rule states by the severity `hint`.
 */
export function shows(profile: Profile, tier: Tier, finding: Finding): boolean {
  if (profile === 'pedantic' || tier === 'H') return true;
  if (finding.confidence === 'low') return false;
  return tier !== 'C' || finding.severity !== 'hint';
}
