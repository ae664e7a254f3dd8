import type { RedisCluster } from "@everdict/testkit";
import type { Address } from "../../cluster/address.ts";
import { SocketTransport, type SocketTransportOptions } from "../../cluster/socket-transport.ts";
import type { Transport } from "../../cluster/transport.ts";
import { CuttingProxy } from "../cutting-proxy.ts";

/** A way to every server of a cluster on which replies get lost, together with their connections. */
export class LossyNetwork {
  readonly #proxies: ReadonlyMap<Address, CuttingProxy>;

  private constructor(proxies: ReadonlyMap<Address, CuttingProxy>) {
    this.#proxies = proxies;
  }

  /** @param isLost asked for each batch that has scripts. */
  static async start(cluster: RedisCluster, isLost: () => boolean): Promise<LossyNetwork> {
    const proxies = cluster.members.map(async ({ server }) => {
      const proxy = await CuttingProxy.start(server.port);
      proxy.cutsAlso = isLost;
      return [server.address, proxy] as const;
    });
    return new LossyNetwork(new Map(await Promise.all(proxies)));
  }

  /** Connections that go this way, for `openStoreOver`. */
  readonly connections = (options: SocketTransportOptions): Transport => {
    const sockets = new SocketTransport(options);
    return {
      // Servers go on naming each other by their own addresses.
      connect: (address, events) => sockets.connect(this.#proxies.get(address)?.address ?? address, events),
    };
  };

  /** How many replies were lost. */
  get repliesLost(): number {
    return [...this.#proxies.values()].reduce((sum, { cuts }) => sum + cuts, 0);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
  }
}
