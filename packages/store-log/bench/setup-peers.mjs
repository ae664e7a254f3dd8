// Installs the stores that the bench compares with into .cache/bench-peers, without running install scripts: all of
// them carry binaries for the usual systems. What does not install or load is left out of the bench, loudly.
//
//   node packages/store-log/bench/setup-peers.mjs
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const cache = fileURLToPath(new URL("../../../.cache/bench-peers/", import.meta.url));
const manifest = join(cache, "package.json");
const versions = { lmdb: "3.5.6", "classic-level": "3.0.0", "@deno/kv": "0.14.0" };

/** Installs what is missing, one by one, since one that does not install should not take the others with it. */
export function setupPeers() {
  for (const [name, version] of Object.entries(versions)) installPeer(name, version);
}

/** Installs one package if it is not there. Says so, and goes on, if that does not work. */
export function installPeer(name, version) {
  mkdirSync(cache, { recursive: true });
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  if (existsSync(join(cache, "node_modules", name))) return;
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${version}`];
  const { status } = spawnSync("npm", args, { cwd: cache, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) console.error(`${name}@${version} does not install here`);
}

/** Loads one of them. @throws if it is not installed, or its binary does not fit */
export async function loadPeer(name) {
  return await import(pathToFileURL(createRequire(manifest).resolve(name)).href);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setupPeers();
