import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, writeAmount } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Amount, ManifestFile } from '../../manifest/model.ts';
import { patchedContainers } from '../../manifest/overlay.ts';
import { BINARY, DECIMAL, differOnlyByUnit, nameOf, placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/decimal-binary-mix',
  tier: 'M',
  severity: 'information',
  summary: 'Two memory values that differ only by M and Mi, which look alike and are not',
  note: {
    why: 'M counts in thousands, Mi in 1024s. Two values that read the same then differ by some per cent, which nobody meant and nobody sees.',
    arithmetic: '512M = 488.3Mi (4.6 % less), 1G = 953.7Mi (6.9 % less)',
  },
  messages: {
    pair: '{container} writes {decimal} and {binary}: the {side} is {bytes}, {percent} % less',
    overlay: 'The overlay writes {own}, the base {other}. They look alike and are {percent} % apart',
  },
  exemptions: {
    rejected: 'the request is above the limit, which k8s/request-over-limit reports',
    other: 'the numbers differ, so the units were chosen one by one',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.statedContainers) {
      const { memoryLimit: limit, memoryRequest: request } = container.resources;
      if (!known(limit) || !known(request)) continue;
      const { file } = container.workload.object;
      const decimal = [limit, request].find((a) => DECIMAL.test(a.text));
      const binary = [limit, request].find((a) => BINARY.test(a.text));
      if (!decimal || !binary) continue;
      const at = placeIn(file, decimal.span);
      if (!differOnlyByUnit(decimal, binary)) report.exempt({ reason: 'other', at });
      else if (request === binary) report.exempt({ reason: 'rejected', at });
      else {
        report.find({
          message: 'pair',
          at,
          confidence: 'high',
          data: {
            container: nameOf(container),
            side: decimal === limit ? 'limit' : 'request',
            ...difference(decimal, binary),
          },
          related: [{ ...placeIn(file, binary.span), message: `${formatBytes(bytesOf(binary.quantity!))}` }],
          fixes: possible(inBinary(file, decimal, binary)),
        });
      }
    }
    const seen = new Set<string>();
    for (const { base, limit, request } of patchedContainers(manifests)) {
      for (const [side, patched] of [
        ['memoryLimit', limit],
        ['memoryRequest', request],
      ] as const) {
        const { change, value } = patched;
        const own = base.resources[side];
        if (change?.kind !== 'set' || value.state !== 'known' || !known(own)) continue;
        const { amount, where } = value;
        const [decimal, binary] = DECIMAL.test(amount.text) ? [amount, own] : [own, amount];
        if (!DECIMAL.test(decimal.text) || !BINARY.test(binary.text) || !differOnlyByUnit(decimal, binary))
          continue;
        const key = `${where.file}\0${where.span.start}`;
        if (seen.has(key) || !manifests.inScope(where.file)) continue;
        seen.add(key);
        report.find({
          message: 'overlay',
          at: where,
          confidence: 'high',
          data: {
            own: amount.text,
            other: own.text,
            percent: difference(decimal, binary).percent,
          },
          related: [{ ...placeIn(base.workload.object.file, own.span), message: 'the value of the base' }],
          fixes: possible(decimal === amount ? inBinary(change.file, decimal, binary) : undefined),
        });
      }
    }
  },
});

function known(stated: Amount | 'unknown' | undefined): stated is Amount {
  return stated !== undefined && stated !== 'unknown' && stated.quantity !== undefined;
}

function difference(decimal: Amount, binary: Amount) {
  const [d, b] = [bytesOf(decimal.quantity!), bytesOf(binary.quantity!)];
  return {
    decimal: decimal.text,
    binary: binary.text,
    bytes: formatBytes(d),
    percent: `${Number(((b - d) * 1000n) / b) / 10}`,
  };
}

function inBinary(file: ManifestFile, decimal: Amount, binary: Amount) {
  return writeAmount(file, decimal, binary.text, `Write ${binary.text}, as the other one`);
}
