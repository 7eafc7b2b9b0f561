import { describe, expect, it, vi } from 'vitest';
import { EventHub, silentLogger } from '../src/index.js';

interface Events {
  block: { slot: bigint };
  closed: { reason: string };
}

describe('EventHub', () => {
  it('calls the listeners of that event, in the order they came, until they end', () => {
    const hub = new EventHub<Events>(silentLogger);
    const heard: string[] = [];
    const end = hub.on('block', ({ slot }) => heard.push(`a ${slot}`));
    hub.on('block', ({ slot }) => heard.push(`b ${slot}`));
    hub.on('closed', ({ reason }) => heard.push(reason));
    hub.emit('block', { slot: 1n });
    end();
    end();
    hub.emit('block', { slot: 2n });
    hub.emit('closed', { reason: 'done' });
    expect(heard).toEqual(['a 1', 'b 1', 'b 2', 'done']);
  });

  it('takes a listener that ends itself', () => {
    const hub = new EventHub<Events>(silentLogger);
    const heard: string[] = [];
    const end = hub.on('block', () => {
      heard.push('once');
      end();
    });
    hub.on('block', () => heard.push('always'));
    hub.emit('block', { slot: 1n });
    hub.emit('block', { slot: 2n });
    expect(heard).toEqual(['once', 'always', 'always']);
  });

  it('logs a listener that throws, and calls the others', () => {
    const error = vi.fn();
    const hub = new EventHub<Events>({ ...silentLogger, error });
    const failure = new Error('of the listener');
    const other = vi.fn();
    hub.on('block', () => {
      throw failure;
    });
    hub.on('block', other);
    hub.emit('block', { slot: 1n });
    expect(other).toHaveBeenCalledWith({ slot: 1n });
    expect(error).toHaveBeenCalledWith('an event listener failed', { event: 'block' }, failure);
  });
});
