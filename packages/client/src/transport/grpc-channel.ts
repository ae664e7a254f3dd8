/**
 * Raw calls over `@grpc/grpc-js`: bytes out, bytes back, failures as {@link GrpcFailure}.
 *
 * The channel does not repeat calls (retry.ts does, under an idempotency key), sends and accepts no compression,
 * and has no limit on messages beyond what the server sets, like Modal's Python client. It never keeps the
 * process alive while idle.
 */

import { Status, type StatusCode } from "@everdict/protocol";
import {
  type CallOptions,
  type ChannelOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  connectivityState,
  credentials,
  Client as GrpcClient,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { isLoopback, type ServerAddress } from "../connection/server-address.ts";
import { connectTimeoutMs } from "../platform/platform.ts";
import { trusting } from "../platform/trusted-certificates.ts";
import { GrpcFailure } from "./grpc-failure.ts";
import { readInBatches } from "./read-in-batches.ts";

/** The bounds of one attempt. */
export interface AttemptLimits {
  /** Milliseconds since the Unix epoch; undefined: no bound. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A request on its way. */
export interface RawRequest extends AttemptLimits {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly message: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A connection that calls travel over. */
export interface RawChannel {
  /** One message each way. @throws {GrpcFailure} */
  unary(request: RawRequest): Promise<Uint8Array>;
  /** Many messages back, in batches, as fast as they are taken. @throws {GrpcFailure} */
  stream(request: RawRequest): AsyncIterable<readonly Uint8Array[]>;
  /** Ends the streams, and lets calls under way finish. */
  close(): void;
  /** Ends the calls under way, too. */
  abort(): void;
}

const MIB = 1024 * 1024;

const channelOptions: ChannelOptions = {
  "grpc.primary_user_agent": "everdict",
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc-node.flow_control_window": 64 * MIB,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  // A call is given up 0.7 s after its first attempt, and its last wait is 0.4 s. The channel must try to connect
  // within that wait (jitter included), or calls to a server that was down and is back would fail all the same.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 250,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
};

const noConnectionYet = "the call's time was over before there was a connection";
/** How soon a call sees that it was given up while it waits for the connection, in milliseconds. */
const lookMs = 50;

/** A channel to one server; it connects at the first call. */
export class GrpcChannel implements RawChannel {
  readonly #client: GrpcClient;
  readonly #calls = new Set<ClientUnaryCall>();
  readonly #streams = new Set<ClientReadableStream<Uint8Array>>();
  #isClosed = false;

  /** @param ca certificates to trust instead of the platform's, PEM */
  constructor(address: ServerAddress, ca?: string | undefined) {
    const security = address.tls
      ? credentials.createFromSecureContext(trusting(ca))
      : credentials.createInsecure();
    this.#client = new GrpcClient(address.target, security, {
      ...channelOptions,
      // A proxy for the outside world has no business between two processes of one machine.
      ...(isLoopback(address.host) && { "grpc.enable_http_proxy": 0 }),
    });
  }

  /** Resolves when connected, rejects if that takes longer than allowed. */
  connected(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => (error ? reject(error) : resolve()));
    });
  }

  async unary(request: RawRequest): Promise<Uint8Array> {
    await this.#connection(request);
    return new Promise((resolve, reject) => {
      const settled = () => {
        this.#calls.delete(call);
        request.signal?.removeEventListener("abort", cancel);
      };
      const call = this.#client.makeUnaryRequest(
        request.path,
        asBuffer,
        asBytes,
        request.message,
        metadataOf(request.headers),
        optionsOf(request),
        (error, answer) => {
          settled();
          if (error) reject(failureOf(error));
          else resolve(answer!);
        },
      );
      this.#calls.add(call);
      const cancel = () => call.cancel();
      request.signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  async *stream(request: RawRequest): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    await this.#connection(request);
    const call = this.#client.makeServerStreamRequest(
      request.path,
      asBuffer,
      asBytes,
      request.message,
      metadataOf(request.headers),
      optionsOf(request),
    );
    this.#streams.add(call);
    const cancel = () => call.cancel();
    request.signal?.addEventListener("abort", cancel, { once: true });
    try {
      yield* readInBatches<Uint8Array>(call, (message) => message.byteLength);
    } catch (error) {
      throw failureOf(error as Partial<ServiceError>);
    } finally {
      request.signal?.removeEventListener("abort", cancel);
      this.#streams.delete(call);
      // Harmless once the stream is over; otherwise it tells the server to stop.
      call.cancel();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.cancel();
    this.#client.close();
  }

  abort(): void {
    for (const call of this.#calls) call.cancel();
  }

  /**
   * Waits while the connection is being made. A call alone would wait for a server that says nothing until its own time
   * is over. That there is none, and why, is for the call to find.
   */
  async #connection({ deadlineMs = Number.POSITIVE_INFINITY, signal }: AttemptLimits): Promise<void> {
    const silentMs = Date.now() + connectTimeoutMs;
    while (!this.#isClosed) {
      const channel = this.#client.getChannel();
      const state = channel.getConnectivityState(true);
      if (state !== connectivityState.IDLE && state !== connectivityState.CONNECTING) return;
      if (signal?.aborted) throw signal.reason;
      if (Date.now() >= deadlineMs) throw new GrpcFailure(Status.DEADLINE_EXCEEDED, noConnectionYet);
      if (Date.now() >= silentMs) {
        throw new GrpcFailure(Status.UNAVAILABLE, `no connection within ${connectTimeoutMs} ms`);
      }
      const nextLookMs = Math.min(
        deadlineMs,
        silentMs,
        Date.now() + (signal === undefined ? connectTimeoutMs : lookMs),
      );
      await new Promise<unknown>((resolve) => channel.watchConnectivityState(state, nextLookMs, resolve));
    }
    throw new GrpcFailure(Status.UNAVAILABLE, "the connection was closed");
  }
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function optionsOf({ deadlineMs }: AttemptLimits): CallOptions {
  return deadlineMs === undefined ? {} : { deadline: deadlineMs };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// A plain view, since Buffer's `slice` and friends behave differently from Uint8Array's.
function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function failureOf(error: Partial<ServiceError>): GrpcFailure {
  const code = error.metadata?.get("x-everdict-code")[0];
  const details = error.metadata?.get("grpc-status-details-bin")[0];
  const status = (error.code as number | undefined) ?? Status.UNKNOWN;
  return new GrpcFailure(status as StatusCode, error.details || error.message || "", {
    everdictCode: typeof code === "string" ? code : undefined,
    statusDetails: typeof details === "object" ? details : undefined,
  });
}
