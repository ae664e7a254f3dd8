import { EverdictError } from "@everdict/protocol";
import { CliError } from "../cli-error.ts";
import { systemReason } from "../input/system-reason.ts";
import { isOpenFilesError, openFilesLimit, openFilesTrouble, serverOpenFilesMin } from "../open-files.ts";

/** Where a server was to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Turns the platform's error about listening into one line. Any other error is returned as it is. */
export function listenError(caught: unknown, { host, port }: ListenAddress): unknown {
  const failed = (message: string, hint?: string): CliError =>
    new CliError("unreachable", message, {
      code: "cannot_start",
      cause: caught,
      ...(hint === undefined ? {} : { hint }),
    });
  switch ((caught as NodeJS.ErrnoException | null)?.code) {
    case "EADDRINUSE":
      return failed(
        `port ${port} of ${host} is in use`,
        "stop what uses it, or choose another with --port (0: any free)",
      );
    case "EACCES":
      return failed(`not allowed to listen on port ${port}`, "choose a port above 1023 with --port");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failed(`'${host}' is no address of this machine`, "choose another with --host");
    default:
      return caught;
  }
}

/** @throws an error of the start if this process may have too few files open to serve anybody */
export function requireOpenFiles(): void {
  if ((openFilesLimit ?? serverOpenFilesMin) >= serverOpenFilesMin) return;
  const { message, hint } = openFilesTrouble();
  throw new CliError("unreachable", message, { code: "cannot_start", hint });
}

/** Turns the platform's error about the data directory into one line, and says what to do about damage. */
export function directoryError(caught: unknown, directory: string): unknown {
  if (caught instanceof EverdictError && caught.code === "data_loss") {
    return new CliError("failed", caught.message, {
      code: caught.code,
      hint: `\`everdict doctor ${directory}\` says what is left, and with --salvage saves it into a new directory`,
      cause: caught,
    });
  }
  if ((caught as NodeJS.ErrnoException | null)?.syscall === undefined || isOpenFilesError(caught))
    return caught;
  return new CliError("unreachable", `cannot use data directory ${directory}: ${systemReason(caught)}`, {
    code: "cannot_start",
    hint: "choose another with --data-dir",
    cause: caught,
  });
}
