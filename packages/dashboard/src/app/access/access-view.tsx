/** To be built. */
export function AccessView() {
  return <p>AccessView</p>;
}
