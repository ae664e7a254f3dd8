/** To be built. */
export function DictsView(_: { readonly environment: string }) {
  return <h1>Dictionaries</h1>;
}
