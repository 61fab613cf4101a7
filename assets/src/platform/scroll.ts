/** Nearer than this to the end, the reader wants to stay at the end: pixels. */
const NEAR = 80;
/** Nearer than this to the top or the bottom, more messages are fetched: pixels. A key that is held is that fast. */
const EDGE = 800;
/** Of what is in view, this much stays in view when somebody scrolls by a screen: pixels. */
const OVERLAP = 48;

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
  /** Which way the reader went: -1 up, 1 down, 0 nowhere since something else was brought into view. */
  #way = 0;
  #top = 0;

  /**
   * The reader scrolled.
   *
   * @param live whether the end of the list is the end of the conversation, where readers are kept.
   */
  scrolled(list: Scrolled, lines: ArrayLike<Line>, live = true): void {
    this.atEnd = live && below(list) < NEAR;
    if (list.scrollTop !== this.#top) this.#way = Math.sign(list.scrollTop - this.#top);
    this.#top = list.scrollTop;
    const line = firstInView(list, lines);
    this.#anchor = line === undefined ? null : { line, place: line.offsetTop };
  }

  /**
   * Whether it is time to show what is further up.
   *
   * @param full whether showing more means to let go of something at the other end. Then only the reader's own way
   *   counts: on a very tall screen both ends may be near, and what comes at one must not call for the other.
   */
  nearTop(list: Scrolled, full: boolean): boolean {
    return list.scrollTop < EDGE && (this.#way < 0 || (this.#way === 0 && !full));
  }

  /** Whether it is time to show what is further down. */
  nearBottom(list: Scrolled, full: boolean): boolean {
    return below(list) < EDGE && (this.#way > 0 || (this.#way === 0 && !full));
  }

  /** The lines or their sizes changed. */
  hold(list: Scrolled): void {
    if (this.atEnd) this.toEnd(list);
    else if (this.#anchor?.line.isConnected === true) {
      const { line, place } = this.#anchor;
      if (line.offsetTop !== place) this.#put(list, list.scrollTop + line.offsetTop - place);
      this.#anchor = { line, place: line.offsetTop };
    }
  }

  /** Scroll by a screen: up for -1, down for 1. */
  turn(list: Scrolled, way: -1 | 1): void {
    list.scrollTop += way * Math.max(OVERLAP, list.clientHeight - OVERLAP);
  }

  /** Bring a line into the middle, or near the top, with a little of what is before it. */
  show(list: Scrolled, line: Line, where: "middle" | "top" = "middle"): void {
    this.atEnd = false;
    this.#way = 0;
    this.#anchor = { line, place: line.offsetTop };
    const room = list.clientHeight - line.offsetHeight;
    this.#put(list, line.offsetTop - (where === "middle" ? room / 2 : room / 5));
  }

  toEnd(list: Scrolled): void {
    this.atEnd = true;
    this.#way = 0;
    this.#put(list, list.scrollHeight);
  }

  #put(list: Scrolled, top: number): void {
    list.scrollTop = top;
    this.#top = list.scrollTop;
  }
}

/** The last line whose end is in view or above; lines stand in order. */
export function lastRead<L extends Line>({ scrollTop, clientHeight }: Scrolled, lines: ArrayLike<L>): L | undefined {
  // Places are rounded, and scrolling is not.
  const bottom = scrollTop + clientHeight + 1;
  return lines[firstWhere(lines, ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > bottom) - 1];
}

/** The first line that something is true of, as it is of all after it; lines stand in order. */
export function firstFrom<L extends Line>(lines: ArrayLike<L>, isSo: (line: L) => boolean): L | undefined {
  return lines[firstWhere(lines, isSo)];
}

function below({ scrollHeight, scrollTop, clientHeight }: Scrolled): number {
  return scrollHeight - scrollTop - clientHeight;
}

/** The first line that is not wholly above; lines stand in order. */
function firstInView({ scrollTop }: Scrolled, lines: ArrayLike<Line>): Line | undefined {
  return firstFrom(lines, ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop);
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
