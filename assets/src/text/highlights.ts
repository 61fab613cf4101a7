/** A piece of a text that was found; marked where the words stand that were looked for. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** How much of a text is shown before its first mark: code points. */
const BEFORE = 40;

/** Cut a text at its marks, which are ranges of code points. A long beginning without a mark is left out. */
export function pieces(text: string, marks: readonly (readonly [number, number])[]): Piece[] {
  const letters = Array.from(text);
  const first = marks[0]?.[0] ?? 0;
  const found: Piece[] = [];
  let done = first > 2 * BEFORE ? first - BEFORE : 0;
  if (done > 0) found.push({ text: "…", marked: false });
  const push = (until: number, marked: boolean): void => {
    const end = Math.min(until, letters.length);
    if (end > done) found.push({ text: letters.slice(done, end).join(""), marked });
    done = Math.max(done, end);
  };
  for (const [begin, end] of marks) {
    push(begin, false);
    push(end, true);
  }
  push(letters.length, false);
  return found;
}
