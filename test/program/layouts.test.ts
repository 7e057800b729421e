import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goSizes } from '../../src/knowledge/type-sizes.ts';
import type { Program } from '../../src/program/program.ts';
import { isKnown, Layouts, type NoSize, type Size } from '../../src/program/sizes/layouts.ts';
import { Types } from '../../src/program/types/types.ts';
import { go, programOf } from './build.ts';

/** What the compiler on this machine prints, or undefined when there is none. */
function printed(
  command: string,
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): string[] | undefined {
  try {
    execFileSync(command, [command === 'go' ? 'version' : '--version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const dir = mkdtempSync(join(tmpdir(), 'headroom-layouts-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(dir, 'src'), { recursive: true });
      writeFileSync(join(dir, file), text);
    }
    const env = { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off' };
    const out = execFileSync(command, args, { cwd: dir, encoding: 'utf8', env });
    const lines = command === 'go' ? out : execFileSync(join(dir, 'sizes'), { encoding: 'utf8' });
    return lines.trim().split('\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The size of each declared type by its name. */
function sizes(program: Program): Map<string, Size | NoSize> {
  const types = new Types();
  const out = new Map<string, Size | NoSize>();
  for (const pkg of program.packages)
    for (const t of pkg.types)
      out.set(t.fact.name, Layouts.of(program).sizeOf(types.named(t.file, t.fact.name)));
  return out;
}

function text(size: Size | NoSize | undefined): string {
  if (!size) return '-';
  if (!isKnown(size)) return size.why;
  const range = size.low === size.high ? `${size.low}` : `${size.low}-${size.high}`;
  return `${range} align ${size.align}${size.heap ? ' +heap' : ''}`;
}

const GO = `
type Small struct { a bool; b int64; c bool }
type Tail struct { a int32; b struct{} }
type Nested struct { Small; list [3]Small; m map[string]int; f func(int) error }
type Locked struct { sync.RWMutex; once sync.Once; at time.Time; wait sync.WaitGroup }
type Iface interface { Do() }
type Names []string
type Code uint16
type Floats struct { a complex64; b float32; c complex128; d rune; e uintptr }
type Deep struct { c Code; i Iface; n Names; p *Deep; ch chan int; e error; s string }
type Anonymous struct { a byte; inner struct { x, y int16 }; b byte }
type Counted struct { buf [N]byte; n uint8 }
const N = 1 << 4
type Pair[K any, V any] struct { key K; value V }
type Used struct { p Pair[string, bool]; q Pair[byte, [2]uint16] }
type Empty struct{}
`;

describe('sizes of Go', () => {
  const names = [...GO.matchAll(/^type (\w+) /gm)].map((m) => m[1] as string);

  test('are those of gc on 64 bits', () => {
    const program = programOf(go(GO));
    const found = sizes(program);
    const prints = names.map(
      (n) => `fmt.Println("${n}", unsafe.Sizeof(*new(${n})), unsafe.Alignof(*new(${n})))`,
    );
    const real = printed('go', ['run', '.'], {
      'go.mod': 'module m\n\ngo 1.19\n',
      'main.go': `package main\nimport ("fmt"; "sync"; "time"; "unsafe")\n${GO}\nfunc main() {\n${prints.join('\n')}\n}\n`,
    });
    if (!real) return;
    const told = names.map((n) => {
      const s = found.get(n);
      return s && isKnown(s) && s.low === s.high ? `${n} ${s.low} ${s.align}` : `${n} ${text(s)}`;
    });
    expect(told).toEqual(real);
  });

  test('of the standard library are as the table says', () => {
    const std = Object.keys(goSizes).filter(
      (n) => /^[a-z/]+\.[A-Z]/.test(n) && !/^(log\/slog|unsafe)\b/.test(n),
    );
    const packages = [...new Set(std.map((n) => n.slice(0, n.lastIndexOf('.'))))];
    const alias = (p: string) => p.replaceAll('/', '_');
    const real = printed('go', ['run', '.'], {
      'go.mod': 'module m\n\ngo 1.19\n',
      'main.go': `package main\nimport (\n"unsafe"\n${packages.map((p) => `${alias(p)} "${p}"`).join('\n')}\n)\nfunc main() {\n${std
        .map((n) => {
          const dot = n.lastIndexOf('.');
          const type = `${alias(n.slice(0, dot))}${n.slice(dot)}${n.endsWith('atomic.Pointer') ? '[int]' : ''}`;
          return `{ var x ${type}; fmt.Println(unsafe.Sizeof(x), unsafe.Alignof(x)) }`;
        })
        .join('\n')}\n}\n`,
    });
    real?.forEach((line, i) => {
      const [size, align] = line.split(' ').map(Number) as [number, number];
      const [bytes = '', stated] = (goSizes[std[i] as string] as string).split(' ');
      const [low = 0, high = low] = bytes.split('-').map(Number);
      expect(size >= low && size <= high && align === Number(stated), `${std[i]} has ${line}`).toBe(true);
    });
  });

  test('say what hangs on them, and why they are not known', () => {
    const found = sizes(
      programOf(
        go(`
type Plain struct { a, b int }
type Text struct { s string }
type Foreign struct { x other.Thing }
type Loop struct { l Loop }
type Generic[T any] struct { t T }
`),
      ),
    );
    expect([...found].map(([name, size]) => `${name} ${text(size)}`)).toEqual([
      'Plain 16 align 8',
      'Text 16 align 8 +heap',
      'Foreign `other.Thing` is not in this workspace',
      'Loop `Loop` contains itself',
      'Generic `T` is not in this workspace',
    ]);
  });

  test('a struct in its best order', () => {
    const program = programOf(go('type S struct { a bool; b int64; c bool; d int32; e struct{} }'));
    const layout = Layouts.of(program).structOf(program.packages[0]?.types[0] as never);
    if ('why' in layout) throw new Error(layout.why);
    expect(layout.fields.map((f) => `${f.field.name}@${f.offset}`)).toEqual([
      'a@0',
      'b@8',
      'c@16',
      'd@20',
      'e@24',
    ]);
    expect([layout.size, layout.best, layout.order]).toEqual([32, 16, [4, 1, 3, 0, 2]]);
  });
});

const RUST = `
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};
struct Small { a: bool, b: u64, c: bool }
#[repr(C)] struct Fixed { a: bool, b: u64, c: bool }
struct Unit;
struct Tuple(u8, u32, u16);
struct Texts { a: String, b: Vec<u8>, c: Box<str>, d: Box<u8>, e: Arc<dyn Send + Sync>, f: &'static [u8], g: &'static u8 }
struct Options { a: Option<u64>, b: Option<String>, c: Option<bool>, d: Option<Box<u8>>, e: Option<Option<u8>>, f: Option<Small>, g: Option<char> }
struct Maps { a: HashMap<String, u8>, b: BTreeMap<u8, u8>, c: VecDeque<u64>, d: (u8, u64), e: [u16; N] }
const N: usize = 5;
struct Times { a: Duration, b: Instant, c: IpAddr, d: SocketAddr, e: Option<Instant> }
struct Locks { a: Mutex<u64>, b: RwLock<String>, c: Mutex<()>, d: Arc<Mutex<HashMap<u8, u8>>> }
enum Plain { A, B, C }
#[repr(u32)] enum Tagged { A = 1, B = 2 }
enum Payload { Empty, Text(String), Number { n: u64, m: u8 }, Nested(Plain) }
enum Either { Left(Box<u8>), Right }
struct Pair<K, V> { key: K, value: Vec<V>, flag: u8 }
struct Used { a: Pair<u32, String>, b: Pair<u64, u8>, c: Option<Payload>, d: Result<u8, String> }
union Bits { a: u64, b: [u8; 12] }
`;

describe('sizes of Rust', () => {
  test('hold what rustc says', () => {
    const found = sizes(programOf({ 'src/lib.rs': RUST }));
    const names = [...RUST.matchAll(/(?:struct|enum|union) (\w+)(?![\w<])/g)]
      .map((m) => m[1] as string)
      .filter((n) => n !== 'Pair');
    const real = printed('rustc', ['--edition', '2021', '-A', 'warnings', '-o', 'sizes', 'main.rs'], {
      'main.rs': `${RUST}\nfn main() {\n${names.map((n) => `println!("{} {}", std::mem::size_of::<${n}>(), std::mem::align_of::<${n}>());`).join('\n')}\n}\n`,
    });
    real?.forEach((line, i) => {
      const [size, align] = line.split(' ').map(Number) as [number, number];
      const told = found.get(names[i] as string);
      const fits = told && isKnown(told) && told.low <= size && size <= told.high && told.align === align;
      expect(fits, `${names[i]} has ${line}, told ${text(told)}`).toBe(true);
    });
  });

  test('are exact where the language or one order says so', () => {
    const found = sizes(programOf({ 'src/lib.rs': RUST }));
    const told = (n: string) => text(found.get(n));
    expect(['Fixed', 'Unit', 'Texts', 'Plain', 'Tagged', 'Maps', 'Small', 'Payload'].map(told)).toEqual([
      '24 align 8',
      '0 align 1',
      '112 align 8 +heap',
      '1 align 1',
      '4 align 4',
      '136 align 8 +heap',
      '16-24 align 8',
      '24-32 align 8 +heap',
    ]);
  });
});
