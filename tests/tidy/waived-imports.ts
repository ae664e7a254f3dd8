/** An import that closes a circle and is left for now: the file that imports, and the file that it imports. */
type WaivedImport = readonly [from: string, to: string];

export interface WaivedImports {
  readonly ofTypes: readonly WaivedImport[];
  /** These are circles at run time: which file is evaluated first depends on who imports them. */
  readonly ofValues: readonly WaivedImport[];
}

/** The imports that would have to go for no circle to be left. None may be added: a new circle is cut. */
export const waivedImports: WaivedImports = {
  ofValues: [...within("packages/protocol/src/memory", ["token-memory.ts", "memory-account.ts"])],
  ofTypes: [
    // Options are checked against a table of all methods, and the table takes their types from the classes.
    ...within(
      "packages/client/src",
      ["arguments/option-table.ts", "client.ts"],
      ["arguments/option-table.ts", "dict-objects.ts"],
      ["arguments/option-table.ts", "dict-options.ts"],
      ["arguments/option-table.ts", "environments.ts"],
      ["connection/token-text.ts", "connection/server-address.ts"],
      ["dict-objects.ts", "dict.ts"],
      ["environments.ts", "client.ts"],
    ),
    ...within(
      "packages/protocol/src/memory",
      ["read-queue.ts", "connection-memory.ts"],
      ["read-queue.ts", "memory-account.ts"],
    ),
    ...within(
      "packages/server/src/connections",
      ["connection.ts", "connection-account.ts"],
      ["full-notice.ts", "connection-account.ts"],
    ),
    ...within(
      "packages/session/src",
      ["client/incoming-stream.ts", "client/operation.ts"],
      ["client/link-options.ts", "client/client-link.ts"],
      ["server/server-connection-options.ts", "server/server-connection.ts"],
    ),
    ...within("packages/store/src/suite", ["dict-handle.ts", "world.ts"], ["world.ts", "suite.ts"]),
    // The registry of the cluster store and its environments.
    ...within(
      "packages/store-redis/src",
      ["dict-directory.ts", "environments.ts"],
      ["environments.ts", "dict-registry.ts"],
    ),
  ],
};

function within(folder: string, ...waived: WaivedImport[]): WaivedImport[] {
  return waived.map(([from, to]) => [`${folder}/${from}`, `${folder}/${to}`]);
}
