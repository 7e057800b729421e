import { GO_SMALL_TEXT } from '../../../knowledge/go-copies.ts';
import type { Fn } from '../../../program/program.ts';
import type { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { onlyReads, packageFunction, usesOf } from '../go-locals.ts';
import { type CopyScene, smallSize } from './go-copies.ts';
import { LocalCopies } from './go-local-copies.ts';
import { type Form, short, textShape } from './go-text-forms.ts';

/** Go: copies between `string` and `[]byte`, and of a string into its runes. */
export class Conversions {
  readonly #scene: CopyScene;
  readonly #fn: Fn;
  readonly #values: Values;
  readonly #locals: LocalCopies;

  constructor(scene: CopyScene) {
    this.#scene = scene;
    this.#fn = scene.fn;
    this.#values = scene.values;
    this.#locals = new LocalCopies(scene);
  }

  /** `string(b)`. */
  toText(n: NodeId): void {
    const { code } = this.#fn;
    const source = code.child(n, Role.Arg);
    if (source < 0 || code.all(n, Role.Arg).length !== 1) return;
    if (textShape(this.#values, this.#fn, source) !== 'bytes') return;
    const original = this.#scene.text.textOf(source);
    const form = this.#scene.text.ofBytes(
      n,
      original,
      this.#scene.text.textOf(n),
      this.#scene.isPlainBytes(source),
    );
    if (form) this.#converted(n, source, form);
    else if (!this.#sameEachTurn(n, source) && !this.#locals.localCopy(n, source, 'text'))
      this.#scene.owned(n);
  }

  /** `for _, w := range words { if strings.Contains(string(body), w) … }`: nothing in the loop changes the bytes. */
  #sameEachTurn(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.Closure);
    if (loop < this.#fn.first || code.kind(loop) !== Kind.Loop || code.kind(source) !== Kind.Name)
      return false;
    if (!code.within(n, code.child(loop, Role.Body))) return false;
    const binding = this.#values.scope(this.#fn).lookup(code.name(source), code.start(source));
    if (!binding || code.within(binding.node, loop)) return false;
    const isConverted = (use: NodeId) => {
      const call = code.parent(use);
      return code.kind(call) === Kind.Call && /^(string|len)$/.test(code.name(code.child(call, Role.Callee)));
    };
    const uses = usesOf(this.#values, this.#fn, binding).filter((u) => code.within(u, loop));
    if (!uses.every(isConverted)) return false;
    this.#scene.find(n, 'turns', { copy: this.#scene.short(n) }, undefined, { minor: false });
    return true;
  }

  /** `[]byte(s)`. */
  toBytes(n: NodeId): void {
    const { code } = this.#fn;
    const source = code.child(n, Role.Object);
    if (source < 0) return;
    if (this.#twice(n, source) || this.#formatted(n, source) || this.#builtText(n, source)) return;
    if (textShape(this.#values, this.#fn, source) !== 'text') return;
    const literal = code.kind(source) === Kind.String;
    if (literal && code.end(source) - code.start(source) <= GO_SMALL_TEXT) {
      this.#scene.exempt('small', n, { bytes: GO_SMALL_TEXT });
      return;
    }
    const form = this.#scene.text.ofText(n, this.#scene.text.textOf(source), this.#scene.text.textOf(n));
    if (form) this.#converted(n, source, form);
    else if (!this.#locals.localCopy(n, source, 'bytes')) this.#scene.owned(n);
  }

  #converted(n: NodeId, source: NodeId, form: Form): void {
    if (form.free) {
      this.#scene.exempt('compiler', n, { why: form.free });
      return;
    }
    const small = smallSize(this.#fn, source);
    if (small !== undefined) {
      this.#scene.exempt('small', n, { bytes: small });
      return;
    }
    const { instead } = form;
    this.#scene.find(
      n,
      'reader',
      { copy: this.#scene.short(n), instead },
      {
        title: instead.startsWith('reading ') ? `Read ${instead.slice(8)}` : `Use ${instead}`,
        edits: form.edits,
        gone: form.gone,
        add: form.add,
        uses: form.uses,
        applicability: 'machine-applicable',
      },
      { minor: form.minor === true },
    );
  }

  /** `[]byte(string(b))`. */
  #twice(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    if (code.kind(source) !== Kind.Call || !code.is(code.child(source, Role.Callee), Kind.Name, 'string'))
      return false;
    const bytes = code.child(source, Role.Arg);
    if (bytes < 0 || textShape(this.#values, this.#fn, bytes) !== 'bytes') return false;
    // Where bytes are only read, the conversion to a string already says so.
    if (this.#scene.text.ofBytes(source, '', '', true)) return true;
    this.#scene.find(
      n,
      'twice',
      { copy: this.#scene.short(n), source: this.#scene.short(bytes) },
      {
        title: 'Copy the bytes once',
        edits: [this.#scene.replace(n, `append([]byte(nil), ${this.#scene.text.textOf(bytes)}...)`)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
    return true;
  }

  /** `w.Write([]byte(fmt.Sprintf(…)))`. */
  #formatted(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    const made = packageFunction(this.#values, this.#fn, source);
    if (made?.path !== 'fmt' || !/^Sprint(f|ln)?$/.test(made.name)) return false;
    const p = code.parent(n);
    if (code.role(n) !== Role.Arg || !code.is(p, Kind.MethodCall, 'Write')) return false;
    const writer = code.child(p, Role.Object);
    const type = this.#values.typeOf(this.#fn, writer);
    const name = type?.name === '*' ? (type.args[0]?.name ?? '') : (type?.name ?? '');
    if (
      !/^(net\/http\.ResponseWriter|io\.(Writer|WriteCloser|ReadWriter|ReadWriteCloser)|net\.Conn)$/.test(
        name,
      ) &&
      !(type?.name === '*' && /^(bufio\.Writer|bytes\.Buffer|os\.File|strings\.Builder)$/.test(name))
    )
      return false;
    const args = code.all(source, Role.Arg).map((a) => this.#scene.text.textOf(a));
    const fprint = `${this.#scene.text.textOf(code.child(source, Role.Object))}.F${made.name.slice(1)}`;
    const written = `${fprint}(${[this.#scene.text.textOf(writer), ...args].join(', ')})`;
    this.#scene.find(
      n,
      'formatted',
      { copy: this.#scene.short(n), instead: fprint },
      {
        title: `Use \`${fprint}\``,
        edits: [this.#scene.replace(p, written)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
    return true;
  }

  /** `w.Write([]byte(buf.String()))`: a `bytes.Buffer` has its bytes at hand. */
  #builtText(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    if (!code.is(source, Kind.MethodCall, 'String') || code.role(n) !== Role.Arg) return false;
    const buffer = code.child(source, Role.Object);
    const type = this.#values.typeOf(this.#fn, buffer);
    const name = type?.name === '*' ? type.args[0]?.name : type?.name;
    const p = code.parent(n);
    const read = code.is(p, Kind.MethodCall, 'Write') || onlyReads(this.#values, this.#fn, p);
    if (name !== 'bytes.Buffer' || !read) return false;
    const bytes = `${this.#scene.text.textOf(buffer)}.Bytes()`;
    this.#scene.find(
      n,
      'twice',
      { copy: this.#scene.short(n), source: this.#scene.short(buffer) },
      {
        title: `Read \`${short(bytes)}\``,
        edits: [this.#scene.replace(n, bytes)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
    return true;
  }

  /** `http.NewRequest(…, bytes.NewBufferString(s))`: the buffer copies the string to be read once. */
  bufferString(n: NodeId): void {
    const { code } = this.#fn;
    const source = code.child(n, Role.Arg);
    if (source < 0 || !this.#scene.text.consumed(n) || textShape(this.#values, this.#fn, source) !== 'text')
      return;
    if (code.kind(source) === Kind.Call || code.kind(source) === Kind.String) return;
    const scope = this.#values.scope(this.#fn);
    const known = this.#fn.file.facts.imports.find((i) => i.path === 'strings');
    const strings = known?.alias ?? 'strings';
    if (/^[._]$/.test(strings) || scope.lookup(strings, code.start(n))) return;
    this.#scene.find(
      n,
      'reader',
      {
        copy: this.#scene.short(n),
        instead: '`strings.NewReader`',
      },
      {
        title: 'Use `strings.NewReader`',
        edits: [this.#scene.replace(n, `${strings}.NewReader(${this.#scene.text.textOf(source)})`)],
        gone: [code.child(n, Role.Object)],
        add: known ? undefined : 'strings',
        uses: known?.alias,
        applicability: 'machine-applicable',
      },
    );
  }

  /** `for _, r := range []rune(s)`. */
  runes(loop: NodeId): void {
    const { code } = this.#fn;
    const cast = code.child(loop, Role.Iter);
    if (cast < 0 || code.kind(cast) !== Kind.Cast) return;
    const type = code.child(cast, Role.Type);
    if (!code.is(type, Kind.Type, 'slice') || !code.is(code.child(type, Role.TypeArg), Kind.Type, 'rune'))
      return;
    const [index, ...rest] = code.all(loop, Role.Pattern);
    if (index === undefined || rest.length === 0 || code.kind(index) !== Kind.Wildcard) return;
    const source = code.child(cast, Role.Object);
    if (textShape(this.#values, this.#fn, source) !== 'text') return;
    const text = this.#scene.text.textOf(source);
    this.#scene.find(
      cast,
      'runes',
      { copy: this.#scene.short(cast), source: this.#scene.short(source) },
      {
        title: `Range over \`${short(text)}\``,
        edits: [this.#scene.replace(cast, text)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
  }
}
