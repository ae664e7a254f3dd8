/** A class or function that Python finds by its name: `module.name`. */
export class PyGlobal {
  /** The module to import. */
  readonly module: string;
  /** The qualified name within the module; it may contain dots. */
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
    Object.freeze(this);
  }

  toString(): string {
    return `${this.module}.${this.name}`;
  }

  /** As text; `null` for what stands for a missing value. */
  toJSON(): string | null {
    return String(this);
  }
}
