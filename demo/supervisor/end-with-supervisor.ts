import { isMainThread } from 'node:worker_threads';

/*
 * Loaded with --import into every process that the supervisor starts, and into nothing that those start in turn
 * (workers and forks inherit the flag, but not this parent).
 */
if (isMainThread && process.ppid === Number(process.env.SPANWISE_SUPERVISOR_PID)) {
  endWithSupervisor();
  leaveInterruptToSupervisor();
}

/** The channel closes when the supervisor dies, by SIGKILL too; a second later nothing of it is left. */
function endWithSupervisor(): void {
  process.on('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 900).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // A listener keeps the channel, and with it the process, alive after everything else has ended.
  process.channel?.unref();
}

/**
 * A terminal sends Ctrl-C to the whole process group, so to every service at once. Only the supervisor acts on it:
 * it ends the services in an order in which no span is lost.
 */
function leaveInterruptToSupervisor(): void {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  process.on('newListener', (event: string | symbol, listener: (...args: unknown[]) => void) => {
    if (event === 'SIGINT' && listener !== ignore) queueMicrotask(() => process.off('SIGINT', listener));
  });
}
