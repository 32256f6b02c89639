/**
 * Keys that OpenTelemetry's conventions have renamed, and what they are called now. (opentelemetry.io/docs/specs/semconv:
 * "HTTP migration", "Database migration", the deprecated attributes of the registry; semantic-conventions-genai#440.)
 * They are still understood where we read them; searches by the new name don't find them.
 */
export const renamedKeys: Readonly<Record<string, string>> = {
  'gen_ai.system': 'gen_ai.provider.name',
  'gen_ai.usage.prompt_tokens': 'gen_ai.usage.input_tokens',
  'gen_ai.usage.completion_tokens': 'gen_ai.usage.output_tokens',
  'gen_ai.usage.cache_creation.input_tokens': 'gen_ai.usage.cache_write.input_tokens',
  'gen_ai.prompt': 'gen_ai.input.messages',
  'gen_ai.completion': 'gen_ai.output.messages',
  'http.method': 'http.request.method',
  'http.status_code': 'http.response.status_code',
  'http.url': 'url.full',
  'http.target': 'url.path',
  'http.scheme': 'url.scheme',
  'http.user_agent': 'user_agent.original',
  'http.client_ip': 'client.address',
  'http.flavor': 'network.protocol.version',
  'net.peer.name': 'server.address',
  'net.peer.port': 'server.port',
  'net.peer.ip': 'network.peer.address',
  'net.host.name': 'server.address',
  'net.host.port': 'server.port',
  'net.protocol.name': 'network.protocol.name',
  'net.protocol.version': 'network.protocol.version',
  'db.system': 'db.system.name',
  'db.name': 'db.namespace',
  'db.statement': 'db.query.text',
  'db.operation': 'db.operation.name',
  'db.sql.table': 'db.collection.name',
  'messaging.destination': 'messaging.destination.name',
  'enduser.id': 'user.id',
  'deployment.environment': 'deployment.environment.name',
};
