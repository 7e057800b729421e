import { defineRule } from '../../core/rule.ts';
import type { ComposeService } from '../../manifest/compose.ts';
import { setAt } from '../../manifest/edit.ts';
import { fixOf, LIMIT_PLACEHOLDER, possible } from '../../manifest/fixes.ts';
import type { Language, Manifests } from '../../manifest/manifests.ts';
import { placeIn, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

/** Variables that only the runtimes and usual libraries of Go and Rust programs read. */
const GO = /^(GOMEMLIMIT|GOGC|GOMAXPROCS|GODEBUG|GOTRACEBACK)$/;
const RUST =
  /^(RUST_LOG|RUST_BACKTRACE|RUST_MIN_STACK|TOKIO_WORKER_THREADS|RAYON_NUM_THREADS|_RJEM_MALLOC_CONF)$/;

export default defineRule({
  id: 'compose/no-limit',
  tier: 'M',
  severity: 'information',
  summary: 'A compose service of Rust or Go code that may use all the memory of the machine',
  note: {
    why: 'Without a limit one service may take the memory of the whole machine, and what it needs is first seen in production.',
    myth: 'fix-without-measuring',
  },
  messages: {
    code: 'The service "{service}" runs {language} code and has no memory limit in compose',
    others: 'The service "{service}" has no memory limit, while others in this file have one',
  },
  exemptions: {
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    'other-file': 'another compose file of the folder sets the limit',
    override: 'part of an override: the service is judged where it states what to run',
    development: 'for development, tests or a first look, as `{name}` says: not what runs for users',
    helper: 'an exporter of metrics needs little',
    'other-code': 'nothing says that the service runs Rust or Go code',
  },
  check(manifests: Manifests, report) {
    const all = manifests.composeServices;
    for (const service of all) {
      if (service.memoryLimit && service.memoryLimit !== 'unknown') continue;
      const at = placeIn(service.file, service.name.span);
      if (service.memoryLimit === 'unknown') {
        report.exempt({ reason: 'template-hole', at });
        continue;
      }
      const elsewhere = manifests
        .composeBeside(service)
        .find((s) => s.memoryLimit && s.name.text === service.name.text);
      if (elsewhere) {
        report.exempt({ reason: 'other-file', at, where: placeIn(elsewhere.file, elsewhere.name.span) });
        continue;
      }
      if (!service.complete) {
        report.exempt({ reason: 'override', at });
        continue;
      }
      const name = developmentName(service, manifests.root);
      if (name !== undefined) {
        report.exempt({ reason: 'development', at, data: { name } });
        continue;
      }
      if (/exporter/i.test(service.name.text)) {
        report.exempt({ reason: 'helper', at });
        continue;
      }
      const language = languageOf(manifests, service);
      const fixes = fixesFor(service);
      if (language) {
        const data = { service: service.name.text, language: language === 'go' ? 'Go' : 'Rust' };
        report.find({ message: 'code', at, confidence: 'medium', data, fixes });
      } else if (all.some((s) => s.file === service.file && s.memoryLimit && s.memoryLimit !== 'unknown')) {
        report.find({
          message: 'others',
          at,
          confidence: 'medium',
          data: { service: service.name.text },
          fixes,
        });
      } else report.exempt({ reason: 'other-code', at });
    }
  },
});

/** Words of what nobody runs for users, in the names of compose files and of their folders; a service is called so as a whole. */
const WORDS =
  'dev|devel|develop|development|devcontainer|tests?|testing|ci|local|localhost|quick-?start|demos?|debug|e2e|bench(mark)?|sandbox|playground';
const DEVELOPMENT = new RegExp(`(^|[-_.])(${WORDS})([-_.]|$)`, 'i');
const FOR_DEVELOPERS = new RegExp(`^(${WORDS})$`, 'i');

/** What of a service's place or name says that it is for development, tests or a first look. */
function developmentName({ file, name }: ComposeService, root: string): string | undefined {
  const part = file.file
    .slice(root.length)
    .split('/')
    .find((p) => DEVELOPMENT.test(p));
  return part ?? (FOR_DEVELOPERS.test(name.text) ? name.text : undefined);
}

function languageOf(manifests: Manifests, service: ComposeService): Language | undefined {
  const linked = manifests.linkedService(service);
  if (linked) return linked === 'other' ? undefined : linked;
  const { buildFolder, env } = service;
  const built = buildFolder === undefined ? undefined : manifests.languageOfFolder(buildFolder);
  if (built) return built;
  if (env.some((name) => GO.test(name))) return 'go';
  return env.some((name) => RUST.test(name)) ? 'rust' : undefined;
}

function fixesFor(service: ComposeService) {
  const edits = setAt(
    service.file,
    service.node,
    ['deploy', 'resources', 'limits', 'memory'],
    LIMIT_PLACEHOLDER,
  );
  return possible(
    fixOf(service.file, 'Set a memory limit: fill in the measured peak plus 25 %', 'has-placeholders', edits),
  );
}
