/** Reads JSON text that holds an object of a given form; undefined for anything else. */
export function parseObject<Form extends object>(
  text: string,
  hasForm: (value: Unchecked<Form>) => value is Form,
): Form | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && hasForm(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What may have the fields of a form, of which nothing is known yet. */
export type Unchecked<Form extends object> = { readonly [Name in keyof Form]?: unknown };

/** Whether all of these are texts. */
export function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}
