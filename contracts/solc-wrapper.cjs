#!/usr/bin/env node
// Lets forge use the solc of npm (WASM) as if it were the native compiler. Forge asks two things of it:
// the version, and to compile a standard-JSON input; sources arrive inline, so no import callback is needed.
const { readFileSync, writeSync } = require('node:fs');
const solc = require('solc');

/** A pipe may take only part of a large output at once, and refuse while it is full. */
function writeAll(text) {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(1, bytes, offset);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function main(args) {
  if (args.includes('--version')) {
    // Forge accepts only the platform names of native builds.
    const version = solc.version().replace('.Emscripten.clang', '.Linux.g++');
    writeAll(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
    return 0;
  }
  if (args.includes('--standard-json')) {
    writeAll(solc.compile(readFileSync(0, 'utf8')));
    return 0;
  }
  process.stderr.write(
    `solc-wrapper: only --version and --standard-json are supported, got: ${args.join(' ')}\n`,
  );
  return 1;
}

// The WASM runtime keeps the process alive unless it is ended.
process.exit(main(process.argv.slice(2)));
