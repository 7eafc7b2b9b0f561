import type { Subscription } from './types.js';

/**
 * Sends a notification to everybody who shares a subscription.
 * @param result - JSON
 */
export function notify(subscription: Subscription, result: string): void {
  const text = notification(subscription.topic.kind, subscription.id, result);
  for (const subscriber of subscription.subscribers) subscriber.notify(text);
}

/** The message in Agave's shape. */
export function notification(kind: string, id: number, result: string): Buffer {
  return Buffer.from(
    `{"jsonrpc":"2.0","method":"${kind}Notification","params":{"result":${result},"subscription":${id}}}`,
  );
}

/** A result that tells of which slot it is. */
export function contextual(slot: bigint, value: string): string {
  return `{"context":{"slot":${slot}},"value":${value}}`;
}
