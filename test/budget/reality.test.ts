import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { SourceParser } from '../../src/syntax/parser.ts';
import { goVersion, rustcVersion } from '../../src/tools/fixtures/compile.ts';

// The formulas of the budget against the resident memory of real programs. Each prints its resident bytes when it has
// done what the formula is about; the range of the ledger, with room for the allocator, must hold them.

const MI = 1 << 20;
let parser: SourceParser;
let folder = '';
beforeAll(async () => {
  parser = await startEngine();
  folder = mkdtempSync(join(tmpdir(), 'headroom-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUST_RESIDENT = `
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}
`;
const GO_RESIDENT = `
func resident() int {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\\n") {
		if strings.HasPrefix(line, "VmRSS") {
			n, _ := strconv.Atoi(strings.Fields(line)[1])
			return n * 1024
		}
	}
	return 0
}
`;
const goProgram = (body: string) =>
  `package main\n\nimport (\n\t"fmt"\n\t"os"\n\t"strconv"\n\t"strings"\n)\n${GO_RESIDENT}\nfunc main() {\n${body}\n}\n`;
const rustProgram = (body: string) => `${RUST_RESIDENT}\nfn main() {\n${body}\n}\n`;

interface Measured {
  readonly low: number;
  readonly high: number;
  readonly resident: readonly number[];
}

/** The ledger of a program, and what it prints when it runs. */
function measure(language: 'rust' | 'go', name: string, source: string): Measured {
  const w = new Workspace({ parser });
  const file = language === 'go' ? 'main.go' : 'src/main.rs';
  w.setText(
    language === 'go' ? 'go.mod' : 'Cargo.toml',
    language === 'go' ? `module x/${name}\n\ngo 1.19\n` : `[package]\nname = "${name}"\n`,
  );
  w.setText(file, source);
  w.setText(
    'deploy.yaml',
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n    - {name: ${name}, image: "x/${name}", resources: {limits: {memory: 4Gi}}}\n`,
  );
  const [service] = w.services.services;
  if (!service) throw new Error(`${name} was not linked`);
  const dir = join(folder, name);
  mkdirSync(dir, { recursive: true });
  const binary = join(dir, 'program');
  if (language === 'go') {
    writeFileSync(join(dir, 'go.mod'), `module x/${name}\n\ngo 1.19\n`);
    writeFileSync(join(dir, 'main.go'), source);
    execFileSync('go', ['build', '-o', binary, '.'], {
      cwd: dir,
      env: { ...process.env, GOFLAGS: '-mod=mod' },
    });
  } else {
    writeFileSync(join(dir, 'main.rs'), source);
    execFileSync('rustc', ['-O', '--edition', '2021', '-A', 'warnings', '-o', binary, 'main.rs'], {
      cwd: dir,
    });
  }
  const { stdout, status, stderr } = spawnSync(binary, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return { ...service.ledger.total, resident: stdout.trim().split('\n').map(Number) };
}

describe.skipIf(process.platform !== 'linux' || !rustcVersion())('Rust', { timeout: 120_000 }, () => {
  it('writes every slot of a sync_channel when it is made', () => {
    const { low, high, resident } = measure(
      'rust',
      'slots',
      rustProgram(`
    let (jobs, work) = std::sync::mpsc::sync_channel::<[u8; 1024]>(100_000);
    println!("{}", resident());
    drop((jobs, work));`),
    );
    expect(low).toBeGreaterThan(98 * MI);
    expect(resident[0]).toBeGreaterThan(low * 0.95);
    expect(resident[0]).toBeLessThan(high * 1.1);
  });

  it('leaves zeroed and reserved memory alone until it is written', () => {
    const { low, high, resident } = measure(
      'rust',
      'pages',
      rustProgram(`
    let mut zeroed = vec![0u8; 64 << 20];
    let mut reserved: Vec<u64> = Vec::with_capacity(8 << 20);
    println!("{}", resident());
    for at in (0..zeroed.len()).step_by(4096) { zeroed[at] = 1; }
    for n in 0..(8u64 << 20) { reserved.push(n); }
    println!("{}", resident());
    std::hint::black_box((&zeroed, &reserved));`),
    );
    // What is committed is the program alone; both buffers are in what fills.
    expect(low).toBeLessThan(8 * MI);
    expect(high).toBeGreaterThan(128 * MI);
    expect(resident[0]).toBeLessThan(8 * MI);
    expect(resident[1]).toBeGreaterThan(128 * MI);
    expect(resident[1]).toBeLessThan(high * 1.1);
  });

  it('writes all elements of a vector of something', () => {
    const { low, high, resident } = measure(
      'rust',
      'elements',
      rustProgram(`
    let ones = vec![1u64; 4 << 20];
    println!("{}", resident());
    std::hint::black_box(&ones);`),
    );
    expect(resident[0]).toBeGreaterThan(low * 0.95);
    expect(resident[0]).toBeLessThan(high * 1.2);
    expect(low).toBeGreaterThan(32 * MI);
  });

  it('reserves stacks of threads, and takes some KiB for each', () => {
    const { low, high, resident } = measure(
      'rust',
      'threads',
      rustProgram(`
    let stop = std::sync::Arc::new(std::sync::Barrier::new(257));
    for _ in 0..256 {
        let stop = stop.clone();
        std::thread::spawn(move || stop.wait());
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    println!("{}", resident());
    stop.wait();`),
    );
    // 256 stacks are 512 MiB of address space; the kernel's stacks are not in the resident memory of the process.
    expect(high).toBeLessThan(64 * MI);
    expect(low).toBeGreaterThan(2 * MI);
    expect(resident[0]).toBeLessThan(high * 1.2);
  });

  it('holds a map with a capacity in the next power of two of buckets', () => {
    const { high, resident } = measure(
      'rust',
      'buckets',
      rustProgram(`
    let mut map = std::collections::HashMap::<u64, [u8; 56]>::with_capacity(1_000_000);
    for key in 0..1_000_000u64 { map.insert(key, [1; 56]); }
    println!("{}", resident());
    std::hint::black_box(&map);`),
    );
    expect(high).toBeGreaterThan(130 * MI);
    expect(resident[0]).toBeLessThan(high * 1.1);
    expect(resident[0]).toBeGreaterThan(high * 0.5);
  });
});

describe.skipIf(process.platform !== 'linux' || !goVersion())('Go', { timeout: 120_000 }, () => {
  it('fills a channel with use, and keeps what was drained', () => {
    const { low, high, resident } = measure(
      'go',
      'queue',
      goProgram(`	queue := make(chan [1024]byte, 100_000)
	fmt.Println(resident())
	var message [1024]byte
	for i := 0; i < 100_000; i++ {
		message[0] = byte(i)
		queue <- message
	}
	fmt.Println(resident())
	for len(queue) > 0 {
		<-queue
	}
	fmt.Println(resident())`),
    );
    expect(low).toBeLessThan(8 * MI);
    expect(resident[0]).toBeLessThan(16 * MI);
    expect(high).toBeGreaterThan(97 * MI);
    for (const full of resident.slice(1)) {
      expect(full).toBeGreaterThan(90 * MI);
      expect(full).toBeLessThan(high * 1.1);
    }
  });

  it('takes a preallocated slice as it is written', () => {
    const { high, resident } = measure(
      'go',
      'ring',
      goProgram(`	var rings [16][]byte
	for i := range rings {
		rings[i] = make([]byte, 4<<20)
	}
	fmt.Println(resident())
	for _, ring := range rings {
		for at := 0; at < len(ring); at += 4096 {
			ring[at] = 1
		}
	}
	fmt.Println(resident())`),
    );
    expect(resident[0]).toBeLessThan(16 * MI);
    expect(high).toBeGreaterThan(64 * MI);
    expect(resident[1]).toBeGreaterThan(64 * MI);
    expect(resident[1]).toBeLessThan(high * 1.2);
  });

  it('takes a few KiB for a goroutine', () => {
    const { low, high, resident } = measure(
      'go',
      'parked',
      goProgram(`	stop := make(chan bool)
	for i := 0; i < 20_000; i++ {
		go func() { <-stop }()
	}
	fmt.Println(resident())
	close(stop)`),
    );
    expect(low).toBeGreaterThan(40 * MI);
    expect(resident[0]).toBeGreaterThan(low * 0.9);
    expect(resident[0]).toBeLessThan(high * 1.1);
  });
});
