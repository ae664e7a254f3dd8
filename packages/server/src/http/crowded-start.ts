import { type IncomingHttpHeaders, performServerHandshake } from "node:http2";
import { Duplex } from "node:stream";
import { strangerStreamsMax } from "../connections/connection-limits.ts";

/**
 * The bytes with which an HTTP/2 connection begins are handed to the platform as one piece, which makes a stream for
 * every request in them before anybody hears of the first: a piece of 64 KiB may hold thousands. So a piece with more
 * requests than a stranger may have open is looked at beforehand: only if a good token is among the first of them is
 * it handed over. Nobody but a client that sends its first calls in one go pays for that.
 */

const prefaceBytes = 24;
const frameHeadBytes = 9;
const headersType = 1;

/** Where the last of the requests ends that a stranger may make; undefined if there are not so many. */
export function endOfFirstRequests(bytes: Buffer): number | undefined {
  let requests = 0;
  let at = prefaceBytes;
  while (at + frameHeadBytes <= bytes.length) {
    if (bytes[at + 3] === headersType && ++requests > strangerStreamsMax) return at;
    at += frameHeadBytes + bytes.readUIntBE(at, 3);
  }
  return undefined;
}

/** Whether one of the requests in these first bytes of a connection is good. Takes a few turns of the event loop. */
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
