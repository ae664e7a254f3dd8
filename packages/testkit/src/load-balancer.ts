import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";

/** A balancer of connections as simple as they come: each goes to one of the ports that accepts it. */
export class LoadBalancer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  /** How many connections were made to it. */
  connectionsMade = 0;

  private constructor(server: Server, ports: readonly number[]) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => {
      this.#keep(client);
      const first = this.connectionsMade++ % ports.length;
      this.#connect(client, [...ports.slice(first), ...ports.slice(0, first)]);
    });
  }

  /** Starts one on a free port in front of ports of this machine. */
  static async start(ports: readonly number[]): Promise<LoadBalancer> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new LoadBalancer(server, ports);
  }

  /** Ends every connection as it is, so that answers under way are lost. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      client.destroy();
      return;
    }
    const target = createConnection(port, "127.0.0.1");
    this.#keep(target);
    target.once("error", () => this.#connect(client, others));
    target.once("connect", () => {
      target.removeAllListeners("error").on("error", () => client.destroy());
      client.on("error", () => target.destroy());
      client.on("close", () => target.end());
      target.on("close", () => client.end());
      client.pipe(target);
      target.pipe(client);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
