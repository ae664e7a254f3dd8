import type { Durability, ExpiryPolicy, Limits } from "@everdict/protocol";
import { type Command, Option } from "commander";
import { parsedOption } from "../commands/new-command.ts";
import { addDataDirectoryOption, type DataDirectoryOptions } from "../data-directory.ts";
import { durabilityOption } from "../input/durability-option.ts";
import { parseByteSize } from "../input/parse-byte-size.ts";
import { parseCount } from "../input/parse-count.ts";
import { parseExpiry } from "../input/parse-expiry.ts";
import { parsePath } from "../input/parse-path.ts";
import { parsePublicUrl } from "./parse-public-url.ts";

/** The port that clients try first. */
export const defaultPort = 7227;

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const logFormats = ["text", "json"] as const;

/** The options of `everdict serve`. */
export interface ServeOptions extends DataDirectoryOptions, Partial<Limits> {
  readonly port: number;
  readonly host: string;
  readonly memory?: boolean;
  readonly store?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
  readonly publicUrl?: string;
  readonly workspace?: string;
  readonly dashboard?: boolean;
  readonly durability?: Durability;
  readonly defaultExpiry?: ExpiryPolicy;
  readonly maxConnections?: number;
  readonly maxMemory?: number;
  readonly valueCache?: number;
  readonly clientMemory?: number;
  readonly logLevel?: (typeof logLevels)[number];
  readonly logFormat?: (typeof logFormats)[number];
}

/** Adds the options of `everdict serve`. */
export function addServeOptions(command: Command): Command {
  addDataDirectoryOption(addListenOptions(command).optionsGroup("Data:"));
  command
    .option("--memory", "keep everything in memory only; gone when the server stops")
    .option(
      "--store <url>",
      "keep everything in a Redis or Valkey cluster, shared by any number of servers: redis://HOST[,HOST…][?profile=…&prefix=…], rediss:// for TLS (default: EVERDICT_STORE, which unlike this option does not show in process lists); the data directory then only has the tokens",
    )
    .addOption(
      durabilityOption(
        "--durability",
        "for dicts created without one of their own: a write is acknowledged on disk (sync), up to two seconds earlier (everysec), or without a flush (memory) (default: sync)",
      ),
    )
    .addOption(
      parsedOption(
        "--default-expiry <policy>",
        "for dicts created without a policy of their own: never, or how long entries live after they were written (30d) or used (7d-after-use) (default: 30d)",
        parseExpiry,
      ),
    )
    .addOption(
      parsedOption(
        "--value-cache <size>",
        "memory for values; others are read from disk (default: 256MiB; 0: none)",
        (text) => (text === "0" ? 0 : parseByteSize(text)),
      ),
    );
  return addLimitOptions(command)
    .optionsGroup("Other:")
    .option("--workspace <name>", "what this server calls itself (default: everdict)")
    .option("--no-dashboard", "serve no dashboard: the page at / then only says how to connect")
    .addOption(
      new Option(
        "--log-level <level>",
        "what is logged, on stderr (default: info, on a terminal warn)",
      ).choices(logLevels),
    )
    .addOption(
      new Option(
        "--log-format <format>",
        "lines for people, or JSON (default: json, on a terminal text)",
      ).choices(logFormats),
    );
}

function addLimitOptions(command: Command): Command {
  const byteSize = (flag: string, what: string): Option =>
    parsedOption(`${flag} <size>`, what, parseByteSize);
  const count = (flag: string, what: string): Option => parsedOption(`${flag} <count>`, what, parseEntries);
  return command
    .optionsGroup("Limits:")
    .addOption(
      byteSize(
        "--max-memory",
        "memory for keys and values of a data directory, past which writes are refused (default: no limit)",
      ),
    )
    .addOption(
      byteSize(
        "--client-memory",
        "memory for large requests and answers of all clients; one token may take half of it (default: 1GiB)",
      ),
    )
    .addOption(byteSize("--value-max-bytes", "largest value (default: 100MiB)"))
    .addOption(byteSize("--key-max-bytes", "largest key (default: 256KiB)"))
    .addOption(byteSize("--request-max-bytes", "largest request (default: one value of the largest size)"))
    .addOption(count("--request-max-entries", "most entries in one update (default: 10000)"))
    .addOption(
      count(
        "--max-connections",
        "most connections (default: the open files allowed, less some for the store)",
      ),
    );
}

function addListenOptions(command: Command): Command {
  return command
    .optionsGroup("Where to listen:")
    .addOption(
      parsedOption("--port <number>", "port; 0 for any that is free", parsePort).default(defaultPort),
    )
    .option(
      "--host <address>",
      "address; 0.0.0.0 for all of this machine. One that others can reach needs TLS or --insecure",
      "127.0.0.1",
    )
    .addOption(
      parsedOption(
        "--tls-cert <file>",
        "certificate chain, PEM; needs --tls-key. Read again when it changes",
        parsePath,
      ),
    )
    .addOption(parsedOption("--tls-key <file>", "private key, PEM", parsePath))
    .option("--insecure", "let others connect without TLS: tokens and data travel in plain text")
    .addOption(
      parsedOption(
        "--public-url <url>",
        "where clients reach this server, if that is through a proxy or by another name (default: made of --host, or an address of this machine)",
        parsePublicUrl,
      ),
    );
}

function parsePort(text: string): number {
  return parseCount(text, "port", { min: 0, max: 65_535 });
}

function parseEntries(text: string): number {
  return parseCount(text, "count", { min: 1, max: Number.MAX_SAFE_INTEGER });
}
