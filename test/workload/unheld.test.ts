import { beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { SourceParser } from '../../src/syntax/parser.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await startEngine();
});

const SERVE = `use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind("0.0.0.0:9000").await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(relay::answer(stream));
    }
}
`;
const RELAY = `use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub async fn answer(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    while let Ok(n) = stream.read(&mut buffer).await {
        if n == 0 || stream.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}

pub async fn listen(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(stream));
    }
}
`;

const crate = (name: string) =>
  `[package]\nname = "${name}"\nversion = "1.0.0"\n\n[dependencies]\ntokio = "1"\nrelay = { path = "../relay" }\n`;
const image = (name: string) =>
  `FROM rust:1.80 AS build\nCOPY . .\nRUN cargo build --release --bin ${name}\nFROM debian:12\nCOPY --from=build /target/release/${name} /usr/bin/${name}\nENTRYPOINT ["/usr/bin/${name}"]\n`;

const FILES = {
  '/w/Cargo.toml': '[workspace]\nmembers = ["broker", "replay", "relay"]\n',
  '/w/broker/Cargo.toml': crate('broker'),
  '/w/broker/src/main.rs': SERVE,
  '/w/replay/Cargo.toml': crate('replay'),
  '/w/replay/src/main.rs': SERVE,
  '/w/relay/Cargo.toml': '[package]\nname = "relay"\nversion = "1.0.0"\n\n[dependencies]\ntokio = "1"\n',
  '/w/relay/src/lib.rs': RELAY,
};

/** The severities of what is said of spawns, by file. */
function spawns(more: Readonly<Record<string, string>>): Record<string, string> {
  const w = new Workspace({ parser });
  for (const [file, text] of Object.entries({ ...FILES, ...more })) w.setText(file, text);
  const found = w.check().findings.filter((f) => f.rule === 'rust/unbounded-spawn');
  return Object.fromEntries(found.map((f) => [f.file.slice('/w/'.length), f.severity]));
}

const [BROKER, REPLAY, LIBRARY] = ['broker/src/main.rs', 'replay/src/main.rs', 'relay/src/lib.rs'];

describe('a program that no image holds', () => {
  it('is worth knowing at most, where the images hold others', () => {
    expect(spawns({ '/w/Dockerfile': image('broker') })).toEqual({
      [BROKER]: 'warning',
      [REPLAY]: 'information',
      [LIBRARY]: 'warning',
    });
  });

  it('is named by the finding', () => {
    const w = new Workspace({ parser });
    const files = { ...FILES, '/w/Dockerfile': image('broker') };
    for (const [file, text] of Object.entries(files)) w.setText(file, text);
    const [finding] = w.checkFile('/w/replay/src/main.rs').findings;
    expect(finding?.related.at(-1)).toMatchObject({
      file: '/w/replay/src/main.rs',
      message: 'no image of the workspace holds `replay`',
    });
  });

  it('is like any other, where no image holds anything', () => {
    expect(new Set(Object.values(spawns({})))).toEqual(new Set(['warning']));
  });

  it('is like any other, where the images that hold something are for tests', () => {
    const said = spawns({ '/w/tests/Dockerfile': image('broker') });
    expect(new Set(Object.values(said))).toEqual(new Set(['warning']));
  });

  it('is like any other, where nobody can read what an image holds', () => {
    const opaque =
      'FROM rust:1.80 AS build\nCOPY . .\nRUN ./build.sh && make all\nFROM debian:12\nCOPY --from=build /out/ /usr/bin/\nCMD ["/usr/bin/start"]\n';
    const said = spawns({ '/w/Dockerfile': image('broker'), '/w/all/Dockerfile': opaque });
    expect(said[REPLAY]).toBe('warning');
  });

  it('is like any other, where a manifest names it', () => {
    const compose = 'services:\n  replay:\n    image: example.org/shop/replay:1\n';
    expect(spawns({ '/w/Dockerfile': image('broker'), '/w/compose.yaml': compose })[REPLAY]).toBe('warning');
  });

  it('is not rescued by a workflow that builds it', () => {
    const workflow =
      'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo build --bin replay\n';
    const said = spawns({ '/w/Dockerfile': image('broker'), '/w/.github/workflows/ci.yaml': workflow });
    expect(said[REPLAY]).toBe('information');
  });
});

const LISTEN = `package main

import (
	"io"
	"net"
)

func main() {
	l, err := net.Listen("tcp", ":9000")
	if err != nil {
		panic(err)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go io.Copy(conn, conn)
	}
}
`;
const goImage = (name: string) =>
  `FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/${name} ./cmd/${name}\nFROM scratch\nCOPY --from=build /out/${name} /${name}\nENTRYPOINT ["/${name}"]\n`;

it('Go: a program that no image holds is worth knowing at most, in its own folder', () => {
  const w = new Workspace({ parser });
  const files = {
    '/w/go.mod': 'module example.org/shop\n\ngo 1.22\n',
    '/w/cmd/broker/main.go': LISTEN,
    '/w/cmd/receiver/main.go': LISTEN,
    '/w/Dockerfile': goImage('broker'),
  };
  for (const [file, text] of Object.entries(files)) w.setText(file, text);
  const found = w.check().findings.filter((f) => f.rule === 'go/unbounded-spawn');
  expect(found.map((f) => [f.file, f.severity])).toEqual([
    ['/w/cmd/broker/main.go', 'warning'],
    ['/w/cmd/receiver/main.go', 'information'],
  ]);
});
