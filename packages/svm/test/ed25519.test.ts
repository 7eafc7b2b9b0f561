import { sign } from 'node:crypto';
import { fromHex, toHex } from '@polyproof/base';
import { expect, it } from 'vitest';
import { ed25519KeyPair } from '../src/index.js';

it('derives the keys of RFC 8032, section 7.1', () => {
  const { privateKey, address } = ed25519KeyPair(
    fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  );
  expect(toHex(address)).toBe('0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  expect(toHex(sign(null, new Uint8Array(), privateKey))).toBe(
    '0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
});
