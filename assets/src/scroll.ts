/** Nearer than this to the end, the reader wants to stay at the end: pixels. */
const NEAR = 80;
/** Nearer than this to the top, earlier messages are fetched: pixels. */
const TOP = 240;

/** The part of an element that scrolls which is used here. */
export type Scrolled = Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">;

/**
 * The one place that moves the message list.
 *
 * At the end it stays at the end; anywhere else, the lines that the reader looks at stay where they are, whatever is
 * put above or below them.
 */
export class Tail {
  /** Whether the reader is at the end. */
  atEnd = true;
  #first = "";
  #height = 0;

  /** The reader scrolled. */
  scrolled(list: Scrolled): void {
    this.atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
    this.#height = list.scrollHeight;
  }

  /** Whether it is time to fetch what is further up. */
  nearTop(list: Scrolled): boolean {
    return list.scrollTop < TOP;
  }

  /** The lines changed; `first` is the key of the first one now. */
  updated(list: Scrolled, first: string): void {
    const grown = list.scrollHeight - this.#height;
    if (this.atEnd) this.toEnd(list);
    else if (first !== this.#first && this.#first !== "" && grown > 0) list.scrollTop += grown;
    this.#first = first;
    this.#height = list.scrollHeight;
  }

  /** The list or something in it got another size. */
  resized(list: Scrolled): void {
    if (this.atEnd) this.toEnd(list);
    this.#height = list.scrollHeight;
  }

  toEnd(list: Scrolled): void {
    this.atEnd = true;
    list.scrollTop = list.scrollHeight;
  }
}
