import { importedFiles } from "./imports.ts";
import type { SourceFile } from "./source-files.ts";
import { type WaivedImports, waivedImports } from "./waived-imports.ts";

type Graph = ReadonlyMap<string, Set<string>>;

/**
 * One line for each circle of imports that is not waived, and one for each waiver without which there would be no circle
 * either. Types count; what imports at run time is looked at by itself as well, so that a waiver for types allows no values.
 */
export function importCircles(files: readonly SourceFile[], waived: WaivedImports = waivedImports): string[] {
  const atRunTime = new Map(
    files.map((file) => [file.path, new Set(importedFiles(file, ({ isOfTypes }) => !isOfTypes))]),
  );
  const inAll = new Map(files.map((file) => [file.path, new Set(importedFiles(file))]));
  return [
    ...circlesBut(atRunTime, waived.ofValues).map((line) => `at run time, ${line}`),
    ...circlesBut(inAll, [...waived.ofValues, ...waived.ofTypes]),
  ];
}

function circlesBut(graph: Graph, waived: WaivedImports["ofValues"]): string[] {
  const isThere = waived.map(([from, to]) => graph.get(from)?.delete(to) === true);
  const unneeded = waived.filter(
    ([from, to], index) => !isThere[index] || wayBetween(graph, to, from) === undefined,
  );
  return [
    ...circlesOf(graph).map((circle) => `a circle of imports: ${circle.join(" -> ")}`),
    ...unneeded.map(([from, to]) => `${from} -> ${to} closes no circle: take its waiver away`),
  ];
}

/** The shortest circle of each file that is in one, unless a circle before went through the file. */
function circlesOf(graph: Graph): string[][] {
  const found: string[][] = [];
  const named = new Set<string>();
  for (const path of graph.keys()) {
    const circle = named.has(path) ? undefined : wayBetween(graph, path, path);
    if (circle === undefined) continue;
    for (const each of circle) named.add(each);
    found.push(circle);
  }
  return found;
}

/** The shortest way along imports, at least one, from a file to a file, both included; undefined if there is none. */
function wayBetween(graph: Graph, from: string, to: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [from];
  for (const path of queue) {
    for (const next of graph.get(path) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      if (next === to) return wayBack(cameFrom, from, to);
      queue.push(next);
    }
  }
  return undefined;
}

function wayBack(cameFrom: ReadonlyMap<string, string>, from: string, to: string): string[] {
  const way = [to];
  for (let path = cameFrom.get(to)!; path !== from; path = cameFrom.get(path)!) way.unshift(path);
  return [from, ...way];
}
