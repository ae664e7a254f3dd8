import {
  create,
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type CallOptions, Client, type ClientReadableStream, credentials, Metadata } from "@grpc/grpc-js";
import { authHeaders } from "./test-server.ts";

type Method<I extends DescMessage, O extends DescMessage> =
  | DescMethodUnary<I, O>
  | DescMethodServerStreaming<I, O>
  | DescMethodBiDiStreaming<I, O>;

/** The usual gRPC library of Node, as a second opinion on our protocol. */
export class GrpcClient implements Disposable {
  readonly #client: Client;

  constructor(url: string) {
    this.#client = new Client(new URL(url).host, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      // A connection of its own, not one shared with the other tests' clients.
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<MessageShape<O>> {
    const { headers, ...rest } = options;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(...wireOf(method), request, metadata(headers), rest, (error, response) =>
        error === null && response !== undefined ? resolve(response) : reject(error),
      );
    });
  }

  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions = {},
  ): ClientReadableStream<MessageShape<O>> {
    return this.#client.makeServerStreamRequest(...wireOf(method), request, metadata(), options);
  }

  /** Sends all requests of a call that reads and writes by turns, and collects the answers. */
  converse<I extends DescMessage, O extends DescMessage>(
    method: DescMethodBiDiStreaming<I, O>,
    requests: readonly MessageInitShape<I>[],
    headers?: Readonly<Record<string, string>>,
  ): Promise<MessageShape<O>[]> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeBidiStreamRequest(...wireOf(method), metadata(headers), {});
      const answers: MessageShape<O>[] = [];
      call.on("data", (answer: MessageShape<O>) => answers.push(answer));
      call.on("error", reject);
      call.on("end", () => resolve(answers));
      for (const request of requests) call.write(request);
      call.end();
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** Where a method is called, and how its messages become bytes and back. */
function wireOf<I extends DescMessage, O extends DescMessage>({ input, output, name, parent }: Method<I, O>) {
  return [
    `/${parent.typeName}/${name}`,
    (message: MessageInitShape<I>) => Buffer.from(toBinary(input, create(input, message))),
    (bytes: Buffer) => fromBinary(output, bytes),
  ] as const;
}

function metadata(headers: Readonly<Record<string, string>> = authHeaders): Metadata {
  const result = new Metadata();
  for (const [name, value] of Object.entries(headers)) result.set(name, value);
  return result;
}
