import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of the dashboard. */
export interface SiteFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** Whether its name changes with its content, so that browsers may keep it for good. */
  readonly isImmutable: boolean;
}

/** The files of the dashboard by path, without a slash in front; `index.html` is the page. */
export type Site = ReadonlyMap<string, SiteFile>;

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

/** Built beside this module, or, when it runs from its source, in the package's `dist`. */
const siteFolder = fileURLToPath(new URL("../dist/site", import.meta.url));

/**
 * Reads the built dashboard into memory: some 150 KB.
 *
 * @throws what the platform says if it was not built
 */
export async function readSite(): Promise<Site> {
  const names = await readdir(siteFolder, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const read = files.map(async (file): Promise<[string, SiteFile]> => {
    const path = relative(siteFolder, file).replaceAll(sep, "/");
    const contentType = contentTypes[extname(file)] ?? "application/octet-stream";
    return [path, { contentType, bytes: await readFile(file), isImmutable: path.startsWith("assets/") }];
  });
  return new Map(await Promise.all(read));
}
