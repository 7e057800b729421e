import { describe, expect, it } from 'vitest';
import { statedPeak } from '../../src/manifest/comments.ts';
import { readManifest } from '../../src/manifest/read.ts';

function peak(comment: string): string | undefined {
  const text = `kind: Pod\n${comment
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n')}\n`;
  return statedPeak(readManifest('p.yaml', text), { start: 0, end: text.length })?.text;
}

describe('a peak stated in a comment', () => {
  it.each([
    ['peak 92Mi', '92Mi'],
    ['Peak memory usage was 1.2GiB during reindex', '1.2GiB'],
    ['peaks at 480 MB, averages 120 MB', '480 MB'],
    ['average 120 MB, peak 480 MB', '480 MB'],
    ['92Mi at peak', '92Mi'],
    ['spikes up to 300MiB on startup', '300MiB'],
    ['OOMKilled at 256Mi in March', '256Mi'],
    ['was OOM killed with 256Mi', '256Mi'],
    ['max RSS observed: 700Mi', '700Mi'],
    ['observed max 700Mi over a week', '700Mi'],
    ['raised from 256Mi to 512Mi after an OOM', '256Mi'],
    ['high-water mark: 700M', '700M'],
    ['The importer peaks\nat 700Mi on Mondays', '700Mi'],
    ['p99 is 300Mi. Spikes reach 410Mi.', '410Mi'],
    ['measured: steady 200Mi, peak 350Mi (2024-05)', '350Mi'],
  ])('%s: %s', (comment, text) => expect(peak(comment)).toBe(text));

  it.each([
    'average 92Mi',
    'needs 92Mi',
    'at most 92Mi per namespace, see the quota',
    'never peaks above 92Mi',
    'JVM max heap size 512Mi',
    'increased to 512Mi after OOM',
    'max 2Gi',
    'enough for 512Mi without OOM',
    'peak hours are 9 to 5, 3 replicas',
    'the maximum on these nodes is 4Gi of memory used by all pods',
    'see https://example.org/peak#512Mi',
  ])('none in: %s', (comment) => expect(peak(comment)).toBeUndefined());
});
