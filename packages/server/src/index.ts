export {
  BackupError,
  type BackupManifest,
  type OnProgress,
  readManifest,
  writeBackup,
} from './backup/backup-files.ts';
export { type CopyToServerOptions, copyToServer } from './backup/copy-to-server.ts';
export { holdSnapshot } from './backup/hold-snapshot.ts';
export { restoreBackup } from './backup/restore-backup.ts';
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
export { defaultDataDir } from './config/default-data-dir.ts';
export { type ConfigSources, loadConfig } from './config/load-config.ts';
export { ControlError } from './control/call-control.ts';
export { createLogger, type Logger } from './logger.ts';
export { checkDataFolder, purgeDataFolder } from './maintenance/maintain.ts';
export { parsePurgeTarget } from './maintenance/purge-store.ts';
export { buildOpenApiDocument } from './query/v1/openapi/build-openapi-document.ts';
export {
  createSpanwiseServer,
  type ServerAddresses,
  type SpanwiseServer,
  type SpanwiseServerOptions,
} from './spanwise-server.ts';
export { version } from './version.ts';
