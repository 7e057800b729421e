// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of shells, Dockerfiles and workflows, not of templates
import { beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { SourceParser } from '../../src/syntax/parser.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await startEngine();
});

/** What runs in the containers of a workspace, one line each: `container: program confidence`. */
function links(files: Readonly<Record<string, string>>): string[] {
  return unitsOf(files).map(({ unit, links, problem }) =>
    links.length === 0
      ? `${unit.name}: ${problem}`
      : `${unit.name}: ${links.map((l) => `${l.executable.name} ${l.confidence}`).join(', ')}`,
  );
}

function unitsOf(files: Readonly<Record<string, string>>) {
  const workspace = new Workspace({ parser });
  for (const [file, text] of Object.entries(files)) workspace.setText(file, text);
  return workspace.links.units;
}

const GO_MAIN = 'package main\n\nfunc main() {}\n';
const RUST_MAIN = 'fn main() {}\n';
const goModule = { 'go.mod': 'module example.org/shop\n\ngo 1.22\n' };
/** Two programs whose names no image has. */
const twoGo = { ...goModule, 'cmd/alpha/main.go': GO_MAIN, 'cmd/beta/main.go': GO_MAIN };

function deployment(
  image: string,
  more: { name?: string; container?: string; command?: string; annotation?: string } = {},
) {
  const { name = 'x', container = 'main-container', command, annotation } = more;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    metadata:
      annotations: {${annotation ? `headroom.dev/source: ${annotation}` : ''}}
    spec:
      containers:
        - name: ${container}
          image: ${image}
${command ? `          command: ${command}\n` : ''}`;
}

/** Builds the program of a folder of `twoGo` with a Dockerfile as most have it. */
const alphaDockerfile = `FROM golang:1.22-alpine AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -ldflags "-s -w" -o /out/thing ./cmd/alpha
FROM gcr.io/distroless/static
COPY --from=build /out/thing /thing
ENTRYPOINT ["/thing"]
`;

describe('a build that names the image', () => {
  const image = 'registry.example.org/team/thing:1.2';
  const manifest = deployment(image);
  const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    Skaffold: {
      'skaffold.yaml':
        'apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n    - image: thing\n      docker: {dockerfile: build/Dockerfile}\n',
      'build/Dockerfile': alphaDockerfile,
    },
    Tilt: {
      Tiltfile: "IMG = 'team/thing'\ndocker_build(IMG, '.', dockerfile='build/Dockerfile')\n",
      'build/Dockerfile': alphaDockerfile,
    },
    'a bake file': {
      'docker-bake.hcl':
        'target "thing" {\n  dockerfile = "build/Dockerfile"\n  args = { A = "1" }\n  tags = ["registry.example.org/team/thing:${TAG}"]\n}\n',
      'build/Dockerfile': alphaDockerfile,
    },
    'a bake file in JSON': {
      'docker-bake.json':
        '{"target": {"base": {"dockerfile": "build/Dockerfile"}, "thing": {"inherits": ["base"], "tags": ["team/thing"]}}}',
      'build/Dockerfile': alphaDockerfile,
    },
    'a Makefile': {
      Makefile:
        'IMAGE ?= registry.example.org/team/thing\n\nimage:\n\tdocker buildx build --platform linux/amd64 \\\n\t\t-t $(IMAGE):$(TAG) -f build/Dockerfile .\n',
      'build/Dockerfile': alphaDockerfile,
    },
    'a Makefile that tells kustomize the name': {
      Makefile:
        'IMG ?= registry.example.org/team/made:$(VERSION)\nimage:\n\tdocker build -t $(IMG) -f build/Dockerfile .\ndeploy:\n\tcd config && $(KUSTOMIZE) edit set image team/other=x registry.example.org/team/thing=${IMG}\n',
      'build/Dockerfile': alphaDockerfile,
    },
    'a function of a Makefile': {
      Makefile:
        'IMAGE_PREFIX=team\n\n# Several images are built alike.\ndefine build_image\n\t@docker buildx build -t "${IMAGE_PREFIX}/$(1):$(TAG)" . \\\n\t\t-f ./$(2)/Dockerfile\nendef\n\nthing-image:\n\t$(call build_image,thing,build)\n',
      'build/Dockerfile': alphaDockerfile,
    },
    'functions of a Makefile that call each other': {
      Makefile:
        'IMAGE = registry.example.org/team/thing:latest\n\ndefine image\n$(1).image.$(3): $(1)/Dockerfile\n\tdocker build --build-arg ARCH=$(3) -t $(2)-$(3) -f $(1)/Dockerfile .\nendef\n\ndefine images\n$(call image,build,${IMAGE},$1)\nendef\n\n$(eval $(call images,amd64))\n',
      'build/Dockerfile': alphaDockerfile,
    },
    'a Makefile with the variables of a file it includes': {
      Makefile: 'include build/names.env\n\nimage:\n\tdocker build -t $(NAME):latest -f build/Dockerfile .\n',
      'build/names.env': 'NAME=registry.example.org/team/thing\n',
      'build/Dockerfile': alphaDockerfile,
    },
    'a Dockerfile for a tool that cannot be read': {
      Makefile: 'image:\n\tdocker build -t team/thing -f build/Dockerfile .\n',
      'build/Dockerfile':
        'FROM debian AS build\nCOPY . .\nRUN bazel build //cmd/alpha && cp bazel-bin/alpha /out/binary\nFROM scratch\nCOPY --from=build /out/binary /usr/bin/alpha\nCMD ["alpha"]\n',
    },
    'a workflow of Depot': {
      '.github/workflows/release.yml': `jobs:
  image:
    steps:
      - uses: depot/build-push-action@v1
        with:
          context: .
          file: build/Dockerfile
          tags: registry.example.org/team/thing:latest
`,
      'build/Dockerfile': alphaDockerfile,
    },
    'a workflow': {
      '.github/workflows/release.yml': `jobs:
  image:
    strategy:
      matrix:
        component: [thing, other]
    steps:
      - uses: docker/metadata-action@v5
        id: meta
        with:
          images: registry.example.org/team/\${{ matrix.component }}
      - uses: docker/build-push-action@v6
        with:
          context: .
          file: build/Dockerfile
          tags: \${{ steps.meta.outputs.tags }}
`,
      'build/Dockerfile': alphaDockerfile,
    },
    compose: {
      'compose.yaml':
        'services:\n  thing:\n    image: registry.example.org/team/thing\n    build:\n      context: .\n      dockerfile: ${THING_DOCKERFILE}\n',
      '.env': 'THING_DOCKERFILE=build/Dockerfile\n',
      'build/Dockerfile': alphaDockerfile,
    },
    GoReleaser: {
      '.goreleaser.yaml':
        'project_name: thing\nbuilds:\n  - id: alpha\n    main: ./cmd/alpha\n  - id: beta\n    main: ./cmd/beta\ndockers:\n  - ids: [alpha]\n    image_templates: ["registry.example.org/team/{{ .ProjectName }}:{{ .Tag }}"]\n',
    },
    'a call of ko': {
      Makefile:
        'KO := bin/ko\nREPO := registry.example.org/team/thing\npublish:\n\t@KOCACHE=x KO_DOCKER_REPO=$(REPO) \\\n\t\t$(KO) build ./cmd/alpha --bare --tags=docker\n',
    },
    'GoReleaser with ko': {
      '.goreleaser.yaml':
        'builds:\n  - id: alpha\n    main: ./cmd/alpha\nkos:\n  - repository: registry.example.org/team/thing\n    build: alpha\n',
    },
  };
  for (const [name, files] of Object.entries(cases)) {
    it(`is found in ${name}`, () => {
      const all = links({ ...twoGo, ...files, 'deploy.yaml': manifest });
      expect(all).toContain('main-container: alpha exact');
      if (name === 'compose') expect(all).toContain('thing: alpha exact');
    });
  }

  it('is ko when the image is an import path', () => {
    expect(links({ ...twoGo, 'deploy.yaml': deployment('ko://example.org/shop/cmd/beta') })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('says why, and where', () => {
    const [unit] = unitsOf({ ...twoGo, ...cases.Tilt, 'deploy.yaml': manifest });
    expect(unit?.links[0]).toMatchObject({
      evidence: 'Tilt builds the image team/thing from build/Dockerfile',
      where: { file: 'Tiltfile' },
    });
  });

  it('hides other programs of that name when it holds none of the workspace', () => {
    const files = {
      ...goModule,
      'cmd/thing/main.go': GO_MAIN,
      'skaffold.yaml':
        'apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n    - image: thing\n      context: web\n',
      'web/Dockerfile': 'FROM node:22\nCOPY . .\nCMD ["node", "server.js"]\n',
    };
    expect(links({ ...files, 'deploy.yaml': manifest })).toEqual([
      'main-container: web/Dockerfile puts no Rust or Go program of the workspace into it',
    ]);
  });
});

describe('a Dockerfile', () => {
  const build = (dockerfile: string, code: Readonly<Record<string, string>>, more = {}) =>
    links({
      ...code,
      Dockerfile: dockerfile,
      'skaffold.yaml': 'apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts: [{image: thing}]\n',
      'deploy.yaml': deployment('thing', more),
    })[0];
  const rust = {
    'Cargo.toml': '[package]\nname = "depot"\n\n[[bin]]\nname = "serve"\npath = "src/serve.rs"\n',
    'src/main.rs': RUST_MAIN,
    'src/serve.rs': RUST_MAIN,
    'src/bin/tool.rs': RUST_MAIN,
  };

  it('tells a Rust program by the file that is copied', () => {
    const dockerfile = (bin: string) =>
      `FROM rust:1.95 AS build\nWORKDIR /a\nCOPY . .\nRUN cargo build --release\nFROM debian:bookworm-slim\nCOPY --from=build /a/target/release/${bin} /usr/bin/\nENTRYPOINT ["${bin}"]\n`;
    expect(build(dockerfile('serve'), rust)).toBe('main-container: serve exact');
    expect(build(dockerfile('depot'), rust)).toBe('main-container: depot exact');
    expect(build(dockerfile('tool'), rust)).toBe('main-container: tool exact');
  });

  it('is followed through renames, arguments, wrappers and shells', () => {
    const dockerfile = `ARG BIN=serve
FROM rust:1.95 AS build
ARG BIN
COPY . .
RUN cargo build --release --bin \${BIN} && mkdir /out && cp "target/release/\${BIN}" /out/app
FROM build AS final
COPY --from=build /out/app /opt/app
ENTRYPOINT ["dumb-init", "--", "sh", "-c", "ulimit -c 0 && exec /opt/app --port 80"]
`;
    expect(build(dockerfile, rust)).toBe('main-container: serve exact');
  });

  it('that compiles and runs the sources names the program', () => {
    const go = 'FROM golang\nWORKDIR /src\nCMD ["go", "run", "./cmd/beta"]\n';
    expect(build(go, twoGo)).toBe('main-container: beta exact');
    const rust = {
      'Cargo.toml': '[package]\nname = "one"\nversion = "0.1.0"\n',
      'src/main.rs': RUST_MAIN,
      'src/bin/two.rs': RUST_MAIN,
    };
    const cargo = (more: string) =>
      `FROM rust AS dev\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["cargo", "run", "--release"${more}]\n`;
    expect(build(cargo(', "--bin", "two", "--", "--bin", "one"'), rust)).toBe('main-container: two exact');
    expect(build(cargo(', "--", "--bin", "two"'), rust)).toMatch(/puts no Rust or Go program/);
  });

  it('is followed through a copy that says whose the file is', () => {
    const dockerfile =
      'FROM golang AS b\nCOPY . .\nRUN go build -o /out/thing ./cmd/beta\nFROM debian\nCOPY --chown=1:1 --from=b --chmod=0755 /out/thing /bin/thing\nENTRYPOINT ["thing"]\n';
    expect(build(dockerfile, twoGo)).toBe('main-container: beta exact');
  });

  it('that is debugged is the program all the same', () => {
    const dockerfile =
      'FROM golang AS b\nCOPY . .\nRUN go build -o /out/thing ./cmd/beta\nFROM golang\nCOPY --from=b /out/thing /usr/bin/thing\n';
    const command = '[dlv, exec, "--listen=:2345", --headless=true, --, /usr/bin/thing, serve]';
    expect(build(dockerfile, twoGo, { command })).toBe('main-container: beta exact');
    expect(build(dockerfile, twoGo, { command: '[dlv, version]' })).toMatch(/runs `dlv`/);
  });

  it('that gives way to another program of the image is not what stays', () => {
    const launcher =
      'use std::os::unix::process::CommandExt;\nfn main() { std::process::Command::new(std::env::args().nth(1).unwrap()).exec(); }\n';
    const files = {
      ...twoGo,
      'run/Cargo.toml': '[package]\nname = "entrypoint"\nversion = "0.1.0"\n',
      'run/src/main.rs': launcher,
    };
    const image = (programs: string) =>
      `FROM golang AS b\nCOPY . .\nRUN go build -o /out/ ./cmd/...\nFROM rust AS r\nCOPY . .\nRUN cargo build && mv target/debug/entrypoint /entrypoint\nFROM debian\nCOPY --from=r /entrypoint /bin/entrypoint\n${programs}ENTRYPOINT ["/bin/entrypoint"]\nCMD ["serve"]\n`;
    const alpha = 'COPY --from=b /out/alpha /bin/\n';
    const beta = 'COPY --from=b /out/beta /bin/\n';
    expect(build(image(alpha), files)).toBe('main-container: alpha exact');
    expect(build(image(alpha + beta), files)).toMatch(
      /entrypoint, which it starts, gives way to one of alpha, beta: say which/,
    );
    expect(build(image(''), files)).toBe('main-container: entrypoint exact');
  });

  it('puts Go packages where they were copied from', () => {
    const dockerfile = `FROM golang:1.22 AS build
WORKDIR /build/go
COPY ./services/go ./
RUN cd cmd && go build -o /bin/app ./beta/*.go
FROM scratch
COPY --from=build /bin/app .
CMD ["./app"]
`;
    const code = {
      'services/go/go.mod': 'module example.org/x\n',
      'services/go/cmd/alpha/main.go': GO_MAIN,
      'services/go/cmd/beta/main.go': GO_MAIN,
    };
    expect(build(dockerfile, code)).toBe('main-container: beta exact');
  });

  it('finds the folder of a program whose files are copied one by one', () => {
    const dockerfile = `FROM golang:1.22 AS build
WORKDIR /src
COPY src/pay/go.mod go.mod
COPY src/pay/main.go main.go
RUN go build -o pay main.go
FROM scratch
COPY --from=build /src/pay/ ./
ENTRYPOINT ["./pay"]
`;
    const code = {
      'src/pay/go.mod': 'module example.org/pay\n',
      'src/pay/main.go': GO_MAIN,
      'src/cart/go.mod': 'module example.org/cart\n',
      'src/cart/main.go': GO_MAIN,
    };
    expect(build(dockerfile, code)).toBe('main-container: pay exact');
  });

  it('gives way to the command of the container', () => {
    const dockerfile = `FROM golang:1.22 AS build
WORKDIR /src
COPY . .
RUN go build -o /bin/ ./cmd/...
FROM scratch
COPY --from=build /bin/alpha /bin/beta /
ENTRYPOINT ["/alpha"]
`;
    expect(build(dockerfile, twoGo)).toBe('main-container: alpha exact');
    expect(build(dockerfile, twoGo, { command: '["/beta", "--fast"]' })).toBe('main-container: beta exact');
    expect(build(dockerfile, twoGo, { command: '["sleep", "60"]' })).toBe(
      'main-container: it runs `sleep`, which is no program of the workspace',
    );
  });

  it('that calls make is believed where one program can be meant', () => {
    const dockerfile =
      'FROM golang:1.22 AS build\nCOPY . .\nRUN make build\nFROM scratch\nCOPY --from=build /bin/x /x\nCMD ["/x"]\n';
    expect(build(dockerfile, { ...goModule, 'cmd/alpha/main.go': GO_MAIN })).toBe(
      'main-container: alpha strong',
    );
    expect(build(dockerfile, twoGo)).toBe(
      'main-container: Dockerfile builds with `make build`, which cannot be read: say what it builds with the annotation headroom.dev/source',
    );
  });

  it('that calls what cannot be read is believed of its own entry point, though a container repeats that', () => {
    const dockerfile =
      'FROM golang AS b\nCOPY . .\nRUN ./build.sh\nFROM debian\nCOPY --from=b /src/thing_linux /thing\nENTRYPOINT ["/thing"]\n';
    const one = { ...goModule, 'main.go': GO_MAIN };
    expect(build(dockerfile, one)).toBe('main-container: shop strong');
    expect(build(dockerfile, one, { command: '[/thing, --fast]' })).toBe('main-container: shop strong');
    expect(build(dockerfile, one, { command: '[/other]' })).toMatch(/runs `other`, which is no program/);
  });

  it('tells the C library and whether Go uses C', () => {
    const of = (dockerfile: string, code: Readonly<Record<string, string>>) =>
      unitsOf({ ...code, 'thing/Dockerfile': dockerfile, 'deploy.yaml': deployment('x/thing') })[0]?.links[0]
        ?.contents;
    const rustIn = (image: string, flags = '') =>
      `FROM ${image} AS build\nCOPY . .\nRUN cargo build ${flags}\nFROM scratch\nCOPY --from=build /target/serve /\nCMD ["/serve"]\n`;
    expect(of(rustIn('rust:1.95'), rust)?.libc).toBe('glibc');
    expect(of(rustIn('rust:1.95-alpine'), rust)?.libc).toBe('musl');
    expect(of(rustIn('rust:1.95', '--target x86_64-unknown-linux-musl'), rust)?.libc).toBe('musl');
    expect(of(alphaDockerfile, twoGo)?.cgo).toBe(false);
  });
});

describe('names', () => {
  it('of image, container, workload and command count together', () => {
    const manifest = deployment('registry.example.org/team/alpha:3');
    expect(links({ ...twoGo, 'deploy.yaml': manifest })).toEqual(['main-container: alpha strong']);
    const both = deployment('registry.example.org/capture/ingest:3', { name: 'alpha', container: 'alpha' });
    expect(links({ ...twoGo, 'deploy.yaml': both })).toEqual(['alpha: alpha strong']);
    const command = deployment('registry.example.org/all:3', { command: '[/bin/beta]' });
    expect(links({ ...twoGo, 'deploy.yaml': command })).toEqual(['main-container: beta strong']);
    const script = (text: string) =>
      links({
        ...twoGo,
        'deploy.yaml': deployment('registry.example.org/all:3', { command: `[/bin/sh, -lc, "${text}"]` }),
      })[0];
    expect(script('set -eu; mkdir -p /data; exec /usr/bin/beta --data /data')).toBe(
      'main-container: beta strong',
    );
    expect(script('beta --check; exec redis-server')).toMatch(/no program has its name/);
  });

  it('alone are weak evidence, and none where many programs have them', () => {
    expect(links({ ...twoGo, 'deploy.yaml': deployment('team/other', { name: 'alpha' }) })).toEqual([
      'main-container: alpha weak',
    ]);
    const generic = { ...goModule, 'cmd/agent/main.go': GO_MAIN, 'cmd/beta/main.go': GO_MAIN };
    expect(links({ ...generic, 'deploy.yaml': deployment('datadog/agent:7') })).toEqual([
      'main-container: nothing in the workspace builds this image, and no program has its name',
    ]);
  });

  it('of tests, examples and foreign images link nothing', () => {
    const files = { ...goModule, 'examples/redis/main.go': GO_MAIN, 'main_test.go': 'package main\n' };
    expect(links({ ...files, 'deploy.yaml': deployment('redis:7') })).toHaveLength(1);
    expect(unitsOf({ ...files, 'deploy.yaml': deployment('redis:7') })[0]?.links).toEqual([]);
  });
});

describe('what a person says', () => {
  it('in an annotation wins', () => {
    const manifest = deployment('registry.example.org/team/alpha:3', { annotation: './cmd/beta' });
    expect(links({ ...twoGo, 'deploy.yaml': manifest })).toEqual(['main-container: beta declared']);
  });

  it('in headroom.yaml wins', () => {
    const config = 'services:\n  shop:\n    source: cmd/beta\n    image: registry.example.org/team/alpha\n';
    const files = {
      ...twoGo,
      'headroom.yaml': config,
      'deploy.yaml': deployment('registry.example.org/team/alpha:3'),
    };
    expect(links(files)).toEqual(['main-container: beta declared']);
    const named = 'services:\n  x:\n    source: beta\n';
    expect(links({ ...files, 'headroom.yaml': named })).toEqual(['main-container: beta declared']);
  });

  it('is questioned where there is no program', () => {
    const manifest = deployment('a/b', { annotation: './cmd/gamma' });
    expect(links({ ...twoGo, 'deploy.yaml': manifest })).toEqual([
      'main-container: the annotation names "./cmd/gamma", where no Rust or Go program is: give the folder of its `main` or its name',
    ]);
  });
});

describe('a chart', () => {
  const chart = (image: string) => ({
    ...twoGo,
    'chart/Chart.yaml': 'name: x\n',
    'chart/values.yaml': 'alpha:\n  image:\n    repository: registry.example.org/team/alpha\n    tag: ""\n',
    'chart/templates/deploy.yaml': deployment(image),
  });
  it('gives the image by its default values', () => {
    for (const image of [
      '"{{ .Values.alpha.image.repository }}:{{ .Values.alpha.image.tag | default .Chart.AppVersion }}"',
      '{{ printf "%s:%s" .Values.alpha.image.repository (default "latest" .Values.alpha.image.tag) | quote }}',
    ])
      expect(links(chart(image))).toEqual(['main-container: alpha strong']);
  });
  it('that keeps the image to itself is asked for', () => {
    expect(links(chart('{{ include "x.image" . }}'))).toEqual([
      'main-container: a template or variable supplies the image: say what it runs with the annotation headroom.dev/source',
    ]);
  });
});

describe('links', () => {
  it('follow the editor', () => {
    const workspace = new Workspace({ parser });
    for (const [file, text] of Object.entries(twoGo)) workspace.setText(file, text);
    workspace.setText('deploy.yaml', deployment('team/alpha'));
    expect(workspace.links.units[0]?.links).toHaveLength(1);
    workspace.setText('cmd/alpha/main.go', 'package alpha\n');
    expect(workspace.links.units[0]?.links).toEqual([]);
    workspace.setText('cmd/alpha/main.go', GO_MAIN);
    workspace.setText('deploy.yaml', deployment('team/other'));
    expect(workspace.links.units[0]?.links).toEqual([]);
    workspace.setText('Tiltfile', "docker_build('team/other', '.')\n");
    workspace.setText('Dockerfile', alphaDockerfile);
    expect(workspace.links.units[0]?.links).toHaveLength(1);
    workspace.remove('Tiltfile');
    expect(workspace.links.units[0]?.links).toEqual([]);
  });

  it('raise what is only missing to a warning', () => {
    const workspace = new Workspace({ parser, only: ['k8s/limit-missing'] });
    workspace.setText('deploy.yaml', deployment('team/alpha'));
    expect(workspace.check().findings[0]?.severity).toBe('information');
    for (const [file, text] of Object.entries(twoGo)) workspace.setText(file, text);
    expect(workspace.check().findings[0]?.severity).toBe('warning');
  });
});

describe('a build that calls make', () => {
  const makeImage = `FROM golang:1.22 AS build
WORKDIR /src
COPY . .
RUN VERSION=1 make manager
FROM gcr.io/distroless/static
COPY --from=build /src/bin/thing .
ENTRYPOINT ["/thing"]
`;
  const dockerBuild =
    'SUFFIX ?=\nREGISTRY ?= registry.example.org\nIMAGE = $(REGISTRY)/team/thing$(SUFFIX):$(VERSION)\nCONTAINER_TOOL ?= docker\nimage:\n\t$(CONTAINER_TOOL) build . -t ${IMAGE}\n';
  const manifest = deployment('registry.example.org/team/thing:1.2');

  it('runs what the target of the Makefile compiles', () => {
    const Makefile = `OUT = bin\n${dockerBuild}manager: generate\n\tCGO_ENABLED=0 go build -ldflags $(FLAGS) -o $(OUT)/thing cmd/beta/main.go\nother:\n\tgo build -o bin/thing ./cmd/alpha\n`;
    expect(links({ ...twoGo, Makefile, Dockerfile: makeImage, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('follows what a target needs, calls of make with other variables, and patterns', () => {
    const Makefile = `${dockerBuild}manager: build\nbuild:\n\t$(MAKE) bin/thing DIR=beta\nbin/%:\n\tgo build \\\n\t\t-o $@ ./cmd/$(DIR)\n`;
    expect(links({ ...twoGo, Makefile, Dockerfile: makeImage, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('follows a link of the image to the one program that has many names', () => {
    const Dockerfile = `${makeImage}RUN ln -s /thing /usr/bin/thing-server && ln -s /thing /usr/bin/thing-agent\n`;
    const Makefile = `${dockerBuild}manager:\n\tgo build -o bin/thing ./cmd/beta\n`;
    const run = deployment('registry.example.org/team/thing:1.2', { command: '[thing-agent]' });
    expect(links({ ...twoGo, Makefile, Dockerfile, 'deploy.yaml': run })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('finds what is built outside and copied in', () => {
    const Dockerfile = 'FROM scratch\nCOPY bin/thing /thing\nENTRYPOINT ["/thing"]\n';
    const Makefile = `${dockerBuild}all:\n\tgo build -o bin/thing ./cmd/beta\n`;
    expect(links({ ...twoGo, Makefile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
    const Tiltfile =
      "local_resource('build', 'GOARCH=' + arch + ' go build -o bin/thing cmd/beta/main.go',\n  deps = [])\ndocker_build('team/thing', '.')\n";
    expect(links({ ...twoGo, Tiltfile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('finds what is built outside for one architecture or another', () => {
    const Dockerfile =
      'FROM scratch\nARG TARGETARCH\nCOPY bin/thing_${TARGETARCH} ./main\nENTRYPOINT ["./main"]\n';
    const Makefile = `ARCH ?= $(shell go env GOARCH)\n${dockerBuild}all:\n\tgo build -o bin/other_$(ARCH) ./cmd/alpha\n\tgo build -o bin/thing_$(ARCH) ./cmd/beta\n`;
    expect(links({ ...twoGo, Makefile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
    const unnamed = 'FROM scratch\nARG BINARY\nCOPY bin/$BINARY /main\nENTRYPOINT ["/main"]\n';
    expect(links({ ...twoGo, Makefile, Dockerfile: unnamed, 'deploy.yaml': manifest })).toEqual([
      'main-container: Dockerfile puts no Rust or Go program of the workspace into it',
    ]);
  });

  it('starts each command of a target where the file is, whatever one in front changed to', () => {
    const Dockerfile = 'FROM scratch\nCOPY bin/thing /thing\nENTRYPOINT ["/thing"]\n';
    const Makefile = `${dockerBuild}all:\n\tcd config && touch x\n\tgo build -o bin/thing ./cmd/beta\n`;
    expect(links({ ...twoGo, Makefile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
    const justfile =
      'image:\n  docker build -t team/thing .\n\nall:\n  #!/bin/sh\n  cd cmd\n  go build -o ../bin/thing ./beta\n';
    expect(links({ ...twoGo, justfile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
    const flags = `LDFLAGS = -X a.b=c\\\n\t-X a.d=e\n${dockerBuild}all:\n\tgo build -o bin/thing -ldflags "$(LDFLAGS)" ./cmd/beta\n`;
    expect(links({ ...twoGo, Makefile: flags, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('finds what a target with a variable or a pattern in its name builds outside', () => {
    const Dockerfile = 'FROM scratch\nCOPY out/thing /thing\nENTRYPOINT ["/thing"]\n';
    const Makefile = `OUT = out\n${dockerBuild}$(OUT)/thing:\n\tgo build -o $@ ./cmd/beta\n`;
    expect(links({ ...twoGo, Makefile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
    const named = 'FROM scratch\nCOPY out/team-beta-bin /thing\nENTRYPOINT ["/thing"]\n';
    const pattern = `${dockerBuild}out/team-%-bin:\n\tgo build -o $@ ./cmd/$*\n`;
    expect(links({ ...twoGo, Makefile: pattern, Dockerfile: named, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('puts the name of the file where a loop has its variable', () => {
    const Dockerfile = 'FROM scratch\nCOPY bin/beta /usr/bin/beta\nENTRYPOINT ["beta"]\n';
    const Makefile = `${dockerBuild}all:\n\tfor c in alpha beta; do go build -o bin/$$c ./services/$$c; done\n`;
    const services = { ...goModule, 'services/alpha/x.go': GO_MAIN, 'services/beta/x.go': GO_MAIN };
    expect(links({ ...services, Makefile, Dockerfile, 'deploy.yaml': manifest })).toEqual([
      'main-container: beta exact',
    ]);
  });

  it('does not take another image whose name begins alike', () => {
    const Makefile =
      'image:\n\tdocker build -t team/thing$(SUFFIX) .\n\tdocker build -t team/thing-proxy -f Dockerfile.proxy .\n';
    const image = (program: string) =>
      `FROM golang AS b\nCOPY . .\nRUN go build -o /p ./cmd/${program}\nFROM scratch\nCOPY --from=b /p /p\nENTRYPOINT ["/p"]\n`;
    expect(
      links({
        ...twoGo,
        Makefile,
        Dockerfile: image('alpha'),
        'Dockerfile.proxy': image('beta'),
        'deploy.yaml': deployment('team/thing-proxy:1'),
      }),
    ).toEqual(['main-container: beta exact']);
  });

  it('does not take the Dockerfile of another folder for what a Makefile builds beside it', () => {
    const files = {
      ...twoGo,
      'sub/Makefile': 'image:\n\tdocker build -t team/thing .\n',
      Dockerfile: alphaDockerfile,
      'deploy.yaml': manifest,
    };
    expect(links(files)).toEqual([
      'main-container: nothing in the workspace builds this image, and no program has its name',
    ]);
  });
});

describe('an image that a helper of the chart names', () => {
  const build = {
    Makefile: 'image:\n\tdocker build -t registry.example.org/team/thing -f build/Dockerfile .\n',
    'build/Dockerfile': alphaDockerfile,
  };
  const values = 'image:\n  repository: registry.example.org/team/thing\n  digest: ""\n';
  const at = (include: string) => ({
    ...twoGo,
    ...build,
    'chart/values.yaml': values,
    'chart/templates/deploy.yaml': deployment(`"{{ include ${include} }}"`),
  });

  it('is found through the text of the helper', () => {
    const helper =
      '{{- define "shop.other" -}}{{ .Values.x }}{{- end }}\n{{- define "shop.image" -}}\n{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}\n{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ end }}\n{{- end }}\n';
    expect(links({ ...at('"shop.image" .'), 'chart/templates/_helpers.tpl': helper })).toEqual([
      'main-container: alpha exact',
    ]);
  });

  it('is found through what the helper is given', () => {
    expect(links(at('"common.image" (dict "root" .Values.image "global" .Values.global)'))).toEqual([
      'main-container: alpha exact',
    ]);
  });

  it('stays unknown without either', () => {
    expect(links(at('"shop.image" .'))[0]).toMatch(/a template or variable supplies the image/);
  });
});

describe('a Dockerfile whose stages lead to each other', () => {
  it('is followed once through each', () => {
    const copies = Array.from({ length: 12 }, (_, i) => `COPY --from=build /src/p${i} ./\n`).join('');
    const Dockerfile = `ARG BUILDER\nFROM \${BUILDER} AS build\nRUN cargo fetch\nFROM scratch\n${copies}`;
    const started = performance.now();
    const files = {
      ...twoGo,
      Makefile: 'image:\n\tdocker build --build-arg BUILDER= -t team/thing .\n',
      Dockerfile,
      'deploy.yaml': deployment('team/thing:1', { command: '[./missing]' }),
    };
    expect(links(files)).toEqual(['main-container: it runs `missing`, which is no program of the workspace']);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('an image whose name many calls supply', () => {
  it('is compared in little time', () => {
    const name = `$(shell a)${'$(addprefix -,$(X))'.repeat(40)}x:$(lastword $(subst :, ,$(filter $(Y):%,a:b)))`;
    const started = performance.now();
    links({
      ...twoGo,
      Makefile: `IMAGE = ${name}\nimage:\n\tdocker build -t $(IMAGE) .\n`,
      Dockerfile: alphaDockerfile,
      'deploy.yaml': deployment(`registry.example.org/team/${'thing-'.repeat(30)}:1`),
    });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a program with a name that all have', () => {
  const programs = {
    ...goModule,
    'cmd/manager/main.go': GO_MAIN,
    'cmd/agent/main.go': GO_MAIN,
  };
  const run = (image: string) =>
    links({ ...programs, 'deploy.yaml': deployment(image, { container: 'manager', command: '[/manager]' }) });

  it('is not linked by its container and command alone: every image may call its program so', () => {
    expect(run('registry.example.org/other/local-controller:1')[0]).toMatch(
      /^manager: nothing in the workspace/,
    );
  });

  it('is linked where the image is the placeholder of the own repository', () => {
    expect(run('controller:latest')).toEqual(['manager: manager strong']);
  });

  it('is linked where the Makefile around it tells kustomize which image that is', () => {
    const makefile = (dir: string) =>
      `IMG = example.org/${dir}:1\nimage:\n\tdocker build -t $(IMG) .\ndeploy:\n\tcd config && kustomize edit set image controller=$(IMG)\n`;
    const dockerfile = (program: string) =>
      `FROM golang AS b\nCOPY . .\nRUN go build -o /it ./${program}\nFROM scratch\nCOPY --from=b /it /it\nENTRYPOINT ["/it"]\n`;
    const operator = (dir: string, program: string) => ({
      [`${dir}/go.mod`]: `module example.org/${dir}\n\ngo 1.22\n`,
      [`${dir}/${program}/main.go`]: GO_MAIN,
      [`${dir}/Makefile`]: makefile(dir),
      [`${dir}/Dockerfile`]: dockerfile(program),
      [`${dir}/config/manager.yaml`]: deployment('controller:latest', { container: dir }),
    });
    const files = { ...operator('one', 'first'), ...operator('two', 'second') };
    expect(links(files)).toEqual(['one: first exact', 'two: second exact']);
    expect(unitsOf(files)[0]?.links[0]?.evidence).toBe(
      'make builds the image example.org/one:1, which takes the place of controller:latest, from one/Dockerfile',
    );
    const elsewhere = deployment('controller:latest', { container: 'three' });
    expect(links({ ...files, 'three/manager.yaml': elsewhere })[1]).toMatch(
      /^three: nothing in the workspace/,
    );
  });

  it('is linked by the image of the workspace folder, when its Dockerfile holds what the command names', () => {
    const Dockerfile = `FROM golang AS b\nCOPY . .\nRUN go build -o /manager ./cmd/manager\nFROM scratch\nCOPY --from=b /manager /\n`;
    const files = Object.fromEntries(
      Object.entries({
        ...programs,
        Dockerfile,
        'deploy.yaml': deployment('registry.example.org/team/update-operator:1', { command: '[/manager]' }),
      }).map(([file, text]) => [`/src/update-operator/${file}`, text]),
    );
    expect(links(files)).toEqual(['main-container: manager strong']);
  });
});

describe('a chart whose image nobody can know', () => {
  const chart = (name: string) => ({
    'go.mod': 'module example.org/zookeeper-operator\n\ngo 1.22\n',
    'main.go': GO_MAIN,
    [`deploy/${name}/values.yaml`]: 'image: {}\n',
    [`deploy/${name}/templates/deploy.yaml`]: deployment('{{ include "op.image" . }}', {
      container: '{{ include "op.name" . }}',
    }),
  });
  it('is linked to the only program with a part of its name, weakly', () => {
    expect(links(chart('zookeeper'))).toEqual(['undefined: zookeeper-operator weak']);
    expect(links(chart('postgres'))[0]).toMatch(/a template or variable supplies the image/);
    const rust = (name: string) => ({
      [`${name}/Cargo.toml`]: `[package]\nname = "maker-${name}"\nversion = "0.1.0"\n`,
      [`${name}/src/main.rs`]: RUST_MAIN,
    });
    const two = { ...rust('db-operator'), ...rust('db-tool') };
    const run = (name: string) => ({
      [`deploy/${name}/values.yaml`]: 'image: {}\n',
      [`deploy/${name}/templates/deploy.yaml`]: deployment('{{ include "op.image" . }}', {
        container: '{{ include "op.name" . }}',
      }),
    });
    expect(links({ ...two, ...run('db-operator') })).toEqual(['undefined: maker-db-operator weak']);
    expect(links({ ...two, ...run('db') })[0]).toMatch(/a template or variable supplies the image/);
  });
});

describe('the only program beside the only image', () => {
  const files = (image: string, more = {}) => ({
    'go.mod': 'module example.org/ledger\n\ngo 1.22\n',
    'main.go': GO_MAIN,
    'deploy.yaml': deployment(image),
    ...more,
  });
  it('is linked weakly, when the image has a registry of its own', () => {
    expect(links(files('registry.example.org/pay/store:7'))).toEqual(['main-container: ledger weak']);
    expect(unitsOf(files('registry.example.org/pay/store:7'))[0]?.links[0]?.evidence).toBe(
      'it is the only program here and this is the only image',
    );
  });
  it('is not linked to what everybody runs, beside another image, or beside another program', () => {
    const nothing = [expect.stringMatching(/^main-container: (?!ledger)/)];
    expect(links(files('postgres:16'))).toEqual(nothing);
    expect(links(files('quay.io/team/exporter:1'))).toEqual(nothing);
    const image = 'registry.example.org/pay/store:7';
    const other = { 'other.yaml': deployment('registry.example.org/pay/cache:7') };
    expect(links(files(image, other))).toEqual([...nothing, ...nothing]);
    expect(links(files(image, { 'cmd/tool/main.go': GO_MAIN }))).toEqual(nothing);
  });
});

describe('a Dockerfile whose ending says more than the name of the program', () => {
  it('is that of the program for all that', () => {
    const dockerfile = 'FROM scratch\nCOPY server /bin/\nENTRYPOINT ["/bin/server"]\n';
    const files = (name: string) => ({
      'go.mod': 'module example.org/shop\n\ngo 1.22\n',
      'cmd/server/main.go': GO_MAIN,
      'cmd/agent/main.go': GO_MAIN,
      [`docker/${name}`]: dockerfile,
      'deploy.yaml': deployment('example/shop-server:1'),
    });
    expect(links(files('Dockerfile.server.multiarch.rootless'))).toEqual(['main-container: server strong']);
    expect(links(files('Dockerfile.server-alpine'))).toEqual(['main-container: server strong']);
  });
});

describe('the names of programs', () => {
  it('agree with the name of the module in front, and without what parts their words', () => {
    const files = {
      'go.mod': 'module example.org/karma\n\ngo 1.22\n',
      'cmd/agent/main.go': GO_MAIN,
      'cmd/problemdetector/main.go': GO_MAIN,
    };
    const of = (image: string, more = {}) => links({ ...files, 'deploy.yaml': deployment(image, more) });
    expect(of('example/karma-agent:1')).toEqual(['main-container: agent strong']);
    expect(of('other/agent:1')[0]).toMatch(/no program has its name/);
    expect(of('example/problem-detector:1')).toEqual(['main-container: problemdetector strong']);
  });

  it('of a placeholder are those of the Dockerfile that holds what the command names', () => {
    const files = {
      'go.mod': 'module example.org/ops\n\ngo 1.22\n',
      'main.go': GO_MAIN,
      'cmd/daemon/main.go': GO_MAIN,
      Dockerfile:
        'FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o manager main.go && go build -o daemon ./cmd/daemon\nFROM scratch\nCOPY --from=build /src/manager /src/daemon /\nENTRYPOINT ["/manager"]\n',
      'config/manager.yaml': deployment('controller:latest', { command: '[/manager]' }),
    };
    expect(links(files)).toEqual(['main-container: ops strong']);
  });
});

describe('an image with the name of the module in front', () => {
  const file = (program: string) =>
    `FROM scratch\nCOPY ${program} /app/${program}\nENTRYPOINT ["/app/${program}"]\n`;
  const files = {
    'go.mod': 'module example.org/shop\n\ngo 1.22\n',
    'cmd/controller/go.mod': 'module example.org/shop/controller-binary\n\ngo 1.22\n',
    'cmd/controller/main.go': GO_MAIN,
    'cmd/webhook/main.go': GO_MAIN,
    'hack/Containerfile.controller': file('controller'),
    'hack/Containerfile.webhook': file('webhook'),
  };
  it('is that of the Dockerfile with the rest of it, which holds the program of that name', () => {
    const deploy = (name: string) => ({
      ...files,
      'deploy.yaml': deployment(`registry.example.org/team/${name}`),
    });
    expect(links(deploy('shop-controller'))).toEqual(['main-container: controller-binary strong']);
    expect(links(deploy('shop-webhook'))).toEqual(['main-container: webhook strong']);
    expect(links(deploy('other-webhook'))[0]).toMatch(/nothing in the workspace builds this image/);
  });
  it('whatever the major version of the module', () => {
    const third = {
      ...files,
      'go.mod': 'module example.org/shop/v3\n\ngo 1.22\n',
      'deploy.yaml': deployment('registry.example.org/team/shop-webhook'),
    };
    expect(links(third)).toEqual(['main-container: webhook strong']);
  });
});

it('takes what mage runs for no program of an image', () => {
  const files = {
    ...goModule,
    'mage.go': GO_MAIN,
    'cmd/shop/main.go': GO_MAIN,
    'deploy.yaml': deployment('registry.example.org/team/shop:1', { container: 'shop' }),
  };
  expect(links(files)).toEqual(['shop: shop strong']);
});

it('does not take a likeness of names for a link where another image is known to hold the program', () => {
  const files = {
    ...goModule,
    'cmd/vault-operator/main.go': GO_MAIN,
    'a.yaml': deployment('registry.example.org/team/vault-operator:1', { container: 'x' }),
    'b.yaml': deployment('registry.example.org/team/vault:1', { container: 'server' }),
  };
  expect(links(files)).toEqual([
    'x: vault-operator strong',
    'server: its image is not vault-operator, which holds vault-operator',
  ]);
});
