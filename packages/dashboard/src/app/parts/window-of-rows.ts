import { useEffect, useRef, useState } from "preact/hooks";

/** How high a row of a long table is; the style sheets say the same. */
const rowHeight = 36;
const spare = 8;

/** Which of many rows of one height are in sight, as the page is scrolled. */
export function useWindowOfRows(count: number) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [[from, to], setRange] = useState<readonly [number, number]>([0, 40]);
  useEffect(() => {
    const look = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowHeight) - spare);
      const last = Math.min(count, Math.ceil((innerHeight - top) / rowHeight) + spare);
      setRange((before) => (before[0] === first && before[1] === last ? before : [first, last]));
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [count]);
  const last = Math.min(to, count);
  return { body, from, to: last, above: from * rowHeight, below: (count - last) * rowHeight };
}
