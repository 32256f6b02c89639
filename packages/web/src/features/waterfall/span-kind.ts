import { spanKinds, type TraceColumns } from '@spanwise/model';
import type { IconName } from '../../ui/icons.tsx';

const byOperation: Readonly<Record<string, IconName>> = {
  chat: 'model',
  text_completion: 'model',
  generate_content: 'model',
  embeddings: 'embedding',
  retrieval: 'retrieval',
  rerank: 'retrieval',
  execute_tool: 'tool',
  invoke_agent: 'agent',
  create_agent: 'agent',
  invoke_workflow: 'agent',
  agent_step: 'agent',
};

const httpName = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|QUERY|HTTP)\b/;
const sqlName = /^(SELECT|INSERT|UPDATE|DELETE FROM|MERGE|BEGIN|COMMIT|pg\b|pg[.-]|redis\b|sql\b|query\b)/i;

/** What a span is, for its icon: by its agent operation, else by kind and name, which the skeleton has. */
export function spanIcon(columns: TraceColumns, row: number): IconName {
  const operation = columns.labels[columns.operationIndex[row]!];
  if (operation !== undefined) {
    if (operation.endsWith('_memory')) return 'memory';
    if (operation.includes('guardrail')) return 'guardrail';
    return byOperation[operation] ?? 'agent';
  }
  const name = columns.names[columns.nameIndex[row]!] ?? '';
  const kind = columns.kind[row];
  if (kind === spanKinds.producer || kind === spanKinds.consumer) return 'queue';
  if (httpName.test(name)) return 'http';
  if (sqlName.test(name)) return 'database';
  return kind === spanKinds.server || kind === spanKinds.client ? 'rpc' : 'internal';
}

/** `chat gpt-4o`: the model, or the tool, where the span's name does not say it already. */
export function spanPill(columns: TraceColumns, row: number): string | undefined {
  const name = columns.names[columns.nameIndex[row]!] ?? '';
  const label = columns.labels[columns.modelIndex[row]!] ?? columns.labels[columns.toolIndex[row]!];
  return label === undefined || name.includes(label) ? undefined : label;
}
