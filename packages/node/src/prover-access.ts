import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AggregatorOptions } from '@polyproof/aggregator';
import type { Hex } from '@polyproof/base';
import { DEVELOPMENT_ACCOUNTS } from '@polyproof/chain';
import { isLoopback } from '@polyproof/protocol';
import type { AggregatorAddress } from '@polyproof/prover';
import type { DevnetConfig } from './config.js';
import { NodeError } from './errors.js';

const HOUR_MS = 3_600_000;

export type Access = Pick<AggregatorOptions, 'host' | 'port' | 'authentication' | 'tls' | 'blobs' | 'ops'>;

/**
 * How provers reach the aggregator, and who may: everybody on this machine, else the operators that are named.
 * @throws {NodeError} `USAGE` for half of a pair
 */
export function proverAccess(config: DevnetConfig, modules: { operator: Hex; directory: string }): Access {
  const {
    listen,
    host,
    allowOperators,
    publicUrl,
    tlsKey,
    tlsCert,
    blobRetentionHours,
    metricsPort,
    metricsHost,
  } = config;
  const address = listen ?? host;
  const others = allowOperators === '' ? [] : (allowOperators.split(',') as Hex[]);
  if ((tlsKey === undefined) !== (tlsCert === undefined))
    throw new NodeError('USAGE', 'TLS needs both --tls-key and --tls-cert.');
  return {
    host: address,
    port: config.aggregatorPort,
    ...(isLoopback(address) && others.length === 0
      ? {}
      : {
          authentication: {
            allowed: [modules.operator, ...others],
            servers: publicUrl === undefined ? [] : [publicUrl],
          },
        }),
    ...(tlsKey === undefined
      ? {}
      : { tls: { key: readFileSync(tlsKey, 'utf8'), cert: readFileSync(tlsCert!, 'utf8') } }),
    ...(metricsPort === undefined ? {} : { ops: { host: metricsHost, port: metricsPort } }),
    blobs: { directory: modules.directory, retentionMs: blobRetentionHours * HOUR_MS, ...bucketOf(config) },
  };
}

function bucketOf(config: DevnetConfig): Pick<NonNullable<AggregatorOptions['blobs']>, 's3'> {
  const { blobsUrl: url, blobsRegion: region, blobsAccessKeyId, blobsSecretAccessKey } = config;
  if (url === undefined) return {};
  if (blobsAccessKeyId === undefined || blobsSecretAccessKey === undefined)
    throw new NodeError(
      'USAGE',
      'a bucket needs --blobs-access-key-id and POLYPROOF_BLOBS_SECRET_ACCESS_KEY.',
    );
  const credentials = { accessKeyId: blobsAccessKeyId, secretAccessKey: blobsSecretAccessKey };
  return { s3: { url, region, credentials } };
}

/** How the network's own provers reach the aggregator. Where it asks for a login, the operator's key goes into a file. */
export function ownAddress(
  config: DevnetConfig,
  modules: { access: Access; url: string; directory: string },
): AggregatorAddress {
  const { access, url } = modules;
  const aggregatorUrl = access.tls !== undefined && config.publicUrl !== undefined ? config.publicUrl : url;
  const ca = config.tlsCa === undefined ? {} : { caFile: config.tlsCa };
  if (access.authentication === undefined) return { aggregatorUrl, ...ca };
  const keyFile = join(modules.directory, 'operator.key');
  writeFileSync(keyFile, DEVELOPMENT_ACCOUNTS[2]!.privateKey, { mode: 0o600 });
  return { aggregatorUrl, ...ca, keyFile };
}
