/** Name and version of the instrumentation scope of every span made here; a test compares them with package.json. */
export const SCOPE_NAME = '@spanwise/instrumentation';
export const SCOPE_VERSION = '0.1.0';
