/** What a placeholder holds of an object, as those see it who look into one and make none. */
export interface ObjectParts {
  readonly callable: unknown;
  readonly args: readonly unknown[];
  readonly keywords: unknown;
  readonly state: unknown;
  readonly items: readonly unknown[] | undefined;
  readonly entries: readonly (readonly [unknown, unknown])[] | undefined;
  readonly setters: readonly { readonly setter: unknown; readonly state: unknown }[] | undefined;
}

/** The same with what its class is called. */
export interface NamedParts extends ObjectParts {
  readonly module: string | undefined;
  readonly name: string | undefined;
  readonly member: string | undefined;
}
