import { messages } from "../text/catalogue";
import { alike, lookalikes } from "../text/looks.svelte";
import type { RoomInfo } from "../wire/protocol";
import type { MyRooms } from "./mine.svelte";

/** Signs of an id that tell rooms apart. */
const SHORT = 6;
/** Above every place where a room is put. */
const MOST = 2 ** 31;

/** The rooms of the sidebar: those that we like best, and the others by where they are. */
export interface Groups {
  readonly favourites: readonly RoomInfo[];
  readonly here: readonly RoomInfo[];
  readonly elsewhere: readonly RoomInfo[];
  readonly network: readonly RoomInfo[];
}

/** All rooms that the node knows. */
export class KnownRooms {
  infos = $state.raw<readonly RoomInfo[]>([]);
  /** How many rooms the node has beside them: too many for a list, and found by their names. */
  more = $state(0);
  /** Whether the list of this connection came. */
  complete = $state(false);

  readonly #mine: Pick<MyRooms, "of">;

  constructor(mine: Pick<MyRooms, "of"> = { of: () => undefined }) {
    this.#mine = mine;
  }

  readonly groups: Groups = $derived.by(() => {
    const likes = ({ id }: RoomInfo): boolean => this.#mine.of(id)?.favourite === true;
    const sorted = [...this.infos].sort((one, other) => this.#rank(one) - this.#rank(other));
    const of = (kind: RoomInfo["kind"]): RoomInfo[] => sorted.filter((info) => info.kind === kind && !likes(info));
    return { favourites: sorted.filter(likes), here: of("home"), elsewhere: of("mirror"), network: of("found") };
  });

  /** All rooms in the order of the sidebar. */
  get order(): readonly RoomInfo[] {
    const { favourites, here, elsewhere, network } = this.groups;
    return [...favourites, ...here, ...elsewhere, ...network];
  }

  /** Return another room of a name in which people spoke: of the two, the one with the smaller id can go on as both. */
  namesake(mine: RoomInfo): RoomInfo | undefined {
    const open = ({ door = "open", top }: RoomInfo): boolean => door === "open" && top > 0;
    if (mine.shared === true || !open(mine)) return undefined;
    return this.infos.find((info) => info.kind === "found" && info.name === mine.name && open(info));
  }

  /** Return the order in which a room stands one place further down in its group; null when it cannot. */
  moved(id: string, step: 1 | -1): readonly string[] | null {
    const group = Object.values(this.groups).find((infos: readonly RoomInfo[]) => infos.some((info) => info.id === id));
    const ids = (group as readonly RoomInfo[] | undefined)?.map((info) => info.id) ?? [];
    const [from, to] = [ids.indexOf(id), ids.indexOf(id) + step];
    const other = ids[to];
    if (from < 0 || other === undefined || this.#mine.of(id) === undefined || this.#mine.of(other) === undefined) return null;
    const all = this.order.map((info) => info.id);
    return all.map((known) => (known === id ? other : known === other ? id : known));
  }

  /** Ids of the rooms whose name looks like that of another one in the list. */
  readonly twins: ReadonlySet<string> = $derived.by(() => lookalikes(this.infos));

  /** How a room is called beside the others: with the beginning of its id where its name alone could be another's. */
  title({ id, name }: RoomInfo): string {
    return this.twins.has(id) ? messages.twinRoom(name, id.slice(0, SHORT)) : name;
  }

  /** The name of another room that looks like this name; empty when there is none. */
  twinOf(name: string, except = ""): string {
    return this.infos.find((info) => info.id !== except && alike(info.name, name.trim()))?.name ?? "";
  }

  /** The rooms that this node keeps. */
  get kept(): readonly RoomInfo[] {
    return this.infos.filter(({ kind }) => kind !== "found");
  }

  /** Take the node's list in the place of the one before. */
  replace(infos: readonly RoomInfo[], more = 0): void {
    this.infos = infos;
    this.more = more;
    this.complete = true;
  }

  /** Add a room that the node's next list will have as well; until then it must not be missing. */
  add(info: RoomInfo): void {
    if (!this.infos.some(({ id }) => id === info.id)) this.infos = [...this.infos, info];
  }

  /** Take a room out that the node's next list will not have either. */
  remove(room: string): void {
    this.infos = this.infos.filter(({ id }) => id !== room);
  }

  /** Return the room `step` places further down than another, round and round; undefined when the list is empty. */
  beside(id: string | undefined, step: 1 | -1): RoomInfo | undefined {
    const all = this.order;
    const index = all.findIndex((info) => info.id === id);
    return all[(index + step + all.length) % all.length];
  }

  /** Return the room to begin with: the last one, else where most people are or, of those, most was said; of what is kept here. */
  first(last: string | null, declined: ReadonlySet<string>): RoomInfo | undefined {
    const open = this.infos.filter(({ id }) => !declined.has(id));
    const isElsewhere = ({ kind }: RoomInfo): number => Number(kind === "mirror");
    const [busiest] = open
      .filter(({ kind }) => kind !== "found")
      .sort(
        (one, other) =>
          other.members - one.members || isElsewhere(one) - isElsewhere(other) || other.top - one.top,
      );
    return open.find(({ id }) => id === last) ?? busiest;
  }

  /** Where a room stands: as it was put, then those that we are in, then the others. */
  #rank({ id }: RoomInfo): number {
    const mine = this.#mine.of(id);
    return mine === undefined ? 2 * MOST : mine.place || MOST;
  }
}
