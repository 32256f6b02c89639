import { describe, expect, it } from 'vitest';
import { detectContainer, parseContainerId } from './container.ts';

const ID = 'e1f5c0a7b3d2498f60718293a4b5c6d7e8f90123456789abcdef0123456789ab';
const POD = '7d6ce3c8-5f5b-4c5e-9f1a-0a1b2c3d4e5f';

describe('the id of the container', () => {
  it.each([
    ['Docker, cgroup v1', `12:memory:/docker/${ID}\n`, '', ID],
    ['Docker with systemd', `0::/system.slice/docker-${ID}.scope\n`, '', ID],
    [
      'Kubernetes, containerd',
      `0::/kubepods.slice/kubepods-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`,
      '',
      ID,
    ],
    [
      'Docker, cgroup v2 in a namespace',
      '0::/\n',
      `591 578 8:1 /var/lib/docker/containers/${ID}/resolv.conf /etc/resolv.conf rw - ext4\n`,
      ID,
    ],
    [
      'a machine of its own',
      '0::/user.slice/user-1000.slice/session-1.scope\n',
      '22 28 0:21 / /proc rw - proc\n',
      undefined,
    ],
    ['no Linux', '', '', undefined],
  ])('%s', (_, cgroup, mountinfo, id) => {
    expect(parseContainerId(cgroup, mountinfo)).toBe(id);
  });
});

describe('the pod', () => {
  const files: Record<string, string> = {
    '/proc/self/cgroup': '0::/\n',
    '/proc/self/mountinfo': `591 578 8:1 /var/lib/kubelet/pods/${POD}/etc-hosts /etc/hosts rw - ext4\n`,
    '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'agent-system\n',
  };
  const read = (path: string) => files[path] ?? '';

  it('is known by its files and environment', () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'gateway-7f9c-x2x' };
    expect(detectContainer(env, read)).toMatchObject({
      'k8s.pod.name': 'gateway-7f9c-x2x',
      'k8s.pod.uid': POD,
      'k8s.namespace.name': 'agent-system',
    });
  });

  it('is what the downward API says', () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAME: 'a', POD_NAMESPACE: 'b', NODE_NAME: 'c' };
    expect(detectContainer(env, read)).toMatchObject({
      'k8s.pod.name': 'a',
      'k8s.namespace.name': 'b',
      'k8s.node.name': 'c',
    });
  });

  it('is none outside of Kubernetes', () => {
    expect(Object.values(detectContainer({ HOSTNAME: 'laptop' }, () => '')).filter(Boolean)).toEqual([]);
  });
});
