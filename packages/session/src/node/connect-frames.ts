import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createError, type EverdictError, onAbort } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { sessionPath, sessionUpgradeToken } from "../frames/wire.ts";
import { connectionError, refusedUpgrade, servesNone } from "./connection-errors.ts";
import { SocketCarrier } from "./socket-carrier.ts";

/** Where to connect, and how. */
export interface ConnectFramesOptions {
  /** `http:` or `https:`; its path is the session's unless it names one. */
  readonly url: URL;
  /** Headers for the upgrade. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates to trust instead of the platform's, PEM. */
  readonly ca?: string | undefined;
  /** Gives the attempt up. */
  readonly signal?: AbortSignal | undefined;
}

const headMaxBytes = 16_384;

/**
 * Connects by an HTTP/1.1 upgrade to bare frames. The request is written by hand: it is a few lines, and the
 * HTTP clients of Node, Bun and Deno differ in what they do with an upgrade.
 *
 * @throws `unavailable` if nobody is there; `unauthenticated` if the headers are refused; `unimplemented` if
 *   somebody is there who does not serve sessions
 */
export function connectFrames(options: ConnectFramesOptions): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(options);
    const stopListening = onAbort(options.signal, () => socket.destroy());
    let response: Buffer = Buffer.alloc(0);
    let failure: unknown;
    const onData = (chunk: Buffer): void => {
      response = response.length === 0 ? chunk : Buffer.concat([response, chunk]);
      const end = response.indexOf("\r\n\r\n");
      if (end < 0 && response.length <= headMaxBytes && couldBeHttp(response)) return;
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.pause();
      stopListening();
      const refused = refusal(response.subarray(0, end < 0 ? headMaxBytes : end).toString("latin1"));
      if (refused === undefined) resolve(new SocketCarrier(socket, response.subarray(end + 4)));
      else {
        reject(refused);
        socket.destroy();
      }
    };
    socket.on("data", onData);
    socket.on("error", (error) => {
      failure = error;
    });
    const onEnd = (): void => {
      socket.destroy();
    };
    socket.on("end", onEnd);
    socket.on("close", () => {
      stopListening();
      reject(connectionError(failure));
    });
    socket.write(requestText(options));
  });
}

function openSocket({ url, ca }: ConnectFramesOptions): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  if (!secure) return connectTcp({ host, port, noDelay: true, keepAlive: true });
  const socket = connectTls({
    host,
    port,
    // An address is no name that a certificate is asked for by.
    servername: /^[\d.]+$|:/.test(host) ? "" : host,
    ALPNProtocols: ["http/1.1"],
    ...(ca === undefined ? {} : { ca }),
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  return socket;
}

function requestText({ url, headers = {} }: ConnectFramesOptions): string {
  const path = url.pathname === "/" ? sessionPath : `${url.pathname}${url.search}`;
  const lines = Object.entries(headers).map(([name, value]) => {
    if (/[\r\n]/.test(name + value)) throw createError("invalid_argument", "a header must be one line");
    return `${name}: ${value}\r\n`;
  });
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\n` +
    `Upgrade: ${sessionUpgradeToken}\r\n${lines.join("")}\r\n`
  );
}

function couldBeHttp(response: Buffer): boolean {
  const expected = "HTTP/1.1 ";
  return expected.startsWith(response.subarray(0, expected.length).toString("latin1"));
}

/** The reason why this is no session; undefined if it is one. */
function refusal(head: string): EverdictError | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const accepted = new RegExp(`^upgrade: *${sessionUpgradeToken} *$`, "im").test(head);
  if (status === "101" && accepted) return undefined;
  return status === undefined ? servesNone(`it speaks ${languageOf(head)}`) : refusedUpgrade(Number(status));
}

/** The protocol of a server that does not answer an HTTP request with HTTP. */
function languageOf(answer: string): string {
  if (/^(?:-(?:ERR|NOAUTH|DENIED|MISCONF|LOADING)\b|\+\w)/.test(answer)) return "Redis";
  if (answer.startsWith("SSH-")) return "SSH";
  return "no HTTP/1.1";
}
