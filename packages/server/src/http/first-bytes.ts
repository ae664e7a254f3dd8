import type { Socket } from "node:net";

/** What an HTTP/2 client sends first when it knows that the server speaks it (RFC 9113, section 3.4). */
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/**
 * Looks at the first bytes of a connection, puts them back, and passes the connection on. `onKnown` learns whether they
 * are the preface of HTTP/2; otherwise it is HTTP/1.1. The bytes may come one by one. A connection that ends before it
 * is known is dropped. The account of connections limits how long this may take.
 */
export function onFirstBytes(socket: Socket, onKnown: (isHttp2: boolean) => void): void {
  const drop = (): void => {
    socket.destroy();
  };
  let seen: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, http2Preface.length);
    const isPreface = seen.subarray(0, compared).equals(http2Preface.subarray(0, compared));
    if (isPreface && compared < http2Preface.length) return;
    socket.off("data", onData);
    socket.off("end", drop);
    // Paused, so that nothing gets past between here and the new owner, who starts the flow again.
    socket.pause();
    socket.unshift(seen);
    onKnown(isPreface);
  };
  socket.on("data", onData);
  socket.on("end", drop);
}
