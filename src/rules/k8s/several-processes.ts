import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { nameOf, placeOf } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/several-processes',
  tier: 'M',
  severity: 'warning',
  summary: 'A container that starts several services under one memory limit',
  note: {
    why: 'On cgroup v2 (from Kubernetes 1.28 on) one OOM kill takes all processes of the container with it, and GOMEMLIMIT bounds only one of them: two Go programs with 90 % each ask for 180 %.',
    arithmetic: 'Σ of the processes ≤ limit',
    myth: 'oom-is-a-crash',
  },
  messages: {
    several:
      '{container} starts {names} under one memory limit. One OOM kill ends all of them, and GOMEMLIMIT bounds only one',
  },
  exemptions: {
    one: 'the others only prepare what the program needs',
  },
  check({ units }: Services, report) {
    for (const { unit, links } of units) {
      const [link] = links;
      const contents = link?.contents;
      if (unit.kind !== 'container' || !link || !contents || contents.sideBySide.length === 0) continue;
      const at = placeOf(unit.container);
      const entry = contents.entry && {
        file: contents.dockerfile.file,
        span: contents.entry,
        message: 'the entry point of the image',
      };
      const served = contents.sideBySide.filter(
        (name) => contents.all.some((e) => e.name === name) || !PREPARES.test(name),
      );
      if (served.length < 2) {
        report.exempt({ reason: 'one', at, ...(entry ? { where: entry } : {}) });
        continue;
      }
      report.find({
        message: 'several',
        at,
        confidence: 'high',
        data: { container: nameOf(unit.container), names: served.join(', ') },
        related: entry ? [entry] : [],
      });
    }
  },
});

/** What scripts run beside a program without serving. */
const PREPARES =
  /^(migrate|dockerize|wait-for\S*|curl|wget|nc|tail|cat|date|openssl|update-ca-certificates|ulimit|exit|return|read)$/;
