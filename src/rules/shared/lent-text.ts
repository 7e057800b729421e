/** Rust: functions of the program's own that are lent a text and copy it to where it belongs. */

import { copiesText } from '../../knowledge/rust-reuse.ts';
import { callName } from '../../program/calls/call-name.ts';
import { RustUses } from '../../program/ownership/rust-uses.ts';
import type { Fn } from '../../program/program.ts';
import { Values } from '../../program/types/values.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** `attribute(out, "x", &text)`, where `attribute` writes it to `out`: whoever is lent the text does not keep it. */
export function copiesWhatItIsLent(fn: Fn, call: NodeId, argument: NodeId): boolean {
  const { program } = fn.package;
  const index = fn.code.all(call, Role.Arg).indexOf(argument);
  const targets = CALLS[fn.code.kind(call)] === 1 ? Values.of(program).callees(fn, call) : [];
  return targets.length > 0 && targets.every((target) => !target.fact.isAsync && copies(target, index));
}

function copies(target: Fn, index: number): boolean {
  const { code, fact } = target;
  const param = fact.params[index];
  const bind = param === undefined ? -1 : code.child(param, Role.Pattern);
  const type = param === undefined ? -1 : code.child(param, Role.Type);
  if (fact.body < 0 || !code.is(type, Kind.Type, '&') || !code.is(bind, Kind.Bind)) return false;
  return RustUses.of(target.package.program)
    .mentions(target, bind)
    .some((m) => {
      let n = m;
      while (code.is(code.parent(n), Kind.MethodCall) && code.role(n) === Role.Object) n = code.parent(n);
      return code.role(n) === Role.Arg && copiesText.test(callName(code, code.parent(n)));
    });
}
