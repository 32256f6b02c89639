/** When what was written is forced to the disk: before the answer, every now and then, or when the system likes. */
export const fsyncPolicies = ['always', 'interval', 'never'] as const;

export type FsyncPolicy = (typeof fsyncPolicies)[number];
