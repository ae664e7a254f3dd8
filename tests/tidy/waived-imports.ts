/** An import that closes a circle and is left for now: the file that imports, and the file that it imports. */
type WaivedImport = readonly [from: string, to: string];

export interface WaivedImports {
  readonly ofTypes: readonly WaivedImport[];
  /** These are circles at run time: which file is evaluated first depends on who imports them. */
  readonly ofValues: readonly WaivedImport[];
}

/** The imports that would have to go for no circle to be left. None may be added: a new circle is cut. */
export const waivedImports: WaivedImports = {
  ofValues: [],
  ofTypes: [
    // `Dict.objects` lists dictionaries: both types are public, and each has the other in it.
    ...within("packages/client/src", ["dict-objects.ts", "dict.ts"]),
    // Both ends of a session: options that name what they are for.
    ...within(
      "packages/session/src",
      ["client/incoming-stream.ts", "client/operation.ts"],
      ["client/link-options.ts", "client/client-link.ts"],
      ["server/server-connection-options.ts", "server/server-connection.ts"],
    ),
  ],
};

function within(folder: string, ...waived: WaivedImport[]): WaivedImport[] {
  return waived.map(([from, to]) => [`${folder}/${from}`, `${folder}/${to}`]);
}
