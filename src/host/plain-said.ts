import { type Profile, shows } from '../analysis/profile.ts';
import { registry, type Said } from '../analysis/run-rules.ts';
import type { Edit, Exemption, Finding, Fix, Notice } from '../core/finding.ts';

/** What rules said, with the edits of the fixes computed: functions cannot be sent or kept. */
export interface PlainSaid {
  readonly findings: readonly (Omit<Finding, 'fixes'> & {
    readonly fixes: readonly (Omit<Fix, 'edits'> & { readonly edits: readonly Edit[] })[];
  })[];
  readonly exemptions: readonly Exemption[];
  readonly notices: readonly Notice[];
}

const tiers = new Map([...registry.rust, ...registry.go].map(({ meta }) => [meta.id, meta.tier]));

/** Edits are computed from the texts around a finding, so nobody does it for a finding that is not shown. */
export function plain({ findings, ...rest }: Said, profile: Profile): PlainSaid {
  return {
    ...rest,
    findings: findings.map((finding) => {
      const tier = tiers.get(finding.rule);
      const fixes = !tier || shows(profile, tier, finding) ? finding.fixes : [];
      return { ...finding, fixes: fixes.map((fix) => ({ ...fix, edits: fix.edits() })) };
    }),
  };
}

/** What rules said, as if they had said it here. */
export function whole(said: PlainSaid): Said {
  const findings = said.findings.map((finding) => ({
    ...finding,
    fixes: finding.fixes.map((fix) => ({ ...fix, edits: () => fix.edits })),
  }));
  return { ...said, findings };
}
