// Adds to package-lock.json what npm left out: packages for other systems that the registry at hand does not carry.
// Without them `npm ci` refuses the lock file, also where they are not needed. Run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const { packages } = lock;
let added = 0;
for (const [path, parent] of Object.entries({ ...packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (packages[`node_modules/${name}`] ?? packages[`${path}/node_modules/${name}`]) continue;
    // Such packages end in their system, processor and C library: `binding-linux-arm64-musl`.
    const parts = /(android|darwin|freebsd|linux|win32|openharmony)-([a-z0-9]+)(?:-(\w+))?$/.exec(name);
    if (!parts) throw new Error(`${name} is missing in ${file}, and its name tells no system`);
    const [, os, cpu, abi = ''] = parts;
    const libc = /^(musl|gnu)$/.exec(abi)?.[0];
    packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      dev: true,
      ...(libc ? { libc: [libc === 'gnu' ? 'glibc' : 'musl'] } : {}),
      ...(parent.license ? { license: parent.license } : {}),
      optional: true,
      os: [os],
      ...(parent.engines ? { engines: parent.engines } : {}),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: ${added} packages added`);
