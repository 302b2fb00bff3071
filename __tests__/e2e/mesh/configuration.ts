import { dump } from 'js-yaml'

/** Where the parts listen. All of it is inside a network namespace of its own, so nothing is in the way. */
export const PORTS = {
  etcd: 2379,
  etcdPeers: 2380,
  api: 6443,
  istiodGrpc: 15010,
  istiodHttp: 15080,
  istiodMonitoring: 15014,
  envoyAdmin: 15000,
  prometheus: 9090,
  kubelet: 15099,
} as const

export const at = (port: number): string => `127.0.0.1:${port}`

const socket = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } })

/**
 * Envoy as the sidecar of a caller: it listens on the ports of all services and follows their VirtualServices, as a
 * pod in the mesh does. Nothing is redirected, so callers connect to the listeners themselves.
 */
export function envoyBootstrap(): string {
  const cluster = {
    name: 'xds-grpc',
    type: 'STATIC',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: 'xds-grpc',
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(PORTS.istiodGrpc) } }] }],
    },
  }
  const ads = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' }
  return JSON.stringify({
    node: {
      id: 'sidecar~10.44.0.2~caller.callers~callers.svc.cluster.local',
      cluster: 'caller.callers',
      metadata: {
        ISTIO_VERSION: '1.31.0',
        CLUSTER_ID: 'Kubernetes',
        NAMESPACE: 'callers',
        NAME: 'caller',
        LABELS: { app: 'caller' },
        INSTANCE_IPS: '10.44.0.2',
        SERVICE_ACCOUNT: 'default',
        INTERCEPTION_MODE: 'NONE',
      },
    },
    admin: { address: socket(PORTS.envoyAdmin) },
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      },
      lds_config: ads,
      cds_config: ads,
    },
    static_resources: { clusters: [cluster] },
    // istiod ends its names of clusters with a semicolon for the statistics; without this the names stay in the metric.
    stats_config: {
      use_all_default_tags: false,
      stats_tags: [
        { tag_name: 'cluster_name', regex: '^cluster\\.((.+?);\\.)' },
        { tag_name: 'response_code', regex: '_rq(_(\\d{3}))$' },
      ],
    },
  })
}

/** Subset, Service, namespace; a Service without subsets is a workload of its own. */
const CLUSTER = 'outbound\\|\\d+\\|([^|]+)\\|([^.]+)\\.([^.]+)\\..*'
const WHOLE = 'outbound\\|\\d+\\|()\\|([^.]+)\\.([^.]+)\\..*'

/** Gives Envoy's own counters the names of Istio's, whose filter upstream Envoy does not have. Only names are mapped. */
function renamed(from: string, to: string, cluster: string) {
  const set = (target_label: string, replacement: string) => ({
    source_labels: ['__name__', 'cluster_name'],
    regex: `${from};${cluster}`,
    target_label,
    replacement,
  })
  return [
    set('reporter', 'source'),
    set('destination_version', '$1'),
    set('destination_workload', cluster === WHOLE ? '$2' : '$2-$1'),
    set('destination_service_name', '$2'),
    set('destination_service_namespace', '$3'),
    set('__name__', to),
  ]
}

export function prometheusConfiguration(): string {
  return dump({
    global: { scrape_interval: '1s', scrape_timeout: '900ms' },
    scrape_configs: [
      {
        job_name: 'envoy',
        metrics_path: '/stats/prometheus',
        static_configs: [{ targets: [at(PORTS.envoyAdmin)] }],
        metric_relabel_configs: [
          ...[CLUSTER, WHOLE].flatMap((cluster) => [
            ...renamed('envoy_cluster_upstream_rq', 'istio_requests_total', cluster),
            ...renamed('envoy_cluster_upstream_rq_time_bucket', 'istio_request_duration_milliseconds_bucket', cluster),
          ]),
          { source_labels: ['__name__'], regex: 'istio_.*', action: 'keep' },
          { regex: 'cluster_name', action: 'labeldrop' },
        ],
      },
      // The pods' own counters, for what the callers' proxies cannot tell apart.
      { job_name: 'pods', honor_labels: true, static_configs: [{ targets: [at(PORTS.kubelet)] }] },
    ],
  })
}

/** What istiod's mesh needs to be with an Envoy that has none of Istio's own filters. */
export const MESH = dump({
  enableAutoMtls: false,
  enablePrometheusMerge: false,
  defaultProviders: { metrics: [] },
})

export const ISTIOD_ENV = {
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  PILOT_ENABLE_ALPN_FILTER: 'false',
  PILOT_CERT_PROVIDER: 'istiod',
  POD_NAME: 'istiod',
  POD_NAMESPACE: 'istio-system',
  INJECTION_WEBHOOK_CONFIG_NAME: '',
  VALIDATION_WEBHOOK_CONFIG_NAME: '',
} as const
