import { type Nanos, statusCodes, type TraceColumns } from '@spanwise/model';
import { genAiOperation } from '@spanwise/semconv';
import { addKnown } from './add-known.ts';
import { isModelCall } from './steps.ts';
import { buildTree, type TraceTree } from './trace-tree.ts';
import { costOfCall } from './usage.ts';

export interface AgentGraph {
  /** In the order in which they first ran. */
  readonly nodes: readonly AgentNode[];
  /** From an agent (or agent-less code, absent from `nodes`) to what it used; by first use. */
  readonly uses: readonly AgentUse[];
}

export interface AgentNode {
  readonly id: string;
  readonly kind: 'agent' | 'model' | 'tool' | 'retrieval';
  readonly name: string;
  readonly callCount: number;
  readonly errorCount: number;
  readonly nanos: Nanos;
  /** Of model calls; -1 where none named it. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of the model calls whose cost is known; -1 where none is. */
  readonly cost: number;
}

export interface AgentUse {
  /** `id` of an agent; absent: no agent was around the call. */
  readonly from?: string;
  readonly to: string;
  readonly callCount: number;
  readonly errorCount: number;
  readonly nanos: Nanos;
}

/**
 * Which agent used which model, tool, retrieval or other agent in one trace. A model call inside a model call
 * (a proxy, a second instrumentation) is the same call and counts once.
 * Cost: O(n).
 */
export function agentGraph(columns: TraceColumns, tree: TraceTree = buildTree(columns)): AgentGraph {
  const nodes = new Map<string, Writable<AgentNode>>();
  const uses = new Map<string, Writable<AgentUse>>();
  const agentAround: (string | undefined)[] = new Array(columns.spanCount);
  const isInModelCall = new Uint8Array(columns.spanCount);
  for (const row of tree.order) {
    const parent = tree.parent[row]!;
    const around = parent === -1 ? undefined : agentAround[parent];
    agentAround[row] = around;
    if (parent !== -1 && isInModelCall[parent] === 1) isInModelCall[row] = 1;
    const what = whatIs(columns, row);
    if (what === undefined || isInModelCall[row] === 1) continue;
    if (what.kind === 'model') isInModelCall[row] = 1;
    const id = `${what.kind}:${what.name}`;
    if (what.kind === 'agent') agentAround[row] = id;
    const failed = columns.status[row] === statusCodes.error ? 1 : 0;
    const nanos = columns.durationsNanos[row]!;
    const node = nodes.get(id) ?? {
      id,
      ...what,
      callCount: 0,
      errorCount: 0,
      nanos: 0,
      inputTokens: -1,
      outputTokens: -1,
      cost: -1,
    };
    nodes.set(id, node);
    node.callCount += 1;
    node.errorCount += failed;
    node.nanos += nanos;
    if (what.kind === 'model') {
      node.inputTokens = addKnown(node.inputTokens, columns.inputTokens[row]!);
      node.outputTokens = addKnown(node.outputTokens, columns.outputTokens[row]!);
      node.cost = addKnown(node.cost, costOfCall(columns, tree, row));
    }
    // An agent's own steps (`invoke_agent` below `create_agent` of one name) are no use of itself.
    if (around === id || (around === undefined && what.kind === 'agent')) continue;
    const key = `${around ?? ''} ${id}`;
    const use = uses.get(key) ?? {
      ...(around === undefined ? {} : { from: around }),
      to: id,
      callCount: 0,
      errorCount: 0,
      nanos: 0,
    };
    uses.set(key, use);
    use.callCount += 1;
    use.errorCount += failed;
    use.nanos += nanos;
  }
  return { nodes: Array.from(nodes.values()), uses: Array.from(uses.values()) };
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Absence: undefined for spans that are none of these. */
function whatIs(columns: TraceColumns, row: number): Pick<AgentNode, 'kind' | 'name'> | undefined {
  const operation = columns.labels[columns.operationIndex[row]!] ?? '';
  const spanName = columns.names[columns.nameIndex[row]!] ?? '';
  const label = (index: number) => columns.labels[index] ?? spanName;
  if (isModelCall(columns, row)) return { kind: 'model', name: label(columns.modelIndex[row]!) };
  if (operation === genAiOperation.invokeAgent)
    return { kind: 'agent', name: label(columns.agentIndex[row]!) };
  if (operation === genAiOperation.executeTool) return { kind: 'tool', name: label(columns.toolIndex[row]!) };
  if (operation === genAiOperation.retrieval) return { kind: 'retrieval', name: spanName };
  return undefined;
}
