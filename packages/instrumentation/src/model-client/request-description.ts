import type { Attributes } from '@opentelemetry/api';
import type { ProviderEndpoint } from './provider-endpoint.ts';

/** What a request says about itself, before anything of it is sent. */
export interface RequestDescription {
  readonly operation: string;
  readonly model: string | undefined;
  readonly attributes: Attributes;
}

/** @param boundModel Model of a client that is bound to one: an Azure deployment. */
export type DescribeRequest = (
  body: unknown,
  endpoint: ProviderEndpoint,
  boundModel: string | undefined,
) => RequestDescription;
