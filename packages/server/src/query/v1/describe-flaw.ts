import { renamedKeys } from '@spanwise/semconv';
import type { FoundFlaw } from '@spanwise/store';
import { type CleanUp, cleanUps } from '../../pipeline/clean-ups.ts';

/** What is wrong, and what to change, each a sentence. docs/instrumentation-health.md shows the same; a test compares. */
export interface FlawText {
  readonly problem: string;
  readonly change: string;
}

const ofResource: Readonly<Record<string, FlawText>> = {
  'service.name': {
    problem: 'The resource names no service, so its spans are stored under unknown_service.',
    change: 'Set OTEL_SERVICE_NAME.',
  },
  'service.version': {
    problem: 'The resource has no service.version: a release can not be told from the one before.',
    change: 'Add service.version=… to OTEL_RESOURCE_ATTRIBUTES, or to the resource in the set-up.',
  },
  'service.instance.id': {
    problem: 'The resource has no service.instance.id: one replica can not be told from another.',
    change: "Turn on the SDK's service instance detector, or set service.instance.id to a UUID at start.",
  },
};

const ofPart: Readonly<Record<string, string>> = {
  attributes: 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
  events: 'OTEL_SPAN_EVENT_COUNT_LIMIT',
  links: 'OTEL_SPAN_LINK_COUNT_LIMIT',
};

const corrections: Partial<Record<CleanUp, string>> = {
  end_before_start: 'Take start and end of a span from one clock; do not set the end by hand.',
  span_name_missing: 'Give the span a name when it is started.',
  parent_id_invalid: 'Pass the parent by context, not by an id made by hand.',
  link_id_invalid: 'Link to the context of a real span.',
  log_ids_invalid: 'Take the ids of log records from the active span, in hex of 32 and 16 digits.',
  log_time_missing: 'Set the time of log records, or the observed time.',
  utf8_repaired: 'Send texts as UTF-8; send bytes as bytes.',
};

/** A sentence each for a kind of flaw. */
export function describeFlaw({ what, detail }: Pick<FoundFlaw, 'what' | 'detail'>): FlawText {
  switch (what) {
    case 'resource_missing':
      return (
        ofResource[detail] ?? {
          problem: `The resource has no ${detail}.`,
          change: `Add ${detail} to the resource.`,
        }
      );
    case 'content':
      return {
        problem: 'It sends prompts, answers or other content, which is dropped here.',
        change:
          "Turn content capture off in this service's instrumentation, so that content does not leave it: OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=false, TRACELOOP_TRACE_CONTENT=false, OPENINFERENCE_HIDE_INPUTS=true and OPENINFERENCE_HIDE_OUTPUTS=true, or recordInputs and recordOutputs: false.",
      };
    case 'old_key': {
      const now = Object.hasOwn(renamedKeys, detail) ? renamedKeys[detail] : undefined;
      return {
        problem: `It sends ${detail}, which the conventions now call ${now ?? 'otherwise'}: searches by the new name do not find its spans.`,
        change: `Update the instrumentation that writes ${detail}, or set OTEL_SEMCONV_STABILITY_OPT_IN where it has both.`,
      };
    }
    case 'dropped_by_sdk':
      return {
        problem: `Its SDK left out ${detail} of spans, by a limit of its own.`,
        change: `Raise ${ofPart[detail] ?? 'the limit'}, or put less on one span.`,
      };
    case 'over_limit':
      return {
        problem: `Values were left out here, because there were too many or they were too large (${detail}).`,
        change: 'Put less on one span: docs/limits.md has the bounds.',
      };
    case 'corrected': {
      const kind = detail as CleanUp;
      return {
        problem: `Corrected here: ${Object.hasOwn(cleanUps, kind) ? cleanUps[kind] : detail}.`,
        change: (Object.hasOwn(corrections, kind) ? corrections[kind] : undefined) ?? 'Look at the span.',
      };
    }
    case 'broken_parent':
      return {
        problem: 'Spans whose parent never arrived: their caller does not export it, or lost it.',
        change:
          'See that every service and proxy on the way exports its spans or passes the context on untouched, that all sample by their parent, and that exporters are flushed at exit.',
      };
    case 'clock_skew':
      return {
        problem: "Its clock contradicts its callers': spans begin before what caused them.",
        change: 'Synchronise the clock of its machine (NTP, chrony); traces are drawn corrected until then.',
      };
    case 'repeated_span_id':
      return {
        problem: 'Several of its spans share an id.',
        change: 'Give each span an id of its own: ids are made after a fork, and are never copied.',
      };
  }
}
