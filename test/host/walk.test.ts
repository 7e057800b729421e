import { describe, expect, it } from 'vitest';
import type { Notice } from '../../src/core/finding.ts';
import { walk } from '../../src/host/walk.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

const everything = { excludesFolder: (_: string) => false, takes: (_: string) => true };

function found(
  files: ConstructorParameters<typeof MemoryFileSystem>[0],
  roots: string[],
  filter = everything,
) {
  const notices: Notice[] = [];
  const paths = [...walk(new MemoryFileSystem(files), roots, filter, (n) => notices.push(n))].map(
    (f) => f.file,
  );
  return { paths, notices };
}

describe('a walk', () => {
  it('finds what Headroom reads and nothing else, in the order of names', () => {
    const { paths } = found(
      {
        '/w/b.go': '',
        '/w/a/lib.rs': '',
        '/w/a/Cargo.toml': '',
        '/w/z.yml': '',
        '/w/readme.md': '',
        '/w/headroom.yaml': '',
        '/w/go.mod': '',
        '/w/a/main.py': '',
      },
      ['/w'],
    );
    expect(paths).toEqual([
      '/w/headroom.yaml',
      '/w/go.mod',
      '/w/a/Cargo.toml',
      '/w/a/lib.rs',
      '/w/b.go',
      '/w/z.yml',
    ]);
  });

  it('skips what others wrote and compilers made, but not a package named target', () => {
    const { paths } = found(
      {
        '/w/.git/x.go': '',
        '/w/node_modules/x/a.yaml': '',
        '/w/vendor/x/a.go': '',
        '/w/target/debug/a.rs': '',
        '/w/scrape/target/target.go': '',
        '/w/src/target/mod.rs': '',
        '/w/src/b/target/inner.rs': '',
        '/w/src/b/target.rs': '',
      },
      ['/w'],
    );
    expect(paths).toEqual([
      '/w/scrape/target/target.go',
      '/w/src/b/target/inner.rs',
      '/w/src/b/target.rs',
      '/w/src/target/mod.rs',
    ]);
  });

  it('obeys ignore files of every level, the nearest last', () => {
    const { paths } = found(
      {
        '/r/.git/HEAD': '',
        '/r/.gitignore': '*.gen.go\n/out/\nbuild/\n',
        '/r/svc/.gitignore': '!keep.gen.go\n/local.go\n',
        '/r/svc/.ignore': 'big.yaml',
        '/r/svc/a.gen.go': '',
        '/r/svc/keep.gen.go': '',
        '/r/svc/local.go': '',
        '/r/svc/big.yaml': '',
        '/r/svc/deep/local.go': '',
        '/r/svc/deep/build/x.go': '',
        '/r/out/x.go': '',
        '/r/svc/out/x.go': '',
      },
      ['/r/svc'],
    );
    expect(paths).toEqual(['/r/svc/deep/local.go', '/r/svc/keep.gen.go', '/r/svc/out/x.go']);
  });

  it('reads an ignored folder when it is named', () => {
    const files = { '/r/.git/HEAD': '', '/r/.gitignore': 'out/', '/r/out/x.go': '' };
    expect(found(files, ['/r']).paths).toEqual([]);
    expect(found(files, ['/r/out']).paths).toEqual(['/r/out/x.go']);
    expect(found(files, ['/r/out/x.go']).paths).toEqual(['/r/out/x.go']);
  });

  it('looks upward for projects, settings and ignore files up to the repository, and for nothing else', () => {
    const { paths } = found(
      {
        '/go.mod': '',
        '/r/.git/HEAD': '',
        '/r/go.mod': '',
        '/r/headroom.yaml': '',
        '/r/main.go': '',
        '/r/a/Cargo.toml': '',
        '/r/a/deploy.yaml': '',
        '/r/a/b/x.go': '',
      },
      ['/r/a/b'],
    );
    expect(paths).toEqual(['/r/headroom.yaml', '/r/go.mod', '/r/a/Cargo.toml', '/r/a/b/x.go']);
  });

  it('reads each file once when paths overlap', () => {
    const files = { '/w/a/x.go': '', '/w/y.go': '' };
    expect(found(files, ['/w/a', '/w', '/w/a/x.go']).paths).toEqual(['/w/a/x.go', '/w/y.go']);
  });

  it('does not follow links to folders and says so; links to files are silent', () => {
    const { paths, notices } = found(
      {
        '/w/a/x.go': '',
        '/w/a/up': { link: '/w' },
        '/w/same.go': { link: '/w/a/x.go' },
        '/w/self': { link: '/w/self' },
        '/w/gone': { link: '/nowhere' },
      },
      ['/w'],
    );
    expect(paths).toEqual(['/w/a/x.go']);
    expect(notices).toEqual([
      {
        file: '/w/a/up',
        message:
          'is a link to a folder and was not followed. Name the folder it leads to if it should be scanned',
      },
      { file: '/w/self', message: 'is a link that leads to itself. Remove the link' },
    ]);
  });

  it('goes on beside a folder that cannot be read', () => {
    const { paths, notices } = found({ '/w/a.go': '', '/w/locked': { code: 'EACCES' }, '/w/z.go': '' }, [
      '/w',
    ]);
    expect(paths).toEqual(['/w/a.go', '/w/z.go']);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.file).toBe('/w/locked');
    expect(notices[0]?.message).toMatch(/permission denied.*Give this user read access/);
  });

  it('does not enter folders that settings leave out', () => {
    const { paths } = found({ '/w/a/x.go': '', '/w/b/x.go': '', '/w/b/y.go': '' }, ['/w'], {
      excludesFolder: (folder) => folder === '/w/a',
      takes: (file) => !file.endsWith('y.go'),
    });
    expect(paths).toEqual(['/w/b/x.go']);
  });

  it('says so when a named file is none of its kinds', () => {
    const { paths, notices } = found({ '/w/a.py': '' }, ['/w/a.py']);
    expect(paths).toEqual([]);
    expect(notices[0]?.message).toMatch(/is not a file Headroom reads/);
  });
});
