import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FrameChild } from '../src/index.js';

/** Echoes each frame; `x` writes to standard error and dies, `z` throws. */
const ENTRY = `
import { serveFrames } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
serveFrames((frame) => {
  if (frame.length === 1 && frame[0] === 120) {
    process.stderr.write('last words');
    process.abort();
  }
  if (frame.length === 1 && frame[0] === 122) throw new Error('no such frame');
  return frame.length === 0 ? undefined : frame;
});
`;

describe('FrameChild', () => {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-frames-'));
  beforeAll(() => writeFileSync(join(directory, 'entry.mjs'), ENTRY));
  afterAll(() => rmSync(directory, { recursive: true }));
  afterEach(() => child.close());

  let child: FrameChild;
  let frames: Buffer[];
  let ended: Promise<string>;
  /** Starts the child; the promise of each `take` is for that many more frames. */
  const start = () => {
    frames = [];
    let wake = () => {};
    let end: (why: string) => void;
    ended = new Promise((resolve) => (end = resolve));
    child = new FrameChild(
      { importMetaUrl: pathToFileURL(join(directory, 'caller.mjs')).href, entry: './entry.mjs' },
      {
        onFrame: (frame) => {
          frames.push(frame);
          wake();
        },
        onEnd: (why) => end(why),
      },
    );
    return async (count: number) => {
      while (frames.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return frames.splice(0, count);
    };
  };

  it('exchanges frames of any size, in order', async () => {
    const take = start();
    const sizes = [1, 2, 0, 3, 65_535, 65_536, 65_537, 5, 3_000_000, 1, 0, 700_000, 4];
    const sent = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    for (const frame of sent) child.send(frame);
    const answered = sent.filter(({ length }) => length > 0);
    const received = await take(answered.length);
    expect(received.map(({ length }) => length)).toEqual(answered.map(({ length }) => length));
    expect(received.every((frame, index) => frame.equals(answered[index]!))).toBe(true);
  });

  it('joins the parts of a frame, and takes many small frames', async () => {
    const take = start();
    child.send(Buffer.from('one '), Buffer.alloc(0), Buffer.from('frame'));
    expect((await take(1)).map(String)).toEqual(['one frame']);
    for (let i = 0; i < 5_000; i++) child.send(Buffer.from(`frame ${i}`));
    expect((await take(5_000)).map(String)).toEqual(Array.from({ length: 5_000 }, (_, i) => `frame ${i}`));
  });

  it('tells how the child died, and what it said last', async () => {
    const take = start();
    child.send(Buffer.from('a'));
    await take(1);
    child.send(Buffer.from('x'));
    expect(await ended).toBe('it ended with SIGABRT');
    expect(child.stderr).toContain('last words');
    child.send(Buffer.from('nobody hears this'));
  });

  it('notices an error of the handler', async () => {
    start();
    child.send(Buffer.from('z'));
    expect(await ended).toBe('it ended with code 1');
    expect(child.stderr).toContain('no such frame');
  });

  it('kills a child that hangs, with the reason that it is given', async () => {
    const take = start();
    child.send(Buffer.from('a'));
    await take(1);
    process.kill(child.processId!, 'SIGSTOP');
    child.kill('it hung');
    expect(await ended).toBe('it hung');
    await child.close();
    expect(() => process.kill(child.processId!, 0)).toThrow();
  });
});
