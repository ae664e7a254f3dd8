import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { PromptDictService } from "@everdict/protocol";
import { SessionHost, type SessionHostOptions } from "../src/index.ts";
import { SessionUpgrades } from "../src/node/index.ts";
import { token } from "./session-setup.ts";

/** A server of sessions on a port of this machine. */
export interface SocketServer {
  readonly host: SessionHost;
  readonly port: number;
  /** In order: sessions are told to go first. */
  stop(graceMs?: number): Promise<void>;
  /** As a killed process: connections break, the port is free. */
  crash(): Promise<void>;
}

/** What {@link socketServer} can be told. */
export interface SocketServerOptions extends Partial<SessionHostOptions> {
  readonly port?: number | undefined;
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

/** Listens, and serves sessions to clients with the token. Any other request is answered 404. */
export async function socketServer(
  service: PromptDictService,
  { port = 0, tls, ...options }: SocketServerOptions = {},
): Promise<SocketServer> {
  const caller = { service, isValid: () => true };
  const authorize = (tokenId: string, tokenSecret: string) =>
    tokenId === token.tokenId && tokenSecret === token.tokenSecret ? caller : undefined;
  const host = new SessionHost({ authorize, ...options });
  const upgrades = new SessionUpgrades({ host, authorize: options.authorize ?? authorize });
  const server: Server = tls === undefined ? createServer() : createSecureServer(tls);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (_request, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket, head) => {
    if (!upgrades.handle(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    host,
    port: (server.address() as AddressInfo).port,
    stop: async (graceMs = 1000) => {
      const closed = close();
      await host.close(graceMs);
      server.closeAllConnections();
      await closed;
    },
    crash: async () => {
      const closed = close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
  };
}
