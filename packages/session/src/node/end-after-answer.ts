import type { Duplex } from "node:stream";

/** How long the peer may take to close its half, in milliseconds. */
const lingerMs = 1000;
/** How many bytes are read and dropped meanwhile. */
const droppedMaxBytes = 64 * 1024;

/**
 * Ends a connection after its last answer. For a moment it reads and drops what the peer still sends, because unread
 * bytes would make the system cut off the answer. Then it destroys the connection in any case: a peer that never closes
 * its half would hold it for ever.
 */
export function endAfterAnswer(socket: Duplex, answer?: string): void {
  const destroy = (): void => {
    socket.destroy();
  };
  let droppedBytes = 0;
  socket.on("error", destroy);
  socket.on("data", (chunk: Uint8Array) => {
    droppedBytes += chunk.length;
    if (droppedBytes > droppedMaxBytes) destroy();
  });
  const timer = setTimeout(destroy, lingerMs);
  timer.unref?.();
  socket.on("close", () => clearTimeout(timer));
  if (answer === undefined) socket.end();
  else socket.end(answer);
}
