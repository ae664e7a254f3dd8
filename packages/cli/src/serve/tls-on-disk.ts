/**
 * The certificate and its key on disk, where they are replaced before they expire. The server takes over new ones
 * without a restart. A pair that is not usable, or not complete yet, changes nothing and is logged as an error.
 */

import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { HealthProblem, TlsFiles } from "@everdict/server";
import type { Logger } from "pino";
import { usageError } from "../cli-error.ts";
import { systemReason } from "../input/system-reason.ts";
import type { ServeOptions } from "./serve-options.ts";

/** How often the files are looked at, in milliseconds. */
const lookEveryMs = 2000;

/** The files of a server with TLS. */
export interface TlsOnDisk {
  /** As they were read last. */
  readonly files: TlsFiles;
  /** Passes on changes until the process ends. Does not keep the process alive. */
  watch(listener: TlsListener): TlsWatch;
}

/** The receiver of changes. */
export interface TlsListener {
  /** @throws what the platform says if they are unusable */
  readonly apply: (files: TlsFiles) => void;
  /** What is wrong with the certificate from now on; undefined for nothing. */
  readonly report: (problem: HealthProblem | undefined) => void;
  readonly logger: Logger;
}

const broken: HealthProblem = {
  state: "degraded",
  reason: "a new certificate cannot be used: the one before is shown",
};
const ended: HealthProblem = { state: "degraded", reason: "the certificate has ended: clients refuse it" };

/** Files that are looked at from time to time. */
export interface TlsWatch {
  /** Looks at once, and reads them whether they changed or not. */
  reload(): void;
}

/** Reads what the options name; undefined without TLS. @throws a usage error if it cannot be used */
export function readTls({ tlsCert, tlsKey }: ServeOptions): TlsOnDisk | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw usageError("--tls-cert and --tls-key go together");
  const paths = { cert: tlsCert, key: tlsKey };
  const identity = identityOf(paths);
  const files = readBoth(paths);
  return { files, watch: (listener) => watch({ paths, identity, files }, listener) };
}

interface ReadFiles {
  readonly paths: TlsPaths;
  readonly identity: string;
  readonly files: TlsFiles;
}

interface TlsPaths {
  readonly cert: string;
  readonly key: string;
}

function watch({ paths, identity, files }: ReadFiles, { apply, report, logger }: TlsListener): TlsWatch {
  let used = identity;
  let endsAtMs: number | undefined = endOf(files);
  let refused: string | undefined;
  let told: string | undefined;
  const take = (seen: string): void => {
    const read = readBoth(paths);
    apply(read);
    used = seen;
    refused = undefined;
    endsAtMs = endOf(read);
    report(undefined);
    const validTo = new Date(endsAtMs).toISOString();
    logger.info({ certificate: paths.cert, validTo }, "the certificate was read again");
  };
  const look = (isAsked: boolean): void => {
    const seen = identityOf(paths);
    if (seen === used && !isAsked) return;
    // One of the two files is always replaced first. So only a pair that does not fit at two looks is broken.
    const isSecondLook = seen === refused;
    if (isSecondLook && seen === told && !isAsked) return;
    try {
      take(seen);
    } catch (error) {
      refused = seen;
      if (!isSecondLook && !isAsked) return;
      told = seen;
      report(broken);
      const reason = error instanceof Error ? error.message : String(error);
      logger.error(`the new certificate is not used, and the one before stays: ${reason}`);
    }
  };
  const lookForEnd = (): void => {
    if (endsAtMs === undefined || Date.now() < endsAtMs) return;
    endsAtMs = undefined;
    report(ended);
    logger.error(
      { certificate: paths.cert },
      "the certificate has ended: clients refuse it until there is a new one",
    );
  };
  lookForEnd();
  setInterval(() => {
    look(false);
    lookForEnd();
  }, lookEveryMs).unref();
  return { reload: () => look(true) };
}

function endOf({ cert }: TlsFiles): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

/** A text that differs for each state of the files, even if they are links to other files. */
function identityOf({ cert, key }: TlsPaths): string {
  return [cert, key]
    .map((path) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
        return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
      } catch {
        // Reading it says why.
        return "none";
      }
    })
    .join(" ");
}

/** @throws a usage error if a file cannot be read or the two do not belong together */
function readBoth(paths: TlsPaths): TlsFiles {
  const files = { cert: readPem(paths.cert), key: readPem(paths.key) };
  try {
    createSecureContext(files);
    new X509Certificate(files.cert);
    return files;
  } catch {
    throw usageError(
      `the certificate ${paths.cert} or its key ${paths.key} is not usable`,
      "both must be PEM and belong together, and the key may have no passphrase",
    );
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usageError(`cannot read ${path}: ${systemReason(error)}`);
  }
}
