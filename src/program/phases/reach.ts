import type { Place } from '../../core/span.ts';
import type { NodeId } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';

/** Why something is believed to happen again and again while the service runs. */
export interface Evidence {
  /** In words, such as "`login` handles HTTP requests". */
  readonly why: string;
  readonly at: Place;
  /** It happens in a loop that waits for work. */
  readonly loop?: true;
  /** As far as can be seen the program itself brings what the loop waits for, not its peers. */
  readonly own?: true;
  /** It happens in a loop that ends when what it works off is gone: it may serve for ever, or only collect. */
  readonly ends?: true;
  /** It is a request that is answered; not a message, nor an event that nobody waits for. */
  readonly request?: true;
  /** A remote procedure is called: what is asked comes after the context. */
  readonly remote?: true;
  /** A comment in the code says so. */
  readonly byComment?: true;
  /** An operator asks for it, to set the program up anew: no load brings it. */
  readonly administrative?: true;
  /** It is set up only under a condition that speaks of debugging or development, which stands there. */
  readonly debugging?: Place;
  /** It comes to an address of the machine itself, as long as nobody has configured another: `default-addresses.ts`. */
  readonly local?: true;
  /** It is declared like a handler, and nobody is seen who registers or calls it. */
  readonly unregistered?: true;
  /** The loop that it happens in, and what in it. */
  readonly round?: Round;
}

/** What runs once in each turn of a loop. */
export interface Round {
  readonly fn: Fn;
  readonly loop: NodeId;
  readonly node: NodeId;
}

/** When a piece of code runs. */
export interface Reach {
  /** Proven to run per request, message, connection or tick. */
  readonly request?: Evidence;
  /** How many calls lie between the request and the function. */
  readonly calls?: number;
  /** What is further away and says more: clients bring it, where the nearest is the program's own or an operator's. */
  readonly stronger?: { readonly request: Evidence; readonly calls: number };
  /** Named or handed on like something that runs per event. */
  readonly likely?: Evidence;
  /** Reached from a request only through calls that a method's name alone resolves. */
  readonly guess?: Evidence;
  /** Called from outside the workspace only, as far as can be seen. */
  readonly api?: Fn;
  /** Reached while the program starts, or is configured anew. */
  readonly startup: boolean;
  /** Among what leads there is a function that applies a configuration, which may happen again. */
  readonly configured?: true;
}

/** How many calls away from a function something may be that tells when it runs. */
export const MAX_CALLS = 12;

/** The place of a call lies between the function that is called and the one it stands in. */
export const AT_A_CALL = 0.5;

/** Something that tells when a function runs, and how many calls away it is. */
interface Found<T> {
  readonly distance: number;
  readonly what: T;
}

/**
 * The nearest of everything that tells when a function runs; of two at one distance the one that stands first. So it
 * does not matter which callers were searched before.
 */
export class Nearest {
  #request: Found<Evidence> | undefined;
  /** The nearest that clients bring, neither the program itself nor an operator. */
  #strong: Found<Evidence> | undefined;
  #likely: Found<Evidence> | undefined;
  #guess: Found<Evidence> | undefined;
  #api: Found<Fn> | undefined;
  #startup = Number.POSITIVE_INFINITY;
  #configured = Number.POSITIVE_INFINITY;
  #reach: Reach | undefined;

  addRequest(distance: number, what: Evidence): void {
    this.#request = nearer(this.#request, { distance, what }, (e) => e.at);
    if (!what.own && !what.administrative)
      this.#strong = nearer(this.#strong, { distance, what }, (e) => e.at);
  }

  addLikely(distance: number, what: Evidence): void {
    this.#likely = nearer(this.#likely, { distance, what }, (e) => e.at);
  }

  addGuess(distance: number, what: Evidence): void {
    this.#guess = nearer(this.#guess, { distance, what }, (e) => e.at);
  }

  addApi(distance: number, what: Fn): void {
    this.#api = nearer(this.#api, { distance, what }, (fn) => fn.file.place(fn.fact.nameSpan));
  }

  addStartup(distance: number): void {
    if (distance <= MAX_CALLS + AT_A_CALL) this.#startup = Math.min(this.#startup, distance);
  }

  addConfigured(distance: number): void {
    this.addStartup(distance);
    if (distance <= MAX_CALLS + AT_A_CALL) this.#configured = Math.min(this.#configured, distance);
  }

  /** Everything that is known of a caller; of one that calls by a name alone nothing is proven. */
  addCaller(distance: number, caller: Nearest, guess: boolean): void {
    if (guess) {
      const known = caller.#request ?? caller.#likely ?? caller.#guess;
      if (known) this.addGuess(distance + known.distance, known.what);
    } else {
      if (caller.#request) this.addRequest(distance + caller.#request.distance, caller.#request.what);
      if (caller.#strong) this.addRequest(distance + caller.#strong.distance, caller.#strong.what);
      if (caller.#likely) this.addLikely(distance + caller.#likely.distance, caller.#likely.what);
      if (caller.#guess) this.addGuess(distance + caller.#guess.distance, caller.#guess.what);
      if (caller.#api) this.addApi(distance + caller.#api.distance, caller.#api.what);
    }
    this.addStartup(distance + caller.#startup);
    this.addConfigured(distance + caller.#configured);
  }

  /** True when nothing that is found so many calls away can be nearer. */
  isProvenBefore(distance: number): boolean {
    return this.#strong !== undefined && this.#strong.distance < distance;
  }

  get reach(): Reach {
    const strong = this.#strong;
    this.#reach ??= this.#request
      ? {
          request: this.#request.what,
          calls: Math.ceil(this.#request.distance),
          startup: this.#startup <= this.#request.distance,
          ...(strong && strong.what !== this.#request.what
            ? { stronger: { request: strong.what, calls: Math.ceil(strong.distance) } }
            : {}),
        }
      : {
          // Whoever may call it by its name alone does so while the service runs, and the start lies further away.
          startup: this.#startup < (this.#guess?.distance ?? Number.POSITIVE_INFINITY),
          ...(this.#likely ? { likely: this.#likely.what } : {}),
          ...(this.#guess ? { guess: this.#guess.what } : {}),
          ...(this.#api ? { api: this.#api.what } : {}),
          ...(this.#configured < Number.POSITIVE_INFINITY ? { configured: true } : {}),
        };
    return this.#reach;
  }
}

function nearer<T>(a: Found<T> | undefined, b: Found<T>, place: (what: T) => Place): Found<T> | undefined {
  if (b.distance > MAX_CALLS + AT_A_CALL) return a;
  if (!a || b.distance !== a.distance) return a && a.distance < b.distance ? a : b;
  const [p, q] = [place(a.what), place(b.what)];
  if (p.file === q.file && p.span.start === q.span.start) return nodeOf(a.what) <= nodeOf(b.what) ? a : b;
  return p.file < q.file || (p.file === q.file && p.span.start <= q.span.start) ? a : b;
}

/** Of two that happen in the same loop the one that comes first in it. */
function nodeOf(what: unknown): NodeId {
  return (what as Evidence).round?.node ?? -1;
}
