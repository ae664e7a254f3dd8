import { importedFiles } from "./imports.ts";
import type { SourceFile } from "./source-files.ts";

/** The rooms (folders below `src`) that a package's README lists in a table, in order; none without such a table. */
export function roomsIn(readme: string): string[] {
  const [, rows = ""] = /^\| room \|.*\n\|[-| ]+\n((?:\|.*\n?)*)/m.exec(readme) ?? [];
  return [...rows.matchAll(/^\| `([^`]+)\/` \|/gm)].map((each) => each[1]!);
}

/**
 * One line for each import of a file outside of the importing file's room and the rooms above it in the table; for each
 * file in a room that is not in the table; and for each room without a file. Tests and files in no room may import all.
 */
export function wrongRooms(packageName: string, readme: string, files: readonly SourceFile[]): string[] {
  const rooms = roomsIn(readme);
  const source = `packages/${packageName}/src/`;
  const roomOf = (path: string) => /^([^/]+)\//.exec(path.slice(source.length))?.[1];
  const placeOf = (path: string) => rooms.indexOf(roomOf(path) ?? "");
  const inRooms = files.filter(({ path }) => path.startsWith(source) && roomOf(path) !== undefined);
  const wrong = inRooms.flatMap((file) => {
    const place = placeOf(file.path);
    if (place < 0) return [`${file.path}: the README's table has no such room`];
    const below = importedFiles(file).filter((path) => placeOf(path) < 0 || placeOf(path) > place);
    return file.isTest
      ? []
      : below.map((path) => `${file.path}: must not import ${path}, which is not above it`);
  });
  const used = new Set(inRooms.map(({ path }) => roomOf(path)));
  const empty = rooms.filter((room) => !used.has(room));
  return [...wrong, ...empty.map((room) => `${source}${room}/: in the README's table, but there is no file`)];
}
