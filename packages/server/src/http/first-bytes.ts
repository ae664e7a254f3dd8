import type { Socket } from "node:net";

/** What an HTTP/2 client sends first when it knows that the server speaks it (RFC 9113, section 3.4). */
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/**
 * Looks at the first bytes of a connection and hands it on, with those bytes put back: whether they are the preface of
 * HTTP/2, and so not HTTP/1.1, is what `onKnown` is told. They may come one by one; a connection that ends before it can
 * be told apart is dropped. How long it may take is for the account of connections.
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
