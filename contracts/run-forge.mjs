#!/usr/bin/env node
// Runs forge in this folder: `node contracts/run-forge.mjs test -vv`.
// The native binary of the npm package is started, not its Node shim, so that signals reach forge itself.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CONTRACTS = fileURLToPath(new URL('.', import.meta.url));
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/** Path of the native forge binary; the reason it cannot run here, as the message of the error. */
export function forgeBinary() {
  const { platform, arch } = process;
  const name = `@foundry-rs/forge-${platform}-${ARCHITECTURES[arch] ?? arch}`;
  const file = `${name}/bin/forge${platform === 'win32' ? '.exe' : ''}`;
  const require = createRequire(import.meta.url);
  try {
    // The platform package is a dependency of @foundry-rs/forge, wherever npm put it.
    return createRequire(require.resolve('@foundry-rs/forge/package.json')).resolve(file);
  } catch {
    throw new Error(
      `forge is not installed for ${platform}-${arch}: ${name} is missing; run npm install without --omit=optional.`,
    );
  }
}

/** Runs forge with `args` in contracts/; resolves to its exit code. */
export function runForge(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(forgeBinary(), args, { cwd: CONTRACTS, stdio: 'inherit', ...options });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('exit', kill);
      resolve(code ?? 1);
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.exitCode = await runForge(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
