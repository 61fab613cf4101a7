import type { Author, Presence as PresenceFrame } from "../wire/protocol";
import { SILENCE } from "../wire/protocol";

/** Somebody in the room, and the nodes that see them. */
export interface Member {
  readonly author: Author;
  readonly nodes: readonly string[];
}

/** Milliseconds after which "is writing" dies when it is not repeated. */
export const TYPING_LIFE = 5_000;

/** "Ada 7" stands before "Ada 13". */
const NAMES = new Intl.Collator(undefined, { numeric: true });

/** Who is in a room: the newest announcement of each node, dropped whole when the node falls silent. */
export class RoomPresence {
  readonly #sets = new Map<string, { frame: PresenceFrame; until: number }>();

  receive(frame: PresenceFrame, now: number, silence: number = SILENCE * 1000): void {
    if (frame.members.length === 0) this.#sets.delete(frame.node.id);
    else this.#sets.set(frame.node.id, { frame, until: now + silence });
  }

  /** Drop who is overdue; true when somebody was. */
  expire(now: number): boolean {
    const overdue = [...this.#sets].filter(([, { until }]) => until <= now);
    overdue.forEach(([node]) => this.#sets.delete(node));
    return overdue.length > 0;
  }

  /** Everybody once, oneself first, then as people would sort their names. @param me our own id. */
  members(me: string): Member[] {
    const found = new Map<string, { author: Author; nodes: string[] }>();
    for (const { frame } of this.#sets.values()) {
      for (const author of frame.members) {
        const member = found.get(author.id) ?? { author, nodes: [] };
        found.set(author.id, { author, nodes: [...member.nodes, frame.node.name] });
      }
    }
    const rank = ({ author }: Member): number => Number(author.id !== me);
    return [...found.values()].sort(
      (one, other) => rank(one) - rank(other) || NAMES.compare(one.author.nick, other.author.nick),
    );
  }
}

/** Who is writing just now. */
export class Typists {
  readonly #writing = new Map<string, { author: Author; until: number }>();

  receive(author: Author, now: number): void {
    this.#writing.set(author.id, { author, until: now + TYPING_LIFE });
  }

  /** Their message came, so they are done; true when they were writing. */
  spoke(id: string): boolean {
    return this.#writing.delete(id);
  }

  expire(now: number): boolean {
    const overdue = [...this.#writing].filter(([, { until }]) => until <= now);
    overdue.forEach(([id]) => this.#writing.delete(id));
    return overdue.length > 0;
  }

  get authors(): Author[] {
    return Array.from(this.#writing.values(), ({ author }) => author);
  }
}

/**
 * Keep people where they are, while somebody points at them: who came stands behind them, who went is gone.
 *
 * @param order ids as they stand now.
 */
export function settled(order: readonly string[], members: readonly Member[]): readonly Member[] {
  const place = new Map(order.map((id, index) => [id, index]));
  return [...members].sort((one, other) => (place.get(one.author.id) ?? Infinity) - (place.get(other.author.id) ?? Infinity) || 0);
}
