/** To be built. */
export function HealthView() {
  return <p>HealthView</p>;
}
