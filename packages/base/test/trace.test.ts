import { expect, it } from 'vitest';
import { type Logger, sequenceTrace, silentLogger, traced } from '../src/index.js';

it('adds one id per sequence to every line that names one', () => {
  const lines: unknown[] = [];
  const sink: Logger = {
    ...silentLogger,
    info: (message, context, error) => lines.push([message, context, error]),
    child: (context) => {
      lines.push(['child', context]);
      return sink;
    },
  };
  const logger = traced(sink, '1:0xabc');
  const error = new RangeError('x');
  logger.info('a', { sequence: 7n }, error);
  logger.info('b', { sequence: 7, other: 1 });
  logger.info('c');
  logger.child({ sequence: 8n }).info('d', { sequence: '7' });
  const trace = sequenceTrace('1:0xabc', 7n);
  expect(trace).toBe('1:0xabc/7');
  expect(lines).toEqual([
    ['a', { sequence: 7n, trace }, error],
    ['b', { sequence: 7, other: 1, trace }, undefined],
    ['c', {}, undefined],
    ['child', { sequence: 8n, trace: '1:0xabc/8' }],
    ['d', { sequence: '7' }, undefined],
  ]);
});
