import { type Language as Grammar, Parser } from 'web-tree-sitter';
import { readGrammars } from '../../host/assets.ts';
import type { Language } from '../../syntax/facts.ts';
import { type Runtime, startRuntime } from '../../syntax/runtime.ts';

/** web-tree-sitter with nothing around it: what everything else is compared with. */
export async function bareEngine(): Promise<{ runtime: Runtime; parsers: Record<Language, Parser> }> {
  const bytes = readGrammars();
  const runtime = await startRuntime(bytes.runtime, bytes.flatten);
  const parser = (grammar: Grammar) => new Parser().setLanguage(grammar);
  return {
    runtime,
    parsers: {
      rust: parser(await runtime.loadGrammar(bytes.rust)),
      go: parser(await runtime.loadGrammar(bytes.go)),
    },
  };
}
