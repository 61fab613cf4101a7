import { messages } from "../text/catalogue";
import { lookalikes } from "../text/looks";
import type { RoomInfo } from "../wire/protocol";

/** Signs of an id that tell rooms apart. */
const SHORT = 6;

/** The rooms of the sidebar, by where they are. */
export interface Groups {
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

  get groups(): Groups {
    const of = (kind: RoomInfo["kind"]): RoomInfo[] => this.infos.filter((info) => info.kind === kind);
    return { here: of("home"), elsewhere: of("mirror"), network: of("found") };
  }

  /** Ids of the rooms whose name looks like that of another one in the list. */
  readonly twins: ReadonlySet<string> = $derived.by(() => lookalikes(this.infos));

  /** How a room is called beside the others: with the beginning of its id where its name alone could be another's. */
  title({ id, name }: RoomInfo): string {
    return this.twins.has(id) ? messages.twinRoom(name, id.slice(0, SHORT)) : name;
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
    const { here, elsewhere, network } = this.groups;
    const all = [...here, ...elsewhere, ...network];
    const index = all.findIndex((info) => info.id === id);
    return all[(index + step + all.length) % all.length];
  }

  /** Return the room to begin with: the last one, else one of this node, else one that it mirrors. */
  first(last: string | null, declined: ReadonlySet<string>): RoomInfo | undefined {
    const open = this.infos.filter(({ id }) => !declined.has(id));
    return (
      open.find(({ id }) => id === last) ??
      open.find(({ kind }) => kind === "home") ??
      open.find(({ kind }) => kind === "mirror")
    );
  }
}
