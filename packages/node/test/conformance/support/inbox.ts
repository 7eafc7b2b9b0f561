/** Keeps what a subscription delivers until the test looks at it. */
export class Inbox<T> {
  readonly #received: T[] = [];
  #arrived: (() => void)[] = [];

  /**
   * Reads from now on: what arrives before somebody iterates over notifications of @solana/kit is lost. Ends
   * with the iterable, without a word: that is how a test ends its subscriptions.
   */
  static from<T>(notifications: AsyncIterable<T>): Inbox<T> {
    const inbox = new Inbox<T>();
    const read = async () => {
      for await (const notification of notifications) inbox.push(notification);
    };
    read().catch(() => {});
    return inbox;
  }

  readonly push = (notification: T): void => {
    this.#received.push(notification);
    for (const resume of this.#arrived.splice(0)) resume();
  };

  /** The first `count`, in order. */
  async take(count: number): Promise<T[]> {
    while (this.#received.length < count) await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.#received.slice(0, count);
  }

  /** The first that a test waits for; those before it are passed over. */
  async first(wanted: (notification: T) => boolean = () => true): Promise<T> {
    for (let count = 1; ; count += 1) {
      const notification = (await this.take(count))[count - 1] as T;
      if (wanted(notification)) return notification;
    }
  }
}
