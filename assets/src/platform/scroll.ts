/** Nearer than this to the end, the reader wants to stay at the end: pixels. */
const NEAR = 80;
/** Nearer than this to the top or the bottom, more messages are fetched: pixels. */
const EDGE = 240;

/** The part of an element that scrolls which is used here. */
export type Scrolled = Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">;
/** The part of an element in it which is used here. Places are counted from the top of what is scrolled. */
export type Line = Pick<HTMLElement, "offsetTop" | "offsetHeight" | "isConnected">;

/**
 * The one place that moves the message list.
 *
 * At the end it stays at the end; anywhere else, the lines that the reader looks at stay where they are, whatever
 * happens above or below them.
 */
export class ScrollAnchor {
  /** Whether the reader is at the end. */
  atEnd = true;
  #anchor: { readonly line: Line; readonly place: number } | null = null;

  /**
   * The reader scrolled.
   *
   * @param live whether the end of the list is the end of the conversation, where readers are kept.
   */
  scrolled(list: Scrolled, lines: ArrayLike<Line>, live = true): void {
    this.atEnd = live && below(list) < NEAR;
    const line = firstInView(list, lines);
    this.#anchor = line === undefined ? null : { line, place: line.offsetTop };
  }

  /** Whether it is time to fetch what is further up. */
  nearTop(list: Scrolled): boolean {
    return list.scrollTop < EDGE;
  }

  /** Whether it is time to fetch what is further down. */
  nearBottom(list: Scrolled): boolean {
    return below(list) < EDGE;
  }

  /** The lines or their sizes changed. */
  hold(list: Scrolled): void {
    if (this.atEnd) this.toEnd(list);
    else if (this.#anchor?.line.isConnected === true) {
      const { line, place } = this.#anchor;
      if (line.offsetTop !== place) list.scrollTop += line.offsetTop - place;
      this.#anchor = { line, place: line.offsetTop };
    }
  }

  /** Bring a line into the middle. */
  show(list: Scrolled, line: Line): void {
    this.atEnd = false;
    this.#anchor = { line, place: line.offsetTop };
    list.scrollTop = line.offsetTop - (list.clientHeight - line.offsetHeight) / 2;
  }

  toEnd(list: Scrolled): void {
    this.atEnd = true;
    list.scrollTop = list.scrollHeight;
  }
}

/** The last line whose end is in view or above; lines stand in order. */
export function lastRead<L extends Line>({ scrollTop, clientHeight }: Scrolled, lines: ArrayLike<L>): L | undefined {
  // Places are rounded, and scrolling is not.
  const bottom = scrollTop + clientHeight + 1;
  return lines[firstWhere(lines, ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > bottom) - 1];
}

function below({ scrollHeight, scrollTop, clientHeight }: Scrolled): number {
  return scrollHeight - scrollTop - clientHeight;
}

/** The first line that is not wholly above; lines stand in order. */
function firstInView({ scrollTop }: Scrolled, lines: ArrayLike<Line>): Line | undefined {
  return lines[firstWhere(lines, ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop)];
}

/** Index of the first line that something is true of, as it is of all after it. */
function firstWhere<L extends Line>(lines: ArrayLike<L>, isSo: (line: L) => boolean): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(lines[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
