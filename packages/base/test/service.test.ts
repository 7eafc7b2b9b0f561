import { describe, expect, it } from 'vitest';
import { type Service, ServiceStack, sleep } from '../src/index.js';

function recorder() {
  const closed: string[] = [];
  const service = (name: string, failure?: Error): Service & { name: string } => ({
    name,
    async close() {
      await sleep(0);
      closed.push(name);
      if (failure !== undefined) throw failure;
    },
  });
  return { closed, service };
}

describe('ServiceStack', () => {
  it('closes in the reverse order of the start, each once', async () => {
    const { closed, service } = recorder();
    const stack = new ServiceStack();
    expect(stack.add(service('database')).name).toBe('database');
    stack.add(service('engine'));
    stack.add(service('server'));
    await stack.close();
    await stack.close();
    expect(closed).toEqual(['server', 'engine', 'database']);
  });

  it('closes all of them although some fail, and throws the first error once', async () => {
    const { closed, service } = recorder();
    const [first, second] = [new Error('first'), new Error('second')];
    const stack = new ServiceStack();
    stack.add(service('a', second));
    stack.add(service('b'));
    stack.add(service('c', first));
    await expect(stack.close()).rejects.toBe(first);
    expect(closed).toEqual(['c', 'b', 'a']);
    await stack.close();
  });

  it('lets a second caller wait for the first', async () => {
    const { closed, service } = recorder();
    const stack = new ServiceStack();
    stack.add(service('a'));
    stack.add(service('b'));
    void stack.close();
    await stack.close();
    expect(closed).toEqual(['b', 'a']);
  });

  it('closes what was added after it was closed', async () => {
    const { closed, service } = recorder();
    const stack = new ServiceStack();
    await stack.close();
    stack.add(service('late'));
    await stack.close();
    expect(closed).toEqual(['late']);
  });
});
