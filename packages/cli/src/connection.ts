import type { DictService } from "@everdict/protocol";
import { type Command, Option } from "commander";
import type { Client, Dict } from "everdict";
import { parsedOption } from "./commands/new-command.ts";
import { parseDurationMs } from "./input/parse-duration.ts";

/** Options of commands that talk to a server. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly tokenId?: string;
  readonly tokenSecret?: string;
  readonly timeout?: number;
}

/** Options of commands that work in an environment. */
export interface EnvironmentOptions extends ConnectionOptions {
  readonly env?: string;
}

/** Adds the options that say where to connect and as whom. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup("Connection:")
    .addOption(
      new Option(
        "--url <url>",
        "where to connect: http(s)://HOST:PORT, file:DIRECTORY, redis://HOST (default: EVERDICT_URL)",
      ),
    )
    .addOption(new Option("--token-id <id>", "token id (default: MODAL_TOKEN_ID)"))
    .addOption(
      new Option(
        "--token-secret <secret>",
        "token secret (default: MODAL_TOKEN_SECRET, which unlike this option does not show in process lists)",
      ),
    )
    .addOption(
      parsedOption(
        "--timeout <duration>",
        "how long to wait for an answer, for instance 10s",
        parseDurationMs,
      ),
    );
}

/** Adds what says in which environment a dict is. */
export function addEnvironmentOption(command: Command): Command {
  return command.option(
    "-e, --env <name>",
    "environment (default: MODAL_ENVIRONMENT, else the server's default)",
  );
}

/** Runs `use` with a client and closes it afterwards. */
export async function withClient<Result>(
  options: EnvironmentOptions,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  // Loaded only when needed: `everdict --help` should not wait for a gRPC stack.
  const { Client } = await import("everdict");
  const client = Client.connect({
    url: options.url,
    tokenId: options.tokenId,
    tokenSecret: options.tokenSecret,
    environment: options.env,
    timeoutMs: options.timeout,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** A dictionary that is known to exist. */
export interface OpenDict {
  readonly dict: Dict<unknown, unknown>;
  readonly dictId: string;
  /** For reading bytes, so that a value which cannot be decoded is still shown. */
  readonly service: DictService;
}

/** Finds a dictionary by name, or creates it if asked to, and runs `use` with it. */
export async function withDict<Result>(
  options: EnvironmentOptions & { readonly create?: boolean },
  name: string,
  use: (open: OpenDict) => Promise<Result>,
): Promise<Result> {
  return withClient(options, async (client) => {
    const { Dict } = await import("everdict");
    const dict = Dict.fromName<unknown, unknown>(name, { client, createIfMissing: options.create === true });
    await dict.hydrate();
    return use({ dict, dictId: dict.objectId, service: await client.service() });
  });
}
