import { platform } from "#platform";
import type { NetworkOptions, ServiceConnection } from "../platform/platform.ts";
import { connectServer } from "../transport/connect-server.ts";
import type { Target } from "./resolve-target.ts";

/**
 * Opens what a target names: an engine in this process, shared with all other clients that name it, or a server.
 *
 * @throws `store_locked` if another process has the directory; `conflict` if a cluster is not set up safely; `not_configured` if this platform cannot do it;
 *   what a server refuses with, and `unavailable` if it is not there.
 */
export function openConnection(target: Target, options: NetworkOptions): Promise<ServiceConnection> {
  switch (target.kind) {
    case "memory":
      return platform.openMemory(target.name);
    case "file":
      return platform.openDirectory(target.directory);
    case "redis":
      return platform.openRedis(target.url, options);
    case "server":
      return connectServer(target, options, platform);
  }
}
