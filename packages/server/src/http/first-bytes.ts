import type { Socket } from "node:net";

/** What an HTTP/2 client sends first when it knows that the server speaks it (RFC 9113, section 3.4). */
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** How a connection is told apart. */
export interface FirstBytesOptions {
  /** How long the first bytes may take, in milliseconds. Then the connection is dropped. */
  readonly timeoutMs: number;
  readonly onHttp1: (socket: Socket) => void;
  readonly onHttp2: (socket: Socket) => void;
}

/**
 * Looks at the first bytes of a connection and hands it on, with those bytes put back: to HTTP/2 if they are its
 * preface, else to HTTP/1.1. They may come one by one; a connection that sends too little for too long, or ends
 * before it can be told apart, is dropped.
 */
export function onFirstBytes(socket: Socket, { timeoutMs, onHttp1, onHttp2 }: FirstBytesOptions): void {
  const drop = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(drop, timeoutMs);
  timer.unref();
  let seen: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, http2Preface.length);
    const isPreface = seen.subarray(0, compared).equals(http2Preface.subarray(0, compared));
    if (isPreface && compared < http2Preface.length) return;
    clearTimeout(timer);
    socket.off("data", onData);
    socket.off("end", drop);
    // Paused, so that nothing gets past between here and the new owner, who starts the flow again.
    socket.pause();
    socket.unshift(seen);
    if (isPreface) onHttp2(socket);
    else onHttp1(socket);
  };
  socket.on("data", onData);
  socket.on("end", drop);
  socket.on("close", () => clearTimeout(timer));
}
