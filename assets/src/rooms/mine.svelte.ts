import type { Ask } from "../connection/requests";
import type { Membership, Memberships, Prefer } from "../wire/protocol";

type Preference = Pick<Prefer, "notices" | "favourite" | "view">;

/** The rooms that we are in, as the node keeps it for us: what is unread in each, and how we want it. */
export class MyRooms {
  #all = $state.raw<ReadonlyMap<string, Membership>>(new Map());
  /** Id of the node that keeps it. */
  #node = "";
  readonly #ask: Ask;

  readonly #onMore: (room: string) => void;

  /** @param onMore is told of a room in which something new is unread, and of which we want to be told everything. */
  constructor(ask: Ask, onMore: (room: string) => void = () => {}) {
    this.#ask = ask;
    this.#onMore = onMore;
  }

  /** Take what the node says; give the ids of the rooms that we are not in any more. */
  take({ rooms = [], gone = [], whole = false }: Memberships): readonly string[] {
    const before = this.#all;
    const kept = [...before].filter(([id]) => !whole && !gone.includes(id));
    this.#all = new Map([...kept, ...rooms.map((mine) => [mine.room, mine] as const)]);
    if (!whole) rooms.filter((mine) => isMore(before.get(mine.room), mine)).forEach(({ room }) => this.#onMore(room));
    return [...before.keys()].filter((id) => !this.#all.has(id));
  }

  /** A node welcomed us. Behind one address there may be several, and another one knows nothing of what was kept before. */
  keptBy(node: string): void {
    if (node !== this.#node) this.#all = new Map();
    this.#node = node;
  }

  of(id: string): Membership | undefined {
    return this.#all.get(id);
  }

  /** How many messages are unread, as far as we want to be told. */
  unread(id: string): number {
    const { unread = 0, mentions = 0, notices = "all" } = this.of(id) ?? {};
    return notices === "all" ? unread : notices === "mentions" ? mentions : 0;
  }

  /** How many of those mention us. */
  mentions(id: string): number {
    const { mentions = 0, notices = "all" } = this.of(id) ?? {};
    return notices === "nothing" ? 0 : mentions;
  }

  get ids(): readonly string[] {
    return [...this.#all.keys()];
  }

  /** Everything in a room was read here: so it is, until the node says something else. */
  caughtUp(id: string, read: number): void {
    const mine = this.of(id);
    if (mine !== undefined) this.#all = new Map([...this.#all, [id, { ...mine, read, unread: 0, mentions: 0 }]]);
  }

  /** Everything counts as read. */
  readAll(): void {
    this.#ask({ type: "read_all" }, { answered: () => {} });
  }

  /** Say how we want a room. It holds here at once; the node says what came of it. */
  prefer(id: string, preference: Preference): void {
    const mine = this.of(id);
    if (mine === undefined || !this.#ask({ type: "prefer", room: id, ...preference }, { answered: () => {} })) return;
    this.#all = new Map([...this.#all, [id, { ...mine, ...preference } as Membership]]);
  }

  /** Put our rooms into an order. */
  arrange(ids: readonly string[]): void {
    const rooms = ids.filter((id) => this.of(id) !== undefined).slice(0, MOST_ARRANGED);
    this.#ask({ type: "arrange", rooms }, { answered: () => {} });
  }
}

/** Most rooms that are put into an order. */
const MOST_ARRANGED = 500;

/** Whether there is more to be read than before, and nothing that is told by itself because it mentions us. */
function isMore(before: Membership | undefined, { unread = 0, mentions = 0, notices = "all" }: Membership): boolean {
  const was = before ?? { unread: 0, mentions: 0 };
  return notices === "all" && unread > (was.unread ?? 0) && mentions <= (was.mentions ?? 0);
}
