/**
 * What bundles have in place of `@aws-sdk/middleware-endpoint-discovery` (infra/constructs/node-function.ts). DynamoDB
 * is asked at its regional endpoint; the discovery, off by default and for every operation that we use, brings a cache
 * and a map of its own: 8 KB.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: (): undefined => undefined,
  configFileSelector: (): undefined => undefined,
  default: undefined,
};

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config;
