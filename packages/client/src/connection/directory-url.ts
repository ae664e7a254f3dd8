/**
 * The directory that a `file:` URL names. `file:DIRECTORY` takes the rest as a path as it stands; `file:///DIRECTORY`
 * is a URL and percent-encoded. The part between the second and the third slash is a host. A relative path ends up
 * there by mistake, and the data would then lie at the root of the disk. So any host but `localhost` is refused.
 */

import { createError, type EverdictError } from "@everdict/protocol";

/**
 * Reads a `file:` URL. `source` names the setting it comes from, for messages.
 *
 * @throws {InvalidError} `invalid_argument`, with the right spelling
 */
export function directoryOf(url: string, source: string): string {
  const rest = url.slice("file:".length);
  const directory = rest.startsWith("//") ? urlPath(rest.slice(2), source) : rest;
  if (directory === "") throw refused(source, "must name a directory: file:DIRECTORY");
  if (directory !== directory.trim()) {
    throw refused(source, `has spaces around its path. Write file:${directory.trim()}`);
  }
  if (/^~(?:[\\/]|$)/.test(directory)) {
    throw refused(
      source,
      `begins with ~, which stands for nothing here. Write the whole path: file:${homePath}`,
    );
  }
  if (/^(?:[\\/]+|[A-Za-z]:[\\/]*)$/.test(directory)) {
    throw refused(source, "names the root of a disk. Name a directory: file:DIRECTORY");
  }
  return directory;
}

const homePath = "/home/NAME/DIRECTORY";

/** What stands behind `file://`: a host, which must be this machine, and a path. */
function urlPath(rest: string, source: string): string {
  const [, host = "", path = ""] = /^([^\\/]*)(.*)$/s.exec(rest)!;
  if (/^[A-Za-z]:$/.test(host)) throw refused(source, `lacks a slash. Write file:///${rest}`);
  if (host !== "" && host.toLowerCase() !== "localhost") throw foreignHost(host, path, source);
  if (/[?#]/.test(path)) {
    throw refused(
      source,
      "has a ? or #, which ends the path of a file:// URL. Write file:DIRECTORY for the path as it is",
    );
  }
  const decoded = decodedPath(path, source);
  return /^\/[A-Za-z]:/.test(decoded) ? decoded.slice(1) : decoded;
}

function foreignHost(host: string, path: string, source: string): EverdictError {
  const relative = `${host}${path}`;
  const spelling =
    host === "~"
      ? `Write the whole path: file:${homePath}`
      : `Write file:${/^\.{1,2}$/.test(host) ? "" : "./"}${relative} for a directory below the current one, ` +
        `file:///${relative.replace(/^\.+\//, "")} for one below the root of the disk`;
  return refused(
    source,
    `names '${host}' as the host behind file://, and only this machine has directories. ${spelling}`,
  );
}

function decodedPath(path: string, source: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    const spelling = `Write file:${path} for the path as it is, or %25 for a percent sign`;
    throw refused(source, `has a % that is no percent-encoding. ${spelling}`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no path may hold
  if (/[\u0000-\u001f\u007f]/.test(decoded)) throw refused(source, "has a control character in its path");
  return decoded;
}

function refused(source: string, problem: string): EverdictError {
  return createError("invalid_argument", `${source} ${problem}`);
}
