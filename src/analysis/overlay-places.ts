/** Names, on every finding in a base, the overlays that build what it stands in. */

import type { Finding } from '../core/finding.ts';
import type { Manifests } from '../manifest/manifests.ts';
import { relatedOverlays } from '../rules/shared/manifests/overlays.ts';

/** The findings, with the kustomizations that each concerns among its related places. */
export function withOverlays(findings: readonly Finding[], manifests: Manifests): Finding[] {
  return findings.map((finding) => {
    const named = new Set(finding.related.map((r) => r.file));
    const more = relatedOverlays(manifests, finding).filter((r) => !named.has(r.file));
    return more.length === 0 ? finding : { ...finding, related: [...finding.related, ...more] };
  });
}
