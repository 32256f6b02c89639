import { parseSync, Visitor } from 'rolldown/utils';

/** One reference from a source file to another file or package. */
export interface SourceImport {
  readonly specifier: string;
  /** Gone when the file runs. */
  readonly isTypeOnly: boolean;
  /** Named by a URL: started as a worker or process, not loaded. */
  readonly isUrl: boolean;
}

/**
 * Every import, re-export, dynamic import, imported type, and `new URL('./x.ts', import.meta.url)` of a file: that
 * is how workers and child processes are named.
 * Absence: what is computed is not found, apart from a worker's extension (`./worker${extension}`).
 */
export function readImports(path: string, text: string): SourceImport[] {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const imports: SourceImport[] = [];
  const add = (specifier: unknown, isTypeOnly: boolean, isUrl = false) => {
    if (typeof specifier === 'string') imports.push({ specifier, isTypeOnly, isUrl });
  };
  new Visitor({
    ImportDeclaration: (node) =>
      add(node.source.value, node.importKind === 'type' || isAllTypes(node.specifiers, 'importKind')),
    ExportNamedDeclaration: (node) =>
      add(node.source?.value, node.exportKind === 'type' || isAllTypes(node.specifiers, 'exportKind')),
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type'),
    ImportExpression: (node) => add(literalOf(node.source), false),
    TSImportType: (node) => add(node.source.value, true),
    NewExpression: (node) => {
      const [url, base] = node.arguments;
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'URL' || url === undefined) return;
      if (base === undefined || !text.slice(base.start, base.end).startsWith('import.meta.url')) return;
      add(moduleOf(url), false, true);
    },
  }).visit(program);
  return imports;
}

function isAllTypes(specifiers: readonly object[], kind: 'importKind' | 'exportKind'): boolean {
  return (
    specifiers.length > 0 &&
    specifiers.every((specifier) => (specifier as Record<string, unknown>)[kind] === 'type')
  );
}

function literalOf(node: { readonly type: string }): unknown {
  return node.type === 'Literal' && 'value' in node ? node.value : undefined;
}

/** Data files and folders are no modules. */
function moduleOf(node: { readonly type: string }): string | undefined {
  const value = literalOf(node);
  if (typeof value === 'string') return /^\.{1,2}\/.*\.[jt]s$/.test(value) ? value : undefined;
  if (node.type !== 'TemplateLiteral' || !('quasis' in node) || !Array.isArray(node.quasis)) return undefined;
  const [before, after] = node.quasis.map((quasi: { value: { raw: string } }) => quasi.value.raw);
  return node.quasis.length === 2 && after === '' && /^\.{1,2}\/[\w./-]*[\w-]$/.test(before ?? '')
    ? `${before}.ts`
    : undefined;
}
