import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CreatedToken,
  createError,
  type EverdictError,
  errorFrom,
  type NewToken,
  type Role,
  type TokenAdmin,
  type TokenInfo,
} from "@everdict/protocol";
import { type TokenDescription, Tokens } from "@everdict/protocol/tokens";
import { platform } from "#platform";
import { checkArgument, checkOptions } from "./arguments/check-options.ts";
import { text } from "./arguments/option-kinds.ts";
import type { ConnectOptions } from "./client.ts";
import { certificatesIn } from "./connection/certificates.ts";
import { resolveTarget, type ServerTarget } from "./connection/resolve-target.ts";
import { defaultTimeoutMs } from "./platform/platform.ts";
import { errorFromFailure } from "./transport/error-from-failure.ts";
import { explainFailure } from "./transport/explain-failure.ts";
import { firstConnected } from "./transport/first-connected.ts";
import { GrpcChannel, type RawChannel } from "./transport/grpc-channel.ts";
import { GrpcFailure } from "./transport/grpc-failure.ts";

const { method } = Tokens;

/** The tokens of a server, for a caller with an admin token. */
export interface RemoteTokens extends TokenAdmin, AsyncDisposable {
  /** Closes the connection. */
  close(): Promise<void>;
}

/**
 * Connects to the tokens of a server, by the same settings as `Client.connect`. It never sends a call twice. If you do
 * not know the outcome of a call, list the tokens before you call again.
 *
 * @throws `invalid_argument` if the settings name no server; and what the server refuses with
 * @example
 * await using tokens = await connectTokens({ url: "https://dict.example" });
 * const { tokenId, tokenSecret } = await tokens.create({ name: "ci", role: "read-only" });
 */
export async function connectTokens(options: ConnectOptions = {}): Promise<RemoteTokens> {
  checkOptions("connectTokens", options);
  const { target } = await resolveTarget(options, platform);
  if (target.kind !== "server") {
    throw createError("invalid_argument", "only a server's tokens can be managed through a connection");
  }
  const ca = options.ca === undefined ? undefined : certificatesIn(options.ca);
  const channel = await firstConnected(target.addresses, (address) => new GrpcChannel(address, ca)).catch(
    (error: unknown) => {
      throw explainedError(error, target);
    },
  );
  return new ServerTokens(channel, target, options.timeoutMs ?? defaultTimeoutMs);
}

class ServerTokens implements RemoteTokens {
  readonly #channel: RawChannel;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #target: ServerTarget;

  constructor(channel: RawChannel, target: ServerTarget, timeoutMs: number) {
    const { credentials } = target;
    this.#channel = channel;
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#headers =
      credentials === undefined
        ? {}
        : { "x-modal-token-id": credentials.tokenId, "x-modal-token-secret": credentials.tokenSecret };
  }

  async create(token: NewToken): Promise<CreatedToken> {
    checkOptions("tokens.create", token);
    const { name, role, environments, endsAtSeconds, note } = token;
    // On the wire, an empty list means all environments.
    if (environments?.length === 0) {
      throw createError("invalid_argument", "a token is limited to 0 environments, it must be at least 1");
    }
    return this.#call(method.create, {
      name,
      ...(role !== undefined && { role }),
      ...(environments !== undefined && { environments: environments.map((each) => ({ name: each })) }),
      ...(endsAtSeconds !== undefined && { endsAtSeconds }),
      ...(note !== undefined && { note }),
    });
  }

  async list(): Promise<TokenInfo[]> {
    const { tokens } = await this.#call(method.list, {});
    return tokens.map(infoOf);
  }

  async rotate(tokenId: string, oldSecretLifeMs?: number): Promise<CreatedToken | undefined> {
    checkArgument("tokens.rotate", "tokenId", text, tokenId);
    const life = oldSecretLifeMs === undefined ? {} : { oldSecretLifeSeconds: oldSecretLifeMs / 1000 };
    return (await this.#call(method.rotate, { tokenId, ...life })).token;
  }

  async revoke(tokenId: string): Promise<boolean> {
    checkArgument("tokens.revoke", "tokenId", text, tokenId);
    return (await this.#call(method.revoke, { tokenId })).found;
  }

  async close(): Promise<void> {
    this.#channel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<I extends DescMessage, O extends DescMessage>(
    { input, output, name, parent }: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>> {
    try {
      const answer = await this.#channel.unary({
        path: `/${parent.typeName}/${name}`,
        message: toBinary(input, create(input, request)),
        headers: this.#headers,
        deadlineMs: Number.isFinite(this.#timeoutMs) ? Date.now() + this.#timeoutMs : undefined,
        signal: undefined,
      });
      return fromBinary(output, answer);
    } catch (error) {
      throw explainedError(error, this.#target);
    }
  }
}

function explainedError(error: unknown, target: ServerTarget): EverdictError {
  return error instanceof GrpcFailure
    ? explainFailure(errorFromFailure(error, "dict"), target)
    : errorFrom(error);
}

function infoOf({ $typeName: _type, $unknown, role, environments, ...info }: TokenDescription): TokenInfo {
  return {
    ...info,
    role: role as Role,
    ...(environments.length > 0 && { environments }),
  };
}
