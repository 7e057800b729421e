import { describe, expect, test } from 'vitest';
import { LineIndex } from '../../src/core/text-position.ts';
import { Constants, type Environment } from '../../src/program/sizes/constants.ts';
import { evaluateText, parseSize } from '../../src/program/sizes/number-text.ts';
import { costRatio } from '../cost.ts';
import { type Files, go, probes, programOf, rust } from './build.ts';

/** What each probe is: `1024`, `<= 64`, `1000 env ITEMS`, or why it is not known. */
function amounts(files: Files, environment?: Environment): string[] {
  const program = programOf(files);
  const constants = environment ? new Constants(program, environment) : Constants.of(program);
  return probes(program).map(({ fn, node }) => {
    const a = constants.in(fn, node);
    if (a.value === undefined) return a.why;
    const settings = a.settings.map((s) => ` ${s.kind} ${s.name}`).join('');
    return `${a.exact ? '' : '<= '}${a.value}${settings}`;
  });
}

test('numbers in texts', () => {
  const texts = [
    '1_000usize',
    '0x10',
    '0b11',
    '0o17',
    '0755',
    '1e6',
    '64MiB',
    '64 MB',
    '1.5GiB',
    '8Mi',
    '10k',
    '7 apples',
    '1.5',
  ];
  expect(texts.map((t) => String(parseSize(t)))).toEqual([
    '1000',
    '16',
    '3',
    '15',
    '493',
    '1000000',
    '67108864',
    '64000000',
    '1610612736',
    '8388608',
    '10000',
    'undefined',
    'undefined',
  ]);
  const at = (name: string) => (name === 'MAX' ? 10n : undefined);
  const expressions = [
    '64 * 1024',
    '(1 + 2) * MAX',
    '1 << 4 + 1',
    '10 - 2 - 3',
    '64 MiB',
    'OTHER',
    '5 as usize',
    '2 +',
  ];
  expect(expressions.map((t) => String(evaluateText(t, at)))).toEqual([
    '65536',
    '30',
    '32',
    '5',
    '67108864',
    'undefined',
    '5',
    'undefined',
  ]);
});

describe('numbers of Go', () => {
  test('constants, groups with iota, arithmetic, packages and libraries', () => {
    const files = {
      'go.mod': 'module m\n',
      'limits/limits.go':
        'package limits\nconst Max = 10 * 1024\nconst (\n\t_ = iota // nothing\n\tKB = 1 << (10 * iota)\n\tMB\n)\nconst (\n\tA = iota + 5\n\tB\n\n\t// Last.\n\tC\n)\n',
      'main.go':
        'package main\nimport (\n"math"\n"bufio"\n"m/limits"\nhumanize "github.com/dustin/go-humanize"\n)\nconst local = 64 << 10\nvar once = 7\nvar twice = 8\nfunc set() { twice = 9 }\nfunc f() { probe(limits.Max, limits.KB, limits.MB, limits.C, local, int64(local)/2, once, twice, math.MaxUint16, bufio.MaxScanTokenSize, 2*humanize.MiByte, min(local, 5), len("four"), 10-1-1, 1e3) }\n',
    };
    expect(amounts(files)).toEqual([
      '10240',
      '1024',
      '1048576',
      '7',
      '65536',
      '32768',
      '7',
      '<= 9',
      '65535',
      '65536',
      '2097152',
      '5',
      '4',
      '8',
      '1000',
    ]);
  });

  test('locals, functions and what callers pass', () => {
    const files = go(`
func double(n int) int { return n * 2 }
func pick(small bool) int { if small { return 10 }; return 20 }
func made(n int) { probe(n) }
func several(n int) { probe(n) }
func f(x int) {
	a := 10
	b := 10
	b++
	var c int
	c = 30
	made(4); made(4); several(1); several(2)
	probe(a, b, c, double(a+1), pick(true), x)
}`);
    expect(amounts(files)).toEqual([
      '4',
      '<= 2',
      '10',
      '`b` is counted',
      '30',
      '22',
      '<= 20',
      '`x` is a parameter of `f`',
    ]);
  });

  const configured = {
    'go.mod': 'module m\n',
    'main.go': `package main
import ("flag"; "os"; "strconv")
type Config struct {
	Items int \`env:"CACHE_ITEMS" envDefault:"1000"\`
	Queue int \`yaml:"queue"\`
	Depth int
}
type tree struct { width int }
var workers = flag.Int("workers", 8, "how many")
func intFromEnv(key string, def int) int {
	v := os.Getenv(key)
	if v == "" { return def }
	n, err := strconv.Atoi(v)
	if err != nil { return def }
	return n
}
func load() *Config {
	c := &Config{Queue: 50}
	flag.IntVar(&c.Depth, "depth", 3, "how deep")
	return c
}
func f(c *Config, t tree) {
	n, err := strconv.Atoi(os.Getenv("BATCH"))
	if err != nil { n = 64 }
	m, _ := strconv.Atoi(os.Getenv("BURST"))
	probe(c.Items, c.Queue*2, c.Depth, *workers, intFromEnv("SHARDS", 16), n, m, t.width)
}`,
  };

  test('what is configured at run time has its default and its name', () => {
    expect(amounts(configured)).toEqual([
      '1000 env CACHE_ITEMS',
      '100 field Config.Queue',
      '3 flag depth',
      '8 flag workers',
      '16 env SHARDS',
      '64 env BATCH',
      'configured at run time: BURST',
      'nothing in this workspace sets `tree.width`',
    ]);
  });

  test('the environment of a container decides', () => {
    const environment = { CACHE_ITEMS: '250', SHARDS: '32', BURST: '7', BATCH: 'many' };
    const said = amounts(configured, (name) => environment[name as keyof typeof environment]);
    expect([said[0], said[4], said[5], said[6]]).toEqual([
      '250 env CACHE_ITEMS',
      '32 env SHARDS',
      '64 env BATCH',
      '7 env BURST',
    ]);
  });
});

describe('numbers of Rust', () => {
  test('constants, modules, associated constants and libraries', () => {
    const files = {
      'src/lib.rs': `
mod limits;
use crate::limits::MAX;
use bytesize::ByteSize;
const LOCAL: usize = 64 << 10;
static SHARDS: u16 = 1 << 4;
struct Ring;
impl Ring { const LEN: usize = 2 * MAX; fn f(&self) { probe(Self::LEN, Ring::LEN); } }
const fn kib(n: usize) -> usize { n * 1024 }
const fn pages(n: usize) -> usize { kib(4) * n }
fn f(x: usize) {
    const INNER: usize = 3;
    let n = LOCAL / 2;
    probe(MAX, limits::MAX, LOCAL as u64, SHARDS, n, kib(3), pages(2), INNER, usize::pow(2, 10), 2usize.pow(5), u16::MAX as usize,
        NonZeroUsize::new(100).unwrap(), ByteSize::mib(4).as_u64(), x.min(4096), x.clamp(1, 64), 5usize.next_power_of_two(), 10_000, std::mem::size_of::<u64>() * 8,
        3u64.saturating_mul(5), x);
}`,
      'src/limits.rs': 'pub const MAX: usize = 1_000;\n',
    };
    expect(amounts(files)).toEqual([
      '2000',
      '2000',
      '1000',
      '1000',
      '65536',
      '16',
      '32768',
      '3072',
      '8192',
      '3',
      '1024',
      '32',
      '65535',
      '100',
      '4194304',
      '<= 4096',
      '<= 64',
      '8',
      '10000',
      '64',
      '15',
      '`x` is a parameter of `f`',
    ]);
  });

  const configured = rust(`
#[derive(Parser)]
struct Args {
    /// How many, such as 5.
    #[arg(long, env = "CACHE_ITEMS", default_value_t = 1_000)]
    items: usize,
    #[arg(long, env, default_value = "64MiB")]
    buffer: ByteSize,
    #[clap(long, default_value_t = DEFAULT_DEPTH * 2)]
    depth: usize,
}
const DEFAULT_DEPTH: usize = 4;
#[derive(Deserialize)]
struct Config {
    #[serde(default = "default_queue")]
    queue: usize,
    window: Option<usize>,
    burst: usize,
}
impl Default for Config { fn default() -> Self { Self { queue: 20, window: None, burst: 6 } } }
fn default_queue() -> usize { 20 }
struct Tree { width: usize }
static POOL: LazyLock<usize> = LazyLock::new(|| std::env::var("POOL").ok().and_then(|v| v.parse().ok()).unwrap_or(12));
fn env_or(name: &str, default: usize) -> usize {
    env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}
fn f(args: &Args, config: Config, tree: Tree) {
    let batch = match env::var("BATCH") { Ok(v) => v.parse().unwrap(), Err(_) => 10 };
    let burst = if let Ok(v) = env::var("BURST") { v.parse().unwrap() } else { 5 };
    let none: usize = std::env::var("NONE").unwrap().parse().unwrap();
    let text = env::var("TEXT").unwrap_or("30".to_string()).parse::<usize>().unwrap();
    probe(args.items, args.buffer.as_u64(), args.depth, config.queue, config.window.unwrap_or(9), config.burst, *POOL,
        env_or("SHARDS", 16), batch, burst, none, text, tree.width);
}`);

  test('what is configured at run time has its default and its name', () => {
    expect(amounts(configured)).toEqual([
      '1000 env CACHE_ITEMS',
      '67108864 env BUFFER',
      '8 field Args.depth',
      '20 field Config.queue',
      '9 field Config.window',
      '6 field Config.burst',
      '12 env POOL',
      '16 env SHARDS',
      '10 env BATCH',
      '5 env BURST',
      'configured at run time: NONE',
      '30 env TEXT',
      'nothing in this workspace sets `Tree.width`',
    ]);
  });

  test('a number has the place it is written at', () => {
    const program = programOf(configured);
    const text = configured['src/lib.rs'] as string;
    const lines = probes(program).map(({ fn, node }) => {
      const { at } = Constants.of(program).in(fn, node);
      return text.split('\n')[new LineIndex(text).position(at.span.start).line - 1]?.trim();
    });
    expect(lines[0]).toBe('items: usize,');
    expect(lines[6]).toContain('static POOL');
    expect(lines[10]).toContain('let none');
  });
});

describe('a number that comes from far away', () => {
  /** Functions that hand a number on, each called three times by the one before. */
  const handedOn = (length: number) => {
    let text = 'func f() { step0(7) }\n';
    for (let i = 0; i < length; i++)
      text += `func step${i}(n int) { step${i + 1}(n); step${i + 1}(n); step${i + 1}(n) }\n`;
    return go(`${text}func step${length}(n int) { probe(n) }`);
  };
  /** Fields of a struct, each written from all others. */
  const fields = (count: number) => {
    const names = Array.from({ length: count }, (_, i) => `f${i}`);
    const writes = names.flatMap((a) => names.map((b) => `\ts.${a} = s.${b} + 1\n`));
    return go(
      `type S struct { ${names.join(', ')} int }\nfunc f(s *S) {\n${writes.join('')}\tprobe(s.f0)\n}`,
    );
  };

  /** Functions that may return what any of several others returns. */
  const returned = (length: number) => {
    let text = '';
    for (let i = 0; i < length; i++) {
      const ways = Array.from({ length: 12 }, (_, k) => `\tcase ${k}:\n\t\treturn way${i + 1}(n + ${k})\n`);
      text += `func way${i}(n int) int {\n\tswitch n {\n${ways.join('')}\t}\n\treturn 7\n}\n`;
    }
    return go(`${text}func way${length}(n int) int { return 7 }\nfunc f() { probe(way0(1)) }`);
  };

  test('is given up where there are too many ways to it', () => {
    expect(amounts(returned(1))).toEqual(['7']);
    expect(amounts(returned(7))).toEqual(['it comes from far away']);
  });

  test('is followed through a few functions', () => {
    expect(amounts(handedOn(3))).toEqual(['7']);
    expect(amounts(handedOn(12))).toEqual(['it comes from far away']);
    expect(amounts(fields(3))).toEqual(['it is written in terms of itself']);
  });

  test.each([
    ['callers', handedOn],
    ['fields', fields],
  ])('costs no more with more %s than the text grows', (_, make) => {
    const [few, many] = [programOf(make(8)), programOf(make(16))];
    const ask = (program: typeof few) => () => {
      const constants = new Constants(program);
      for (const { fn, node } of probes(program)) constants.in(fn, node);
    };
    expect(costRatio(ask(few), ask(many))).toBeLessThan(8);
  });
});
