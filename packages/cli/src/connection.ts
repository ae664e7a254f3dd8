import { readFile } from "node:fs/promises";
import { type DictService, EverdictError } from "@everdict/protocol";
import { type Command, Option } from "commander";
import type { Client, Dict } from "everdict";
import type { CliContext } from "./cli-context.ts";
import { CliError, usageError } from "./cli-error.ts";
import { parsedOption } from "./commands/new-command.ts";
import { parseDurationMs } from "./input/parse-duration.ts";
import { systemReason } from "./input/system-reason.ts";
import { localServer } from "./local-server.ts";

/** Options of commands that talk to a server. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly tokenId?: string;
  readonly tokenSecret?: string;
  readonly timeout?: number;
  readonly ca?: string;
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
        "how long to wait for an answer, and for a server that is just starting, for instance 10s",
        parseDurationMs,
      ),
    )
    .addOption(
      new Option(
        "--ca <file>",
        "certificates of authorities to trust, PEM (default: NODE_EXTRA_CA_CERTS too)",
      ),
    );
}

/** What the file of `--ca` holds. @throws a usage error if it cannot be read */
export async function certificatesOf({ ca }: ConnectionOptions): Promise<string | undefined> {
  if (ca === undefined) return undefined;
  try {
    return await readFile(ca, "utf8");
  } catch (error) {
    throw usageError(`cannot read ${ca}: ${systemReason(error)}`);
  }
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
  context: CliContext,
  options: EnvironmentOptions,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(context, options);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Connects to where the settings say, or, if nothing says anything, to the server of this user on this machine. */
async function connect(context: CliContext, options: EnvironmentOptions): Promise<Client> {
  // Loaded only when needed: `everdict --help` should not wait for a gRPC stack.
  const { Client } = await import("everdict");
  const settings = {
    url: options.url,
    tokenId: options.tokenId,
    tokenSecret: options.tokenSecret,
    environment: options.env,
    timeoutMs: options.timeout,
    // Who types a command wants to know at once that nobody is there, unless told how long to wait.
    waitForServerMs: options.timeout ?? 0,
    ca: await certificatesOf(options),
  };
  const client = Client.connect(settings);
  try {
    await client.service();
    return client;
  } catch (error) {
    await client.close();
    if (!client.isUnconfigured) throw error;
    return Client.connect({ ...settings, ...(await localServer(context)) });
  }
}

/** A dictionary that is known to exist. */
export interface OpenDict {
  readonly dict: Dict;
  readonly dictId: string;
  /** For reading bytes, so that a value which cannot be decoded is still shown. */
  readonly service: DictService;
}

/** Finds a dictionary by name and runs `use` with it. */
export async function withDict<Result>(
  context: CliContext,
  options: EnvironmentOptions & { readonly create?: boolean },
  name: string,
  use: (open: OpenDict) => Promise<Result>,
): Promise<Result> {
  return withClient(context, options, async (client) => {
    const { Dict } = await import("everdict");
    const dict = Dict.fromName(name, { client, createIfMissing: options.create === true });
    await dict.hydrate();
    return use({ dict, dictId: dict.objectId, service: await client.service() });
  });
}

/** As {@link withDict}, for commands whose `--create` makes a dictionary that is not there. */
export async function withNewDict<Result>(
  context: CliContext,
  options: EnvironmentOptions & { readonly create?: boolean },
  name: string,
  use: (open: OpenDict) => Promise<Result>,
): Promise<Result> {
  return withDict(context, options, name, use).catch((error: unknown) => {
    if (!(error instanceof EverdictError) || error.code !== "dict_not_found") throw error;
    throw new CliError("no", error.message, {
      code: error.code,
      hint: "add --create to make it",
      cause: error,
    });
  });
}
