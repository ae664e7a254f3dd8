import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createError } from "@everdict/protocol";
import { Router, type RouterOptions } from "../cluster/router.ts";
import { SocketTransport } from "../cluster/socket-transport.ts";
import { RespParser } from "../resp/resp-parser.ts";

/** What a fake server does with a command: a raw RESP2 reply, silence, or the end of the connection. */
export type FakeReply = string | "silence" | "cut";

/** Called for each command but those of the protocol's beginning. */
export type FakeHandler = (command: readonly string[], server: FakeServer) => FakeReply;

/** A server that speaks RESP2 and does what a test says. Claims every slot for the address that `owner` says. */
export class FakeServer {
  readonly #server: Server;
  readonly #handler: FakeHandler;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  /** Every command that the handler saw, joined by spaces. */
  readonly seen: string[] = [];
  /** Who the slots belong to, as this server says. Default: itself. */
  owner: FakeServer = this;

  private constructor(server: Server, handler: FakeHandler) {
    this.#server = server;
    this.#handler = handler;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.#serve(socket));
  }

  /** Starts one on a free port. */
  static async start(handler: FakeHandler): Promise<FakeServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakeServer(server, handler);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Ends it and its connections. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    const parser = new RespParser((command) => {
      const words = (command as Buffer[]).map((word) => word.toString());
      const reply = this.#ofProtocol(words) ?? this.#ofTest(words);
      if (reply === "cut") socket.destroy();
      else if (reply !== "silence") socket.write(reply);
    });
    socket.on("data", (chunk) => parser.push(chunk));
  }

  #ofProtocol(command: readonly string[]): string | undefined {
    switch (command.slice(0, 2).join(" ")) {
      case "PING":
        return "+PONG\r\n";
      case "CLUSTER INFO":
        return bulk("cluster_state:ok\r\ncluster_current_epoch:1\r\n");
      case "CLUSTER SLOTS":
        return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${bulk("127.0.0.1")}:${this.owner.port}\r\n${bulk("id")}`;
      default:
        return undefined;
    }
  }

  #ofTest(command: readonly string[]): FakeReply {
    this.seen.push(command.join(" "));
    return this.#handler(command, this);
  }
}

/** A bulk string. */
export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

/** An open router on some seeds, with short times. */
export async function openRouter(
  seeds: readonly string[],
  options: Partial<RouterOptions> = {},
): Promise<Router> {
  const transport = new SocketTransport({ connectTimeoutMs: 500, greeting: [] });
  const router = new Router({
    transport,
    seeds,
    lanes: 1,
    waitReplicas: 0,
    commandTimeoutMs: 300,
    deadlineMs: 3_000,
    pendingMaxBytes: 1_000_000,
    onForeign: (what) => createError("data_loss", what),
    ...options,
  });
  await router.open();
  return router;
}
