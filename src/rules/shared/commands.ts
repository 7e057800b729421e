/** What the rules about growth and leaks say of code that only commands run: programs that end give all back. */
import type { Place } from '../../core/span.ts';
import { Commands } from '../../program/phases/commands.ts';
import type { Fn } from '../../program/program.ts';
import type { NodeId } from '../../syntax/node.ts';

export const commandExemption = { command: 'runs only in {by}' } as const;

/** The exemption of a node that only a command reaches, ready to be reported. */
export function inCommand(
  fn: Fn,
  node: NodeId,
): { readonly reason: 'command'; readonly where: Place; readonly data: { readonly by: string } } | undefined {
  const command = Commands.of(fn.package.program).only(fn, node);
  return command && { reason: 'command', where: command.at, data: { by: command.by } };
}
