import { randomUUID } from 'node:crypto';
import { arch, hostname } from 'node:os';
import { basename } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { attributeKey } from '@spanwise/semconv';
import type { TracingOptions } from '../tracing-options.ts';
import { detectContainer } from './container.ts';
import { findProgramPackage } from './program-package.ts';

/**
 * Who sends: service, version, environment, instance, host, process, container and pod. Deliberately without the process's
 * arguments and owner, which OpenTelemetry's own detector adds: they may hold secrets.
 */
export function createResource(serviceName: string, options: TracingOptions): Resource {
  const defaults: Attributes = {
    [attributeKey.serviceVersion]: findProgramPackage().version,
    [attributeKey.deploymentEnvironmentName]: process.env.NODE_ENV || 'development',
    [attributeKey.serviceInstanceId]: randomUUID(),
    [attributeKey.hostName]: hostname(),
    [attributeKey.hostArch]: arch(),
    [attributeKey.osType]: process.platform,
    [attributeKey.processPid]: process.pid,
    [attributeKey.processExecutableName]: basename(process.execPath),
    [attributeKey.processRuntimeName]: 'nodejs',
    [attributeKey.processRuntimeVersion]: process.versions.node,
    ...detectContainer(),
  };
  const given: Attributes = { ...options.resourceAttributes, [attributeKey.serviceName]: serviceName };
  if (options.serviceVersion !== undefined) given[attributeKey.serviceVersion] = options.serviceVersion;
  if (options.environment !== undefined) given[attributeKey.deploymentEnvironmentName] = options.environment;
  return defaultResource()
    .merge(resourceFromAttributes(defined(defaults)))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
    .merge(resourceFromAttributes(given));
}

function defined(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
