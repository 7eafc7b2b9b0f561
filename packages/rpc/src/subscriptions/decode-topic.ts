import { accountOptions } from '../encoding/account-options.js';
import { type AccountFilter, decodeFilters } from '../encoding/filters.js';
import { invalidParams, paramError } from '../errors.js';
import { type Config, Params } from '../params.js';
import { tryDecodeBase58 } from '../wire.js';
import { bytesKey } from './multi-map.js';
import type { AccountForm, Level, Topic, TopicOf } from './types.js';

/** A topic, and a name that is the same for the same parameters. */
export interface NamedTopic<T extends Topic = Topic> {
  name: string;
  topic: T;
}

/** `accountSubscribe(address, {commitment, encoding, dataSlice})` */
export function accountTopic(values: readonly unknown[]): NamedTopic<TopicOf<'account'>> {
  const params = new Params(values);
  const address = bytesKey(base58(params.string(0, 'address'), 32, 'pubkey'));
  const config = params.config(1);
  const form = formOf(config);
  return {
    name: `account ${address} ${config.commitment} ${form.name}`,
    topic: { kind: 'account', level: levelOf(config), address, form },
  };
}

/** `programSubscribe(address, {commitment, encoding, dataSlice, filters})` */
export function programTopic(values: readonly unknown[]): NamedTopic<TopicOf<'program'>> {
  const params = new Params(values);
  const program = bytesKey(base58(params.string(0, 'program'), 32, 'pubkey'));
  const config = params.config(1);
  const form = formOf(config);
  const filters = decodeFilters(config.get('filters'));
  return {
    name: `program ${program} ${config.commitment} ${form.name} ${filters.map(filterName).join(' ')}`,
    topic: { kind: 'program', level: levelOf(config), program, form, filters },
  };
}

/** `signatureSubscribe(signature, {commitment, enableReceivedNotification})` */
export function signatureTopic(values: readonly unknown[]): NamedTopic<TopicOf<'signature'>> {
  const params = new Params(values);
  const signature = base58(params.string(0, 'signature'), 64, 'signature');
  const signatureKey = bytesKey(signature);
  const config = params.config(1);
  const received = config.boolean('enableReceivedNotification');
  return {
    name: `signature ${signatureKey} ${config.commitment} ${received}`,
    topic: { kind: 'signature', level: levelOf(config), signature, signatureKey, received },
  };
}

/** `logsSubscribe('all' | 'allWithVotes' | {mentions: [address]}, {commitment})` */
export function logsTopic(values: readonly unknown[]): NamedTopic<TopicOf<'logs'>> {
  const config = new Params(values).config(1);
  const level = levelOf(config);
  const [filter] = values;
  if (filter === 'all' || filter === 'allWithVotes')
    return { name: `logs ${filter} ${config.commitment}`, topic: { kind: 'logs', level, filter } };
  const mentions = (filter as { mentions?: unknown } | null | undefined)?.mentions;
  if (!Array.isArray(mentions) || mentions.some((entry) => typeof entry !== 'string'))
    throw invalidParams('the filter must be "all", "allWithVotes" or {mentions: [address]}.');
  if (mentions.length !== 1) throw paramError('Invalid Request: Only 1 address supported');
  const address = bytesKey(base58(mentions[0], 32, 'mentions'));
  return {
    name: `logs of ${address} ${config.commitment}`,
    topic: { kind: 'logs', level, filter: 'mentions', address },
  };
}

/** @throws {RpcError} with Agave's words (rpc_pubsub.rs) */
function base58(text: string, length: number, thing: string): Uint8Array {
  const bytes = text.length <= length * 1.4 ? tryDecodeBase58(text) : undefined;
  if (bytes?.length !== length) throw paramError(`Invalid Request: Invalid ${thing} provided`);
  return bytes;
}

function levelOf(config: Config): Level {
  return config.commitment === 'finalized' ? 'final' : 'head';
}

function formOf(config: Config): AccountForm {
  const options = accountOptions(config, 'binary');
  const { encoding, dataSlice } = options;
  if (dataSlice === undefined) return { ...options, name: encoding };
  return { ...options, name: `${encoding} ${dataSlice.offset}+${dataSlice.length}` };
}

function filterName(filter: AccountFilter): string {
  if (filter.kind === 'dataSize') return `size ${filter.bytes}`;
  if (filter.kind === 'memcmp') return `at ${filter.offset} ${bytesKey(filter.bytes)}`;
  return filter.kind;
}
