import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A TCP connection to a server, once it is there. */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Sends bytes and gathers what comes back until the server closes the connection, or nothing more comes. */
export async function exchange(url: string, bytes: Uint8Array, quietMs = 1000): Promise<Buffer> {
  const socket = await connectTo(url);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.setTimeout(quietMs, () => socket.destroy());
  socket.write(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks);
}
