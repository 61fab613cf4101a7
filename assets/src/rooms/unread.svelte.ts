import type { Room } from "../room/room.svelte";
import type { RoomInfo } from "../wire/protocol";
import type { KnownRooms } from "./known.svelte";
import type { MyRooms } from "./mine.svelte";

/** So long after a change the number is `settled`: milliseconds. */
export const SETTLED = 100;

/** What is unread in all rooms, as the node counts it, without what somebody has before their eyes. */
export class UnreadRooms {
  readonly #mine: MyRooms;
  readonly #known: KnownRooms;
  readonly #watched: () => Room | null;
  /**
   * How much is unread in all, once that has settled. What comes before somebody's eyes is unread for a few milliseconds,
   * and changing a title or a badge for it takes as long.
   */
  settled = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param watched the room that somebody has before their eyes; null for none. */
  constructor(mine: MyRooms, known: KnownRooms, watched: () => Room | null) {
    this.#mine = mine;
    this.#known = known;
    this.#watched = watched;
  }

  /** How many messages are unread in a room, as far as we want to be told. */
  of(id: string): number {
    return this.#isRead(id) ? 0 : this.#mine.unread(id);
  }

  /** How many of those mention us. */
  mentions(id: string): number {
    return this.#isRead(id) ? 0 : this.#mine.mentions(id);
  }

  get total(): number {
    return this.#mine.ids.reduce((sum, id) => sum + this.of(id), 0);
  }

  /** The total may have changed: what it is in a moment is `settled`. Whoever calls it in an effect follows the total. */
  settle(): void {
    void this.total;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.settled = this.total;
    }, SETTLED);
  }

  /** Return the next room down or up the list in which something is unread, round and round; undefined for none. */
  next(from: string | undefined, step: 1 | -1): RoomInfo | undefined {
    const all = this.#known.order;
    const here = Math.max(0, all.findIndex(({ id }) => id === from));
    const others = all.map((_, index) => all[(here + step * (index + 1) + 2 * all.length) % all.length]!);
    return others.find(({ id }) => id !== from && this.of(id) > 0);
  }

  /** What is before somebody's eyes is read, and the node will have been told so in a moment. */
  #isRead(id: string): boolean {
    const watched = this.#watched();
    return watched?.id === id && watched.caughtUp;
  }
}
