/** What only the machine itself reaches as long as nobody configures another address. */
import type { LocalDefault } from '../../core/finding.ts';
import type { Span } from '../../core/span.ts';
import { contains } from '../../core/span.ts';
import { goAccepts, localAccepts } from '../../knowledge/handlers.ts';
import type { NodeId } from '../../syntax/node.ts';
import type { Fn, Package, Program, SourceFile } from '../program.ts';
import { acceptedFrom, localDefault } from './default-addresses.ts';
import { goServersOf } from './go-servers.ts';
import { Phases } from './phases.ts';

/** What is known of the addresses by which load comes to a place of a file, when all are of the machine itself by default. */
export function localDefaultOf(file: SourceFile, span: Span): LocalDefault | undefined {
  const fn = file.functions.find((f) => contains(f.fact.span, span));
  if (!fn || fn.first >= fn.after) return undefined;
  let n = fn.first;
  while (n < fn.after - 1 && fn.code.start(n) < span.start) n++;
  return localDefaultAt(fn, n);
}

/**
 * What comes to a place comes to addresses of the machine itself as long as nobody configures another, so far as the code
 * says: what a container is started with may be another.
 */
function localDefaultAt(fn: Fn, node: NodeId): LocalDefault | undefined {
  const { program, language } = fn.package;
  const { request } = Phases.of(program).at(fn, node);
  if (!request || request.own || request.administrative) return undefined;
  const { round } = request;
  if (round) {
    const accepts = language === 'go' ? goAccepts : localAccepts;
    const listener = acceptedFrom(round.fn, round.loop, round.node, accepts);
    return listener < 0 ? undefined : localDefault(round.fn, listener);
  }
  const home = program.file(request.at.file)?.package;
  if (language === 'rust') return home && Phases.of(program).handlers.servedByDefault(home);
  if (!request.request || request.remote || !home) return undefined;
  return servedLocally(program, new Set([home, fn.package]), home);
}

/** The addresses at which HTTP is served that a package answers, where all are of the machine itself. */
function servedLocally(
  program: Program,
  packages: ReadonlySet<Package>,
  home: Package,
): LocalDefault | undefined {
  const addresses: string[] = [];
  const settings: string[] = [];
  let answers = false;
  for (const server of program.derive(goServersOf)) {
    const own = localDefault(server.fn, server.at);
    if (!own) {
      if (server.isOpen || [...packages].some((p) => server.packages.has(p))) return undefined;
    } else if (server.packages.has(home)) {
      answers = true;
      addresses.push(...own.addresses);
      settings.push(...own.settings);
    }
  }
  return answers ? { addresses, settings } : undefined;
}
