import { z } from 'zod';
import { list, named, shape } from './shape.ts';

export type AttributeValueDto =
  | { readonly type: 'string' | 'int' | 'bytes'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'double'; readonly value: number | 'NaN' | 'Infinity' | '-Infinity' }
  | { readonly type: 'array'; readonly value: readonly AttributeValueDto[] }
  | { readonly type: 'map'; readonly value: readonly AttributeDto[] }
  | { readonly type: 'empty' };

export interface AttributeDto {
  readonly key: string;
  readonly value: AttributeValueDto;
}

export const attributeValueDto: z.ZodType<AttributeValueDto> = named(
  'AttributeValueDto',
  z.lazy(() =>
    z.union([
      shape({ type: z.enum(['string', 'int', 'bytes']), value: z.string() }),
      shape({ type: z.literal('bool'), value: z.boolean() }),
      shape({
        type: z.literal('double'),
        value: z
          .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
          .describe('NaN and the infinities are strings.'),
      }),
      shape({ type: z.literal('array'), value: list(attributeValueDto) }),
      shape({ type: z.literal('map'), value: list(attributeDto) }),
      shape({ type: z.literal('empty') }),
    ]),
  ),
  'A value with its OTLP type. int64 and bytes are strings: decimal, base64.',
);

export const attributeDto: z.ZodType<AttributeDto> = named(
  'AttributeDto',
  shape({ key: z.string(), value: attributeValueDto }),
);
