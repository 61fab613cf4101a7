/** What a receiver does with a run of events: the same three words as in lanchat/protocol/cursor.py. */
export type Admission = "next" | "seen" | "hole";

/** The last seq that one receiver of one room has handled; 0 means nothing yet. */
export class Cursor {
  seq: number;

  constructor(seq = 0) {
    this.seq = seq;
  }

  /** Say what to do with the events `first` to `last`, and move on when they are next. */
  admit(first: number, last: number = first): Admission {
    if (last <= this.seq) return "seen";
    if (first > this.seq + 1) return "hole";
    this.seq = last;
    return "next";
  }
}
