import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";

/** A proxy in front of one server that can lose replies: what was sent is executed, its answer never arrives. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  /** While positive, the next replies to commands are dropped and their connections cut, one at a time. */
  cutsLeft = 0;
  /** Only replies to batches with this text count. */
  cutOnly = "";
  /** Whether a reply beyond those is lost as well: asked for each batch of scripts. */
  cutsAlso: () => boolean = () => false;
  /** Told of what was passed on. */
  onSent: (sent: Buffer) => void = () => {};
  /** How many replies were lost. */
  cuts = 0;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => this.#serve(client, targetPort));
  }

  /** Starts one on a free port, in front of a port of this machine. */
  static async start(targetPort: number): Promise<CuttingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new CuttingProxy(server, targetPort);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Ends it and its connections. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket, targetPort: number): void {
    const target = createConnection(targetPort, "127.0.0.1");
    let doomed = false;
    const end = (): void => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      this.#sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    client.on("data", (sent) => {
      if (!doomed && sent.includes("EVALSHA") && sent.includes(this.cutOnly)) {
        doomed = this.cutsLeft > 0 || this.cutsAlso();
        if (doomed) this.cuts++;
        if (this.cutsLeft > 0) this.cutsLeft--;
      }
      target.write(sent);
      this.onSent(sent);
    });
    // The reply is here, so the command was executed.
    target.on("data", (reply) => (doomed ? end() : client.write(reply)));
  }
}
