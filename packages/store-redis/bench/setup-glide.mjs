// Installs valkey-glide, which is a native package of 15 MB and so not among the project's, beside the other peers of the
// benches. Without running install scripts: it carries binaries for the usual systems.
//
//   node packages/store-redis/bench/setup-glide.mjs
import { fileURLToPath } from "node:url";
import { installPeer, loadPeer } from "../../store-log/bench/setup-peers.mjs";

const name = "@valkey/valkey-glide";
const version = "2.5.2";

/** valkey-glide, installed if it is not yet; undefined where it does not install or load, which is said loudly. */
export async function loadGlide() {
  installPeer(name, version);
  try {
    return await loadPeer(name);
  } catch (error) {
    console.error(`\n  **********\n  NO VALKEY-GLIDE in this comparison: ${error.message}\n  **********\n`);
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await loadGlide();
