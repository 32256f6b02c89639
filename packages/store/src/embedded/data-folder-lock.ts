/** Another live process owns the data folder. The message names its process id. */
export class DataFolderTakenError extends Error {
  override readonly name = 'DataFolderTakenError';
  readonly pid: number;

  constructor(dataDir: string, pid: number) {
    super(`the data folder ${dataDir} is in use by process ${pid}; stop it, or choose another folder`);
    this.pid = pid;
  }
}
