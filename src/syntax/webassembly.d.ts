/** The part of the standard `WebAssembly` that the engine uses; TypeScript has it only in the browser's library. */
declare namespace WebAssembly {
  type ImportValue = Memory | ((...args: never[]) => unknown);
  class Memory {
    constructor(pages: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { readonly name: string; readonly kind: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, ImportValue>>);
    readonly exports: Record<string, unknown>;
  }
  class RuntimeError extends Error {}
}
