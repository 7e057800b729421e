import { expect, test } from 'vitest';
import { Namers } from '../../src/program/places/namers.ts';
import { fieldPlace } from '../../src/program/places/places.ts';
import { type Files, go, programOf, rust } from './build.ts';

/** The functions that may name a field. */
function namersOf(files: Files, type: string, field: string): string[] {
  const program = programOf(files);
  const decl = program.packages.flatMap((p) => p.types).find((t) => t.fact.name === type);
  if (!decl) throw new Error(`no ${type}`);
  return Namers.of(program)
    .of(fieldPlace(decl, field))
    .map((fn) => fn.fact.name);
}

const FRAMES = `
pub struct Frames { scratch: Vec<u8>, sent: u64 }
impl Frames {
  fn scratch_mut(&mut self) -> &mut Vec<u8> { &mut self.scratch }
  fn inner(&mut self) -> &mut Vec<u8> { self.scratch_mut() }
  fn count(&self) -> u64 { self.sent }
}
fn reset(frames: &mut Frames) { frames.inner().clear(); }
fn take(Frames { scratch, .. }: Frames) -> usize { let kept = scratch; kept.len() }
fn other(n: u64) -> u64 { n + 1 }
`;

test('a field is named by who writes its name, and by who calls what hands it out', () => {
  expect(namersOf(rust(FRAMES), 'Frames', 'scratch')).toEqual(['scratch_mut', 'inner', 'reset', 'take']);
});

test('also under the name that an import gives it', () => {
  const files = {
    'src/lib.rs':
      'mod pool;\nuse pool::frames as buffered;\nfn reset() { buffered().clear(); }\nfn idle() {}\n',
    'src/pool.rs': `pub struct Pool { frames: Vec<u8> }
impl Pool { fn frames(&mut self) -> &mut Vec<u8> { &mut self.frames } }
`,
  };
  expect(namersOf(files, 'Pool', 'frames')).toEqual(['reset', 'frames']);
});

test('an embedded field is used without its name, and one by position has none: any function may', () => {
  const state = go(`import "bytes"
type state struct { bytes.Buffer; n int }
func reset(s *state) { s.Reset() }
func idle() {}
`);
  expect(namersOf(state, 'state', 'Buffer')).toEqual(['reset', 'idle']);
  const wrapped = rust(
    'struct Text(String);\nfn reset(Text(text): &mut Text) { text.clear(); }\nfn idle() {}\n',
  );
  expect(namersOf(wrapped, 'Text', '0')).toEqual(['reset', 'idle']);
});
