import type { Logger } from '@polyproof/base';
import { type BankReader, encodeBase58 } from '@polyproof/svm';
import { addressText } from '../encoding/address-text.js';
import { stringifyJson } from '../server/json.js';
import { accountText } from './account-text.js';
import { contextual, notify } from './notification.js';
import type { TopicIndex } from './topic-index.js';
import type { AccountChange, AccountForm, SubscriptionTo, TransactionLogs } from './types.js';

/** Tells the subscribers of one level what has changed. Everything is encoded once, however many hear of it. */
export class Publisher {
  readonly #index: TopicIndex;
  readonly #bank: BankReader;
  readonly #logger: Logger;

  constructor(index: TopicIndex, modules: { bank: BankReader; logger: Logger }) {
    this.#index = index;
    this.#bank = modules.bank;
    this.#logger = modules.logger;
  }

  /** Whether a change concerns anybody. */
  wantsAccount({ key, account }: AccountChange): boolean {
    if (this.#index.accounts.has(key)) return true;
    return account !== null && this.#index.programs.matching(account).length > 0;
  }

  account(change: AccountChange): void {
    const { address, account, slot, key } = change;
    const accounts = this.#index.accounts.get(key);
    const programs = account === null ? [] : this.#index.programs.matching(account);
    if (accounts === undefined && programs.length === 0) return;
    const texts = new Map<string, string>();
    const textIn = (form: AccountForm) => {
      const known = texts.get(form.name);
      if (known !== undefined) return known;
      const text = accountText(address, account, form, this.#bank);
      texts.set(form.name, text);
      return text;
    };
    try {
      for (const one of accounts ?? []) notify(one, contextual(slot, textIn(one.topic.form)));
      for (const one of programs) {
        const value = `{"pubkey":"${addressText(address)}","account":${textIn(one.topic.form)}}`;
        notify(one, contextual(slot, value));
      }
    } catch (error) {
      this.#logger.error(
        'an account cannot be shown to its subscribers',
        { address: addressText(address) },
        error,
      );
    }
  }

  /** The subscriptions that want a transaction's logs. */
  logsSubscriptions(mentions: readonly string[], isVote: boolean): SubscriptionTo<'logs'>[] {
    const { logs, logsWithVotes, logsOf } = this.#index;
    const found = isVote ? [...logsWithVotes] : [...logsWithVotes, ...logs];
    if (logsOf.size > 0) for (const address of mentions) found.push(...(logsOf.get(address) ?? []));
    return found;
  }

  get wantsLogs(): boolean {
    const { logs, logsWithVotes, logsOf } = this.#index;
    return logs.size > 0 || logsWithVotes.size > 0 || logsOf.size > 0;
  }

  logs(of: TransactionLogs, subscriptions: readonly SubscriptionTo<'logs'>[]): void {
    if (subscriptions.length === 0) return;
    const { slot, signature, error, logs } = of;
    const value = stringifyJson({ signature: encodeBase58(signature), err: error, logs });
    const result = contextual(slot, value);
    for (const one of subscriptions) notify(one, result);
  }
}
