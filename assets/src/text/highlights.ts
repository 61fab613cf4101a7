/** A piece of a text that was found; highlighted where the words stand that were looked for. */
export interface ExcerptPiece {
  readonly text: string;
  readonly highlighted: boolean;
}

/** How much of a text is shown before its first highlight: code points. */
const BEFORE = 40;

/** Cut a text at its highlights, which are ranges of code points. A long beginning without one is left out. */
export function excerpt(text: string, highlights: readonly (readonly [number, number])[]): ExcerptPiece[] {
  const letters = Array.from(text);
  const first = highlights[0]?.[0] ?? 0;
  const found: ExcerptPiece[] = [];
  let done = first > 2 * BEFORE ? first - BEFORE : 0;
  if (done > 0) found.push({ text: "…", highlighted: false });
  const push = (until: number, highlighted: boolean): void => {
    const end = Math.min(until, letters.length);
    if (end > done) found.push({ text: letters.slice(done, end).join(""), highlighted });
    done = Math.max(done, end);
  };
  for (const [begin, end] of highlights) {
    push(begin, false);
    push(end, true);
  }
  push(letters.length, false);
  return found;
}
