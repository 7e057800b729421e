import type { Steps } from '../../core/steps.ts';
import { receivingEnds, sendingMethods } from '../../knowledge/channels.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Places } from '../places/places.ts';
import type { Fn, Program } from '../program.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';

const WANTED = kinds(Kind.Send, Kind.MethodCall);

/** A value that is put into a channel. */
export interface Sent {
  readonly fn: Fn;
  readonly value: NodeId;
}

/**
 * What is put into the channels of a program. The two ends of a channel are seldom named together, so they are told by
 * the type of their messages; messages of no type of the workspace by the name of the channel. One per program.
 */
export class Messages {
  readonly #places: Places;
  readonly #sent = new Map<string, Sent[]>();

  constructor(program: Program) {
    this.#places = Places.of(program);
  }

  static of(program: Program): Messages {
    return program.deriveAll(Messages.make);
  }

  /** Reads all code, a function a step. */
  static *make(program: Program): Steps<Messages> {
    const messages = new Messages(program);
    for (const pkg of program.packages)
      for (const fn of pkg.serviceFunctions) {
        messages.#read(fn);
        yield;
      }
    return messages;
  }

  #read(fn: Fn): void {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const kind = code.kind(n);
      const isSend =
        kind === Kind.Send ||
        (kind === Kind.MethodCall && fn.package.language === 'rust' && sendingMethods.has(code.name(n)));
      if (!isSend) continue;
      const value = code.child(n, kind === Kind.Send ? Role.Value : Role.Arg);
      const key = this.#keyOf(fn, code.child(n, Role.Object));
      if (value < 0 || key === undefined) continue;
      const same = this.#sent.get(key);
      if (same) same.push({ fn, value });
      else this.#sent.set(key, [{ fn, value }]);
    }
  }

  /** True for a receiving end, or a channel of Go. */
  isReceiver(type: TypeRef | undefined): boolean {
    const inner = type && peel(type).type;
    return (
      inner !== undefined &&
      !inner.decl &&
      (inner.name === 'chan' || receivingEnds.test(lastSegment(inner.name)))
    );
  }

  /** What is put into the channels that have messages like this one. */
  into(fn: Fn, channel: NodeId): readonly Sent[] {
    const key = this.#keyOf(fn, channel);
    return (key !== undefined && this.#sent.get(key)) || [];
  }

  #keyOf(fn: Fn, channel: NodeId): string | undefined {
    const type = channel < 0 ? undefined : this.#places.values.typeOf(fn, channel);
    const message = type && peel(type).type.args[0];
    if (!message) return undefined;
    const { decl } = peel(message).type;
    return decl ? `${decl.file.facts.file}#${decl.fact.name}` : this.#places.of(fn, channel)?.key;
  }
}
