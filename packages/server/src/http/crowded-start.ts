import { type IncomingHttpHeaders, performServerHandshake } from "node:http2";
import { Duplex } from "node:stream";
import { strangerStreamsMax } from "../connections/connection-limits.ts";

/**
 * The platform gets the first bytes of an HTTP/2 connection as one piece. It makes a stream for every request in them
 * before it reports the first; a piece of 64 KiB may hold thousands. So a piece with more requests than a stranger may
 * have open is examined first, and passed on only if a valid token is among its first requests. Only a client that
 * sends many first calls at once pays for that.
 */

const prefaceBytes = 24;
const frameHeadBytes = 9;
const headersType = 1;

/** The end of the last request that a stranger may make; undefined if there are fewer requests. */
export function endOfFirstRequests(bytes: Buffer): number | undefined {
  let requests = 0;
  let at = prefaceBytes;
  while (at + frameHeadBytes <= bytes.length) {
    if (bytes[at + 3] === headersType && ++requests > strangerStreamsMax) return at;
    at += frameHeadBytes + bytes.readUIntBE(at, 3);
  }
  return undefined;
}

/**
 * Whether one of the requests in these first bytes of a connection has a valid token. Takes a few turns of the event
 * loop.
 */
export function anyRequest(
  bytes: Buffer,
  isGood: (headers: IncomingHttpHeaders) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    let isFed = false;
    const source = new Duplex({
      read() {
        if (!isFed) this.push(bytes);
        isFed = true;
      },
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const session = performServerHandshake(source);
    const end = (result: boolean): void => {
      resolve(result);
      session.destroy();
      source.destroy();
    };
    session.on("error", () => end(false));
    session.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      if (isGood(headers)) end(true);
    });
    // All of them are heard of in the turn in which the bytes are read.
    setImmediate(() => setImmediate(() => end(false)));
  });
}
