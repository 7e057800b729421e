// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of shells, Dockerfiles and workflows, not of templates
import { describe, expect, it } from 'vitest';
import { agreement, imageName } from '../../src/workload/image.ts';
import { hasBackground, shellCommands, substitute } from '../../src/workload/shell.ts';

describe('shellCommands', () => {
  const words = (text: string) => shellCommands(text).map((c) => c.words.join(' '));
  it('parts commands at operators and lines, and takes quotes and assignments off', () => {
    expect(words('A=1 go build -o "a b" ./x && cp x /y; # done\nmake')).toEqual([
      'go build -o a b ./x',
      'cp x /y',
      'make',
    ]);
    expect(shellCommands('CGO_ENABLED=0 GOOS=linux go build')[0]?.assignments.get('CGO_ENABLED')).toBe('0');
  });
  it('keeps substitutions in one piece and reads through conditions', () => {
    expect(words('if [ "$A" = "1" ]; then cargo build $(printf "%s " a b); fi')).toEqual([
      '[ $A = 1 ]',
      'cargo build $(printf "%s " a b)',
      'fi',
    ]);
    expect(words('go build \\\n  ./x')).toEqual(['go build ./x']);
  });
  it('tells where output goes from what runs in the background', () => {
    expect(words('/app --v=2 1>> /log 2>&1')).toEqual(['/app --v=2 1>> /log 2>&1']);
    expect(words('/app &> /log')).toEqual(['/app &> /log']);
    expect(words('/one 2>&1 & /two')).toEqual(['/one 2>&1', '/two']);
    expect(['/app 2>&1', '/app &>> /log', '/one && /two', '/app >& /log'].map(hasBackground)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(['/one & /two', '/one 2>&1 & /two', '/one&'].map(hasBackground)).toEqual([true, true, true]);
  });
  it('survives what is not closed', () => {
    expect(words('echo "a')).toEqual(['echo a']);
    expect(words('echo $(a')).toEqual(['echo $(a']);
  });
});

describe('substitute', () => {
  const values: Readonly<Record<string, string>> = { A: 'x', B: '$A/y' };
  const put = (text: string) => substitute(text, (name) => values[name]);
  it('puts in what is known and leaves the rest', () => {
    expect(put('$A ${B} $(A) ${C} $D')).toBe('x x/y x ${C} $D');
    expect(put('${C:-none} ${C-none} ${A:-none} ${A:+set} ${C:+set}')).toBe('none none x set ');
  });
});

describe('images', () => {
  const agree = (a: string, b: string) => agreement(imageName(a)!, imageName(b)!);
  it('agree by what both say', () => {
    expect(agree('thing', 'registry.example.org/team/thing:1')).toBe('same');
    expect(agree('team/thing', 'other/thing')).toBe('name');
    expect(agree('${REPO}/thing:$TAG', 'registry.example.org/team/thing@sha256:00')).toBe('same');
    expect(agree('registry:5000/a/thing', 'registry:5000/a/thing:2')).toBe('same');
    expect(agree('thing', 'things')).toBeUndefined();
    expect(agree('x/*', 'x/y')).toBeUndefined();
  });
  it('of one repository are told apart by the end of the tag', () => {
    expect(agree('${R}/demo:${V}-checkout', 'ghcr.io/x/demo:2.0-checkout')).toBe('same');
    expect(agree('${R}/demo:${V}-checkout', 'ghcr.io/x/demo:2.0-cart')).toBeUndefined();
  });
});
