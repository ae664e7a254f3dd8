import { readFileSync } from "node:fs";
import { env } from "node:process";
import {
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
} from "node:tls";
import { createError } from "@everdict/protocol";

/**
 * Whose certificates a connection over gRPC trusts: the given ones, else those that sessions trust as well, which are
 * Node's and those of `NODE_EXTRA_CA_CERTS`. `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`, which other programs on gRPC read,
 * adds to these.
 *
 * @throws {InvalidError} `not_configured` if a file that a variable names cannot be read
 */
export function trusting(ca: string | undefined): SecureContext {
  return createSecureContext(trustedBy(ca));
}

function trustedBy(ca: string | undefined): SecureContextOptions {
  if (ca !== undefined) return { ca };
  const added = fileOf("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
  if (added === undefined) return {};
  // A list replaces what Node would have taken by itself.
  return { ca: [...rootCertificates, fileOf("NODE_EXTRA_CA_CERTS") ?? [], added].flat() };
}

function fileOf(variable: string): string | undefined {
  const path = env[variable];
  if (!path) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw createError("not_configured", `the file '${path}' that ${variable} names cannot be read`, {
      cause,
    });
  }
}
