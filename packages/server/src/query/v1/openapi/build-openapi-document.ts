import { problemDocument, shapes } from '@spanwise/api';
import { z } from 'zod';
import { type ErrorCode, errorCatalogue } from '../../error-catalogue.ts';
import { problemContentType } from '../../query-error.ts';
import { traceParameters } from '../parameters.ts';
import { commonErrors, type Operation, operations } from './operations.ts';

type Json = Readonly<Record<string, unknown>>;

/** What /api/v1 takes and answers, out of the schemas that validate it. (OpenAPI 3.1.) */
export function buildOpenApiDocument() {
  const paths = new Map<string, Json>();
  for (const operation of operations) {
    paths.set(operation.path, { ...paths.get(operation.path), [operation.method]: describe(operation) });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spanwise',
      version: '1',
      description:
        'Times are decimal strings of Unix nanoseconds; durations are numbers of nanoseconds; ids are lowercase hex; -1 is "unknown" in counts. Answers may get further fields: programs should leave out what they do not know. A parameter that does not exist, or is given twice, is an error.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:16686' }],
    security: [],
    paths: Object.fromEntries(paths),
    components: { responses: buildResponses(), schemas: buildSchemas() },
  };
}

const schemaUri = (id: string) => `#/components/schemas/${id}`;

function buildSchemas(): Json {
  const { schemas } = z.toJSONSchema(shapes, { uri: schemaUri, override: simplify });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema] as const),
  );
}

/** Answers may get further fields, and everything in them is read-only. */
function simplify({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.readOnly;
  delete jsonSchema.additionalProperties;
}

function describe(operation: Operation): Json {
  const { method, path, tag, summary, description, query, bodyTypes } = operation;
  return {
    operationId: operationIdOf(operation),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...(path.includes('{traceId}') ? parametersOf(traceParameters, 'path') : []),
      ...parametersOf(query, 'query'),
    ],
    ...(bodyTypes === undefined
      ? {}
      : {
          requestBody: {
            required: method === 'post',
            content: contentOf(bodyTypes, { type: 'string' }),
          },
        }),
    responses: responsesOf(operation),
  };
}

/** `get /api/v1/traces/{traceId}/spans` is `getTracesSpans`. */
export function operationIdOf({ method, path }: Operation): string {
  const words = path
    .replace('/api/v1/', '')
    .replace(/\{\w+\}/g, 'One')
    .split(/[/.]/);
  return [method, ...words.map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`)].join('');
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): readonly Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties as Readonly<Record<string, z.core.JSONSchema.BaseSchema>>).map(
    ([name, { description, pattern, ...rest }]) => ({
      name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      // A number is text in an address; its digits say nothing that its type does not.
      schema: {
        ...rest,
        ...(pattern === undefined || rest.type === 'integer' ? {} : { pattern }),
        ...defaultOf(schema.shape[name]),
      },
    }),
  );
}

/** Zod leaves it out beside a transformation, because it stands on the other side of it. */
function defaultOf(field: unknown): Json {
  return field instanceof z.ZodDefault ? { default: field.def.defaultValue } : {};
}

function responsesOf(operation: Operation): Json {
  const { answer, answerTypes, hasVersion } = operation;
  const etag = { ETag: { description: 'The version of the trace.', schema: { type: 'string' } } };
  const found = {
    description: 'The answer',
    ...(hasVersion ? { headers: etag } : {}),
    content:
      answer === undefined
        ? contentOf(answerTypes ?? [], {})
        : contentOf(['application/json'], { $ref: schemaUri(shapes.get(answer)!.id) }),
  };
  return {
    200: found,
    ...(hasVersion ? { 304: { description: 'Nothing was added since `If-None-Match`', headers: etag } } : {}),
    ...errorResponsesOf(operation),
  };
}

/** By status. The same answers come again and again, so they stand in the components once. */
function errorResponsesOf(operation: Operation): Json {
  return Object.fromEntries(
    Array.from(errorsByStatus(operation), ([status, codes]) => [
      status,
      { $ref: `#/components/responses/${responseId(status, codes)}` },
    ]),
  );
}

function buildResponses(): Json {
  const responses = new Map<string, Json>();
  for (const operation of operations) {
    for (const [status, codes] of errorsByStatus(operation)) {
      responses.set(responseId(status, codes), {
        description: codes.map((code) => `${errorCatalogue[code].title} (\`${code}\`)`).join('; '),
        ...(status === 503 ? { headers: { 'Retry-After': { schema: { type: 'string' } } } } : {}),
        content: contentOf([problemContentType], {
          allOf: [
            { $ref: schemaUri(shapes.get(problemDocument)!.id) },
            { properties: { code: { enum: codes } } },
          ],
        }),
      });
    }
  }
  return Object.fromEntries(responses);
}

function errorsByStatus({ errors }: Operation): ReadonlyMap<number, readonly ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...commonErrors, ...errors]) {
    for (const status of errorCatalogue[code].status) {
      const others = byStatus.get(status);
      if (others === undefined) byStatus.set(status, [code]);
      else others.push(code);
    }
  }
  return byStatus;
}

function responseId(status: number, codes: readonly ErrorCode[]): string {
  return [`error_${status}`, ...codes.filter((code) => !isCommon.has(code))].join('_');
}

const isCommon: ReadonlySet<ErrorCode> = new Set(commonErrors);

function contentOf(types: readonly string[], schema: Json): Json {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
