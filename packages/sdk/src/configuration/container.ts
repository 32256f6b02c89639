import { readFileSync } from 'node:fs';
import type { Attributes } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';

/** Ids of containers are SHA-256 in hex. */
const CONTAINER_ID = /[0-9a-f]{64}/;

/** Mounts that a container runtime adds by the container's id: Docker, containerd, CRI-O, Podman. */
const RUNTIME_MOUNT = /\/(?:containers|sandboxes|overlay-containers)\/([0-9a-f]{64})\//;

/** A pod's uid, as kubelet writes it into cgroup names and mount paths. */
const POD_UID = /\bpods?[/_-]?([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})\b/;

/** The container that the process runs in, from the texts of `/proc/self/cgroup` and `/proc/self/mountinfo`. */
export function parseContainerId(cgroup: string, mountinfo: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    // cgroup v1, and v2 seen from outside of a namespace: `…:/docker/<id>`, `…/cri-containerd-<id>.scope`.
    const id = CONTAINER_ID.exec(line.slice(line.lastIndexOf('/')))?.[0];
    if (id !== undefined) return id;
  }
  // cgroup v2 in a namespace of its own says `0::/`; the files that the runtime mounts still tell.
  return RUNTIME_MOUNT.exec(mountinfo)?.[1];
}

/** `container.id` and, in a pod, `k8s.pod.name`, `k8s.pod.uid`, `k8s.namespace.name`. Empty outside of both. */
export function detectContainer(env: NodeJS.ProcessEnv = process.env, read = readText): Attributes {
  const cgroup = read('/proc/self/cgroup');
  const mountinfo = read('/proc/self/mountinfo');
  const attributes: Attributes = { [attributeKey.containerId]: parseContainerId(cgroup, mountinfo) };
  if (env.KUBERNETES_SERVICE_HOST !== undefined) {
    // A pod's host name is its name, unless it uses the host's network; the downward API says it for sure.
    attributes[attributeKey.k8sPodName] = env.POD_NAME ?? env.HOSTNAME;
    attributes[attributeKey.k8sPodUid] = POD_UID.exec(cgroup + mountinfo)?.[1]?.replaceAll('_', '-');
    attributes[attributeKey.k8sNamespaceName] =
      env.POD_NAMESPACE ??
      (read('/var/run/secrets/kubernetes.io/serviceaccount/namespace').trim() || undefined);
    attributes[attributeKey.k8sNodeName] = env.NODE_NAME;
  }
  return attributes;
}

/** Empty where there is no such file, which is any system but Linux. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
