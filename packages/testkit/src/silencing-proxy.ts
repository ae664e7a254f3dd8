import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";

/**
 * A proxy of connections that can lose answers: it goes on to hand over what clients send, but nothing that the server
 * says. So calls take effect, and nobody hears of it.
 */
export class SilencingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  #isSilent = false;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => this.#connect(client, targetPort));
  }

  /** Starts one on a free port in front of a port of this machine. */
  static async start(targetPort: number): Promise<SilencingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new SilencingProxy(server, targetPort);
  }

  /** From now on answers are lost. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Cuts all connections; on those that come then, answers arrive. */
  cut(): void {
    this.#isSilent = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket, targetPort: number): void {
    const target = createConnection(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
    }
    client.pipe(target);
    target.on("data", (bytes) => {
      if (!this.#isSilent) client.write(bytes);
    });
    client.on("close", () => target.destroy());
    target.on("close", () => client.destroy());
  }
}
