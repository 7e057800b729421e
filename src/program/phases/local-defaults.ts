/** Go: what only the machine itself reaches as long as nobody configures another address. */
import type { LocalDefault } from '../../core/finding.ts';
import type { Span } from '../../core/span.ts';
import { contains } from '../../core/span.ts';
import { goAccepts } from '../../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn, Package, Program, SourceFile } from '../program.ts';
import { localDefault } from './default-addresses.ts';
import { goServersOf } from './go-servers.ts';
import { Phases } from './phases.ts';
import { awaitedBefore } from './spawn-rounds.ts';

/** What is known of the addresses by which load comes to a place of a file, when all are of the machine itself by default. */
export function localDefaultOf(file: SourceFile, span: Span): LocalDefault | undefined {
  const fn = file.functions.find((f) => contains(f.fact.span, span));
  if (!fn || fn.first >= fn.after) return undefined;
  let n = fn.first;
  while (n < fn.after - 1 && fn.code.start(n) < span.start) n++;
  return localDefaultAt(fn, n);
}

/**
 * Go: what comes to a place comes to addresses of the machine itself as long as nobody configures another, so far as the code
 * says: what a container is started with may be another.
 */
function localDefaultAt(fn: Fn, node: NodeId): LocalDefault | undefined {
  if (fn.package.language !== 'go') return undefined;
  const { program } = fn.package;
  const { request } = Phases.of(program).at(fn, node);
  if (!request || request.own || request.administrative) return undefined;
  const { round } = request;
  if (round) {
    for (const n of awaitedBefore(round.fn, round.loop, round.node))
      if (round.fn.code.kind(n) === Kind.MethodCall && goAccepts.test(callName(round.fn.code, n)))
        return localDefault(round.fn, round.fn.code.child(n, Role.Object));
    return undefined;
  }
  const home = program.file(request.at.file)?.package;
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
