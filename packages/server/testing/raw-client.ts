import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { authHeaders } from "./test-server.ts";

/** Everything that came back on one stream. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders | undefined;
  /** `grpc-status`, from wherever it was. */
  readonly status: number | undefined;
  /** `grpc-message`, decoded. */
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly body: Buffer;
  readonly messages: readonly Buffer[];
  readonly rstCode: number;
}

/** How to ask. */
export interface RawCall {
  readonly headers?: OutgoingHttpHeaders;
  /** Written one after the other, each as it is; the request ends after the last. */
  readonly chunks?: readonly Uint8Array[];
  /** Leaves the request open. */
  readonly keepOpen?: boolean;
}

/** An HTTP/2 session without any gRPC library, to send what no library would. */
export class RawClient implements AsyncDisposable {
  readonly session: ClientHttp2Session;

  constructor(url: string, options: Parameters<typeof connect>[1] = {}) {
    this.session = connect(url, options);
    this.session.on("error", () => {});
  }

  /** Opens a stream for an RPC, with credentials and the headers every client sends; nothing is written. */
  open(rpc: string, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    const path = rpc.startsWith("/") ? rpc : `/modal.client.ModalClient/${rpc}`;
    const stream = this.session.request({
      ":method": "POST",
      ":path": path,
      te: "trailers",
      "content-type": "application/grpc",
      ...authHeaders,
      ...headers,
    });
    stream.on("error", () => {});
    return stream;
  }

  /** One call, from first to last byte. */
  async call(rpc: string, { headers = {}, chunks = [], keepOpen = false }: RawCall = {}): Promise<RawAnswer> {
    const stream = this.open(rpc, headers);
    const answer = collect(stream);
    for (const chunk of chunks) {
      if (stream.destroyed || stream.closed) break;
      stream.write(chunk);
      // A turn of the loop between chunks, so that they travel in DATA frames of their own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!keepOpen) stream.end();
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.destroyed) return;
    const closed = once(this.session, "close");
    this.session.destroy();
    await closed;
  }
}

/** A message in its gRPC frame. */
export function frame(message: Uint8Array, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Gathers what comes back until the stream is closed. */
export function collect(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  const chunks: Buffer[] = [];
  stream.on("response", (received) => {
    headers = received;
  });
  stream.on("trailers", (received) => {
    trailers = received;
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    stream.on("close", () => {
      const body = Buffer.concat(chunks);
      const all = { ...headers, ...trailers };
      const status = all["grpc-status"] === undefined ? undefined : Number(all["grpc-status"]);
      const text = all["grpc-message"] as string | undefined;
      const message = text === undefined ? undefined : decodeURIComponent(text);
      const code = all["x-everdict-code"] as string | undefined;
      const { rstCode } = stream;
      resolve({ headers, trailers, status, message, code, body, messages: split(body, headers), rstCode });
    });
  });
}

function split(body: Buffer, headers: IncomingHttpHeaders): readonly Buffer[] {
  const messages: Buffer[] = [];
  if (!headers["content-type"]?.startsWith("application/grpc")) return messages;
  for (let offset = 0; offset + 5 <= body.length; ) {
    const end = offset + 5 + body.readUInt32BE(offset + 1);
    messages.push(body.subarray(offset + 5, end));
    offset = end;
  }
  return messages;
}
