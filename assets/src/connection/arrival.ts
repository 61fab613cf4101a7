import type { LocalStore } from "../platform/storage";
import { isWindow, keptGuest, type Guest } from "./door";
import { isPassage, takePassage, type Passage } from "./passage";

/** As whom this tab is here, and what it brings. */
export interface Arrival {
  /** Where this tab keeps things. */
  readonly store: LocalStore;
  /** What somebody brought who came from another node; null when they did not. */
  readonly passage: Passage | null;
  /** A passage of somebody else than this browser is here: nobody becomes them without being asked. */
  readonly doubtful: Passage | null;
}

/** What the arrival of a tab looks at. */
export interface ArrivalContext {
  readonly location: Pick<Location, "hash" | "pathname" | "search">;
  readonly history: Pick<History, "replaceState">;
  /** What this browser keeps for every tab at this node. */
  readonly store: LocalStore;
  /** What it keeps for this tab. */
  readonly tab: LocalStore;
}

const PASSAGE = "passage";

/**
 * Find out as whom a tab is here.
 *
 * Who comes by a passage is that guest in this tab only, and stays it when the tab is reloaded: nothing that the browser
 * keeps here for others is overwritten or sent. Only who comes back to where they were a guest at first is who they were.
 */
export function arrive(context: ArrivalContext, now: number): Arrival {
  const { store, tab } = context;
  const passage = takePassage(context.location, context.history, now);
  const moved = keptGuest(tab);
  const own = keptGuest(store);
  if (passage === null || isWindow(store)) {
    const here = moved === null || isWindow(store) ? store : tab;
    const waiting = here.get<unknown>(PASSAGE);
    return { store: here, passage: isPassage(waiting) ? waiting : null, doubtful: null };
  }
  if (own?.secret === passage.guest.secret) {
    tab.remove("guest");
    store.set(PASSAGE, passage);
    return { store, passage, doubtful: null };
  }
  const known = moved ?? own;
  if (known === null || known.secret === passage.guest.secret) {
    become(tab, passage);
    return { store: tab, passage, doubtful: null };
  }
  return { store: moved === null ? store : tab, passage: null, doubtful: passage };
}

/** From the next time on, let this tab be who came by a passage. */
export function become(tab: LocalStore, passage: Passage): void {
  const { secret, nick } = passage.guest;
  const guest: Guest = { seed: "", secret, nick };
  tab.set("guest", guest);
  tab.set(PASSAGE, passage);
}

/** What a passage brought is here: it has come to its end. */
export function complete(store: LocalStore): void {
  store.remove(PASSAGE);
}
