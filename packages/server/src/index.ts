export { ConfigError } from './config/config-error.ts';
export {
  type ConfigKey,
  configKeys,
  type OptionText,
  optionNameOf,
  optionTextOf,
  type SpanwiseConfig,
  variableNameOf,
} from './config/config-schema.ts';
export { type ConfigSources, loadConfig } from './config/load-config.ts';
export { createLogger, type Logger } from './logger.ts';
export {
  createSpanwiseServer,
  type ServerAddresses,
  type SpanwiseServer,
  type SpanwiseServerOptions,
} from './spanwise-server.ts';
export { version } from './version.ts';
