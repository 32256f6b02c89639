import { z } from 'zod';
import { named, shape } from './shape.ts';

export const textPositionDto = named(
  'TextPositionDto',
  shape({ from: z.number(), to: z.number() }),
  'Characters of a text: `from` inclusive, `to` exclusive.',
);
export type TextPositionDto = z.output<typeof textPositionDto>;

export const problemDocument = named(
  'ProblemDocument',
  shape({
    type: z.string().describe('`urn:spanwise:error:` and the code.'),
    title: z.string().describe('The same for all errors of this type.'),
    status: z.number(),
    detail: z.string().describe('For people: what happened here and what to do.'),
    code: z.string().describe('Permanent name, for programs: docs/errors.md lists them.'),
    parameter: z.string().exactOptional().describe('The parameter at fault.'),
    position: textPositionDto.exactOptional().describe('Of a filter or field: where in it.'),
    didYouMean: z.string().exactOptional().describe('What was probably meant there.'),
  }),
  'Body of every error of /api/v1, a problem document: `application/problem+json` (RFC 9457).',
);
export type ProblemDocument = z.output<typeof problemDocument>;
