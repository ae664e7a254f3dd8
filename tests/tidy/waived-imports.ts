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
  ofTypes: [],
};
