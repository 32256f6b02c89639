import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

/*
 * The deployment files against each other and against the code. Whether Kubernetes knows every field is checked by hand,
 * with kubernetes-validate (deploy/README.md): the schemas are too large to carry along.
 */

const checkout = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(checkout, 'deploy', file), 'utf8');

const SERVICES = [
  'api-gateway',
  'conversation-manager',
  'rag-retrieval',
  'tool-execution',
  'memory-store',
  'llm-proxy',
];

const labels = z.record(z.string(), z.string());
const selector = z.strictObject({ matchLabels: labels });
const portReference = z.union([z.string(), z.number()]);
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: z.string() }).optional(),
  tcpSocket: z.strictObject({ port: z.string() }).optional(),
  exec: z.strictObject({ command: z.array(z.string()).min(1) }).optional(),
  periodSeconds: z.number().int().positive().optional(),
  initialDelaySeconds: z.number().int().positive().optional(),
  failureThreshold: z.number().int().positive().optional(),
});
const reference = z.strictObject({ name: z.string(), key: z.string() });
const environmentVariable = z.union([
  z.strictObject({ name: z.string(), value: z.string() }),
  z.strictObject({ name: z.string(), valueFrom: z.strictObject({ secretKeyRef: reference }) }),
]);
const container = z.strictObject({
  name: z.string(),
  image: z.string().regex(/^[\w./-]+:[\w.-]+$/),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(environmentVariable).default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })).default([]),
  ports: z.array(z.strictObject({ name: z.string().max(15), containerPort: z.number().int() })),
  startupProbe: probe.optional(),
  readinessProbe: probe,
  livenessProbe: probe,
  resources: z.strictObject({
    requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
    limits: z.strictObject({ memory: z.string() }),
  }),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().int().positive(),
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
});
const claim = z.strictObject({
  accessModes: z.tuple([z.literal('ReadWriteOnce')]),
  resources: z.strictObject({ requests: z.strictObject({ storage: z.string() }) }),
});
const workload = z.strictObject({
  replicas: z.number().int().positive(),
  strategy: z.strictObject({ type: z.literal('Recreate') }).optional(),
  serviceName: z.string().optional(),
  selector,
  template: z.strictObject({
    metadata: z.strictObject({ labels }),
    spec: z.strictObject({
      enableServiceLinks: z.literal(false),
      automountServiceAccountToken: z.literal(false),
      containers: z.array(container).length(1),
      securityContext: z.strictObject({
        fsGroup: z.number().optional(),
        seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
      }),
      terminationGracePeriodSeconds: z.number().optional(),
      volumes: z.array(
        z.strictObject({
          name: z.string(),
          emptyDir: z.strictObject({}).optional(),
          persistentVolumeClaim: z.strictObject({ claimName: z.string() }).optional(),
        }),
      ),
    }),
  }),
  volumeClaimTemplates: z
    .array(z.strictObject({ metadata: z.strictObject({ name: z.string() }), spec: claim }))
    .default([]),
});
const pods = z.strictObject({ podSelector: z.strictObject({ matchLabels: labels.optional() }) });
const policy = z.strictObject({
  podSelector: z.strictObject({ matchLabels: labels.optional() }),
  policyTypes: z.tuple([z.literal('Ingress')]),
  ingress: z
    .array(
      z.strictObject({
        from: z.array(pods).default([]),
        ports: z.array(z.strictObject({ port: portReference })),
      }),
    )
    .default([]),
});

const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,63}$/),
  namespace: z.literal('agent-system').optional(),
  labels: labels.optional(),
});
const document = z.discriminatedUnion('kind', [
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Namespace'), metadata }),
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('ConfigMap'), metadata, data: labels }),
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Secret'), metadata, stringData: labels }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('PersistentVolumeClaim'),
    metadata,
    spec: claim,
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      selector: labels,
      ports: z.array(z.strictObject({ name: z.string(), port: z.number(), targetPort: z.string() })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: workload,
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('StatefulSet'),
    metadata,
    spec: workload,
  }),
  z.strictObject({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.strictObject({ minAvailable: z.number(), selector }),
  }),
  z.strictObject({
    apiVersion: z.literal('networking.k8s.io/v1'),
    kind: z.literal('NetworkPolicy'),
    metadata,
    spec: policy,
  }),
]);
type Document = z.infer<typeof document>;
type Workload = Extract<Document, { kind: 'Deployment' | 'StatefulSet' }>;

function readManifest(file: string): Document[] {
  return parseAllDocuments(read(`kubernetes/${file}`)).map((each) => {
    expect(each.errors).toEqual([]);
    return document.parse(each.toJS());
  });
}

const isWorkload = (each: Document): each is Workload =>
  each.kind === 'Deployment' || each.kind === 'StatefulSet';

describe.each([
  ['ours', 'agent-system.yaml'],
  ['Jaeger', 'jaeger.yaml'],
])('the cluster with %s as backend', (_, backend) => {
  const documents = [...readManifest(backend), ...readManifest('services.yaml')];
  const all = <Kind extends Document['kind']>(kind: Kind) =>
    documents.filter((each): each is Extract<Document, { kind: Kind }> => each.kind === kind);
  const workloads = documents.filter(isWorkload);
  const matching = (wanted: Readonly<Record<string, string>>) =>
    workloads.filter(({ spec }) =>
      Object.entries(wanted).every(([key, value]) => spec.template.metadata.labels[key] === value),
    );
  const containerOf = ({ spec }: Workload) => spec.template.spec.containers[0]!;
  const portNames = (each: Workload) => containerOf(each).ports.map(({ name }) => name);

  it('is one namespace, in which each thing is there once', () => {
    const names = documents.map(({ kind, metadata: { name } }) => `${kind}/${name}`);
    expect(names).toEqual([...new Set(names)]);
    const outside = documents.filter(({ metadata: { namespace } }) => namespace === undefined);
    expect(outside.map(({ kind }) => kind)).toEqual(['Namespace']);
  });

  it('runs the six services, from files that are there', () => {
    const ours = workloads.filter((each) => containerOf(each).command !== undefined);
    expect(ours.map(({ metadata: { name } }) => name)).toEqual(SERVICES);
    for (const each of ours) {
      const [program, file] = containerOf(each).command ?? [];
      expect(program).toBe('node');
      expect(file).toBe(`demo/${each.metadata.name}/main.ts`);
      expect(existsSync(path.join(checkout, file ?? '')), file).toBe(true);
    }
  });

  it('selects by labels that the pods have', () => {
    for (const { metadata: own, spec } of workloads) {
      expect(spec.template.metadata.labels, own.name).toMatchObject(spec.selector.matchLabels);
    }
    for (const { metadata: own, spec } of all('PodDisruptionBudget')) {
      const [guarded, ...others] = matching(spec.selector.matchLabels);
      expect(others, own.name).toEqual([]);
      // With as many as must be there, no node could ever be emptied.
      expect(guarded?.spec.replicas, own.name).toBeGreaterThan(spec.minAvailable);
    }
  });

  it('leads each Service to a port of exactly one workload', () => {
    for (const { metadata: own, spec } of all('Service')) {
      const [target, ...others] = matching(spec.selector);
      expect(others, own.name).toEqual([]);
      for (const { targetPort } of spec.ports) expect(portNames(target!), own.name).toContain(targetPort);
    }
  });

  it('probes ports that are there, and mounts volumes that are there', () => {
    for (const each of workloads) {
      const { readinessProbe, livenessProbe, startupProbe, volumeMounts } = containerOf(each);
      for (const one of [readinessProbe, livenessProbe, startupProbe]) {
        const port = one?.httpGet?.port ?? one?.tcpSocket?.port;
        if (port !== undefined) expect(portNames(each), each.metadata.name).toContain(port);
      }
      const { volumes } = each.spec.template.spec;
      const claimed = each.spec.volumeClaimTemplates.map(({ metadata: { name } }) => name);
      const offered = [...volumes.map(({ name }) => name), ...claimed];
      expect(volumeMounts.map(({ name }) => name).sort(), each.metadata.name).toEqual(offered.sort());
      for (const { persistentVolumeClaim } of volumes) {
        if (persistentVolumeClaim === undefined) continue;
        const names = all('PersistentVolumeClaim').map(({ metadata: { name } }) => name);
        expect(names).toContain(persistentVolumeClaim.claimName);
      }
    }
  });

  it('takes settings and secrets that are there', () => {
    const secrets = new Map(all('Secret').map(({ metadata: own, stringData }) => [own.name, stringData]));
    const maps = new Set(all('ConfigMap').map(({ metadata: own }) => own.name));
    for (const each of workloads) {
      for (const { configMapRef } of containerOf(each).envFrom) expect(maps).toContain(configMapRef.name);
      for (const variable of containerOf(each).env) {
        if (!('valueFrom' in variable)) continue;
        const { name, key } = variable.valueFrom.secretKeyRef;
        expect(secrets.get(name), key).toHaveProperty(key);
      }
    }
  });

  it('lets every call through that a setting names, and no other', () => {
    const urls = workloads.flatMap((each) => {
      const own = containerOf(each);
      const values = own.env.flatMap((variable) =>
        'value' in variable
          ? [variable.value]
          : [
              all('Secret').find(({ metadata: { name } }) => name === variable.valueFrom.secretKeyRef.name)
                ?.stringData[variable.valueFrom.secretKeyRef.key] ?? '',
            ],
      );
      const shared = own.envFrom.flatMap(({ configMapRef }) =>
        Object.values(all('ConfigMap').find(({ metadata: { name } }) => name === configMapRef.name)!.data),
      );
      return [...values, ...shared]
        .filter((value) => /^\w+:\/\//.test(value) && !value.includes('127.0.0.1'))
        .map((value) => ({ from: each, to: new URL(value) }));
    });
    expect(urls.length).toBeGreaterThan(10);
    const used = new Set<string>();
    for (const { from, to } of urls) {
      const service = all('Service').find(({ metadata: { name } }) => name === to.hostname);
      const port = service?.spec.ports.find((each) => each.port === Number(to.port));
      expect(port, to.href).toBeDefined();
      const [target] = matching(service!.spec.selector);
      const rules = all('NetworkPolicy')
        .filter(({ spec }) => Object.keys(spec.podSelector.matchLabels ?? {}).length > 0)
        .filter(({ spec }) => matching(spec.podSelector.matchLabels ?? {}).includes(target!))
        .flatMap(({ spec }) => spec.ingress)
        .filter(({ ports }) => ports.some((each) => each.port === port?.targetPort));
      const senders = rules.flatMap(({ from: allowed }) => allowed);
      const isOpen = senders.some(({ podSelector }) =>
        matching(podSelector.matchLabels ?? {}).includes(from),
      );
      expect(isOpen, `${from.metadata.name} to ${to.hostname}`).toBe(true);
      used.add(`${from.metadata.name} to ${target?.metadata.name}`);
    }
    for (const { spec } of all('NetworkPolicy')) {
      for (const [target] of [matching(spec.podSelector.matchLabels ?? { none: 'none' })]) {
        for (const { podSelector } of spec.ingress.flatMap(({ from }) => from)) {
          if (podSelector.matchLabels === undefined) continue;
          const [from] = matching(podSelector.matchLabels);
          expect(used).toContain(`${from?.metadata.name} to ${target?.metadata.name}`);
        }
      }
    }
    expect(all('NetworkPolicy').some(({ spec }) => Object.keys(spec.podSelector).length === 0)).toBe(true);
  });
});

describe('compose.yaml', () => {
  const { services, volumes } = z
    .object({
      services: z.record(
        z.string(),
        z.object({
          image: z.string(),
          entrypoint: z.array(z.string()).optional(),
          environment: z.record(z.string(), z.coerce.string()).default({}),
          ports: z.array(z.string()).default([]),
          volumes: z.array(z.string()).default([]),
          read_only: z.boolean().default(false),
        }),
      ),
      volumes: z.record(z.string(), z.null()),
    })
    .parse(parse(read('compose.yaml'), { merge: true }));

  it('runs backend, database and the six services, reachable from this machine only', () => {
    expect(Object.keys(services)).toEqual(['spanwise', 'database', ...SERVICES]);
    for (const [name, { entrypoint, ports, read_only: isReadOnly }] of Object.entries(services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      if (name !== 'database') expect(isReadOnly, name).toBe(true);
      const file = entrypoint?.at(-1);
      if (file !== undefined) expect(existsSync(path.join(checkout, file)), file).toBe(true);
    }
  });

  it('names services and volumes that are there', () => {
    for (const [name, { environment, volumes: mounted }] of Object.entries(services)) {
      for (const value of Object.values(environment)) {
        if (/^\w+:\/\//.test(value)) expect(Object.keys(services), name).toContain(new URL(value).hostname);
      }
      for (const volume of mounted) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
    }
  });

  it('gives the services the settings that the cluster gives them', () => {
    const ofCluster = readManifest('services.yaml').filter(isWorkload);
    for (const name of SERVICES) {
      const { env } = ofCluster.find(({ metadata: own }) => own.name === name)!.spec.template.spec
        .containers[0]!;
      const names = env.map((variable) => variable.name).filter((each) => each !== 'SPANWISE_UI_URL');
      const own = Object.keys(services[name]!.environment).filter((each) => !each.startsWith('OTEL_'));
      expect(own.sort(), name).toEqual(names.sort());
    }
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');

  it('copies what is there, and what the manifests run', () => {
    const copied = lines.flatMap((line) => /^COPY --from=build \/spanwise\/(\S+)/.exec(line)?.[1] ?? []);
    for (const each of copied) expect(existsSync(path.join(checkout, each)), each).toBe(true);
    expect(copied).toEqual(expect.arrayContaining(['packages', 'demo', 'deploy/health-check.ts']));
  });

  it('runs as a user with a number, not root, and names the ports of the cluster', () => {
    expect(lines).toContain('USER 1000:1000');
    const exposed = lines
      .find((line) => line.startsWith('EXPOSE '))
      ?.split(' ')
      .slice(1);
    const [backend] = readManifest('agent-system.yaml').filter(isWorkload);
    const ports = backend?.spec.template.spec.containers[0]?.ports.map(
      ({ containerPort }) => `${containerPort}`,
    );
    expect(exposed).toEqual(expect.arrayContaining(ports ?? ['none']));
  });
});
