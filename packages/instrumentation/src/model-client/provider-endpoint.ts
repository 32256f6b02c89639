/** Where a client sends its calls, and whose API answers there. */
export interface ProviderEndpoint {
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  readonly serverAddress: string | undefined;
  readonly serverPort: number | undefined;
}

/**
 * Host name (or its end, where it starts with a dot) to `gen_ai.provider.name`. The names are the well-known
 * ones of the GenAI conventions; `openrouter`, `together_ai`, `fireworks_ai`, `cerebras` and `ollama` are no
 * part of those yet.
 */
const providerByHost: readonly (readonly [host: string, provider: string])[] = [
  ['api.openai.com', 'openai'],
  ['.api.openai.com', 'openai'],
  ['.openai.azure.com', 'azure.ai.openai'],
  ['.openai.azure.us', 'azure.ai.openai'],
  ['.cognitiveservices.azure.com', 'azure.ai.openai'],
  ['.services.ai.azure.com', 'azure.ai.inference'],
  ['.inference.ai.azure.com', 'azure.ai.inference'],
  ['.models.ai.azure.com', 'azure.ai.inference'],
  ['api.groq.com', 'groq'],
  ['api.deepseek.com', 'deepseek'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.x.ai', 'x_ai'],
  ['api.anthropic.com', 'anthropic'],
  ['api.cohere.com', 'cohere'],
  ['api.cohere.ai', 'cohere'],
  ['api.moonshot.ai', 'moonshot_ai'],
  ['api.moonshot.cn', 'moonshot_ai'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['-aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['.ml.cloud.ibm.com', 'ibm.watsonx.ai'],
  ['openrouter.ai', 'openrouter'],
  ['api.together.xyz', 'together_ai'],
  ['api.fireworks.ai', 'fireworks_ai'],
  ['api.cerebras.ai', 'cerebras'],
];

const bedrockHost = /^bedrock(-runtime|-mantle)?[.-].*\.(amazonaws\.com|api\.aws)$/;

/** The port of `ollama serve`. */
const OLLAMA_PORT = 11_434;

/**
 * Reads a base URL. A host that no table knows (a gateway, a server of one's own) is called by the API that
 * answers there, `fallback`: by the conventions the provider is the API as the client sees it. The path, the
 * user and the query go nowhere.
 */
export function readEndpoint(baseUrl: unknown, fallback: string): ProviderEndpoint {
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) {
    return { provider: fallback, serverAddress: undefined, serverPort: undefined };
  }
  const { hostname, port, protocol } = new URL(baseUrl);
  const serverPort = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const provider = findProvider(hostname) ?? (serverPort === OLLAMA_PORT ? 'ollama' : fallback);
  return { provider, serverAddress: hostname, serverPort };
}

function findProvider(hostname: string): string | undefined {
  if (bedrockHost.test(hostname)) return 'aws.bedrock';
  const entry = providerByHost.find(([host]) =>
    host.startsWith('.') || host.startsWith('-') ? hostname.endsWith(host) : hostname === host,
  );
  return entry?.[1];
}
