import { handle, type Handlers } from "../connection/handlers";
import type { Ask } from "../connection/requests";
import type { Outside, Telling } from "../platform/outside";
import type { LocalStore } from "../platform/storage";
import { QUIET_FOR_GOOD, type Reply } from "../wire/protocol";

/** Under which the browser keeps that the person was asked, or told that it is not allowed. */
const ASKED = "alerts";
/** When a day begins for those who want quiet until tomorrow: hours. */
const MORNING = 8;

/** What alerts need of what is around them. */
export interface AlertContext {
  readonly store: LocalStore;
  readonly ask: Ask;
  /** What the browser can do; undefined where it can do nothing. */
  readonly outside: Outside | undefined;
  /** Whether the person has the page before their eyes and their keyboard in it. */
  present(): boolean;
}

/** How the person is told of something while they look elsewhere, as they want it. */
export class Alerter {
  /** Until when nothing is told: milliseconds since 1970, Infinity until they end it, 0 when everything is. */
  until = $state(0);
  sound = $state(true);
  /** Whether the person is to be asked if they want to be told outside of the page. */
  asking = $state(false);
  /** Whether they are to hear that the browser does not allow it. */
  refused = $state(false);
  readonly #context: AlertContext;
  readonly #told = new Set<string>();
  readonly #handlers: Handlers = {
    alerts: ({ quiet = 0, sound = true }) => {
      this.until = quiet === QUIET_FOR_GOOD ? Infinity : quiet > 0 ? Date.now() + quiet * 1000 : 0;
      this.sound = sound;
    },
  };

  constructor(context: AlertContext) {
    this.#context = context;
  }

  /** Take what the node says about how we want to be told; false when it is about something else. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  /** A new connection: the node says what is not as at first. */
  connected(): void {
    this.until = 0;
    this.sound = true;
  }

  get quiet(): boolean {
    return this.until > 0;
  }

  /** Whether the browser lets the page tell something; "absent" where it cannot. */
  get allowed(): ReturnType<Outside["allowed"]> {
    return this.#context.outside?.allowed() ?? "absent";
  }

  /** Tell something that is for this person: aloud, and outside of the page when they look elsewhere. */
  call(telling: Telling): void {
    if (this.quiet) return;
    if (this.sound) this.#context.outside?.chime();
    this.#tell(telling);
    if (this.allowed === "granted" || this.#context.store.get(ASKED) !== null) return;
    // The first time that it would have been of use.
    if (this.allowed === "default") this.asking = true;
    else if (this.allowed === "denied") this.#refuse();
  }

  /** Tell that there is something new in a room: once, until somebody looks into it. */
  more(room: string, telling: Telling): void {
    if (this.quiet || this.#told.has(room)) return;
    this.#told.add(room);
    this.#tell(telling);
  }

  /** A room is looked at. */
  seen(room: string): void {
    this.#told.delete(room);
  }

  /** The person wants to be told outside of the page: let the browser ask them. */
  async allow(): Promise<void> {
    this.asking = false;
    const { outside, store } = this.#context;
    if ((await outside?.ask()) === "denied") this.#refuse();
    else store.set(ASKED, true);
  }

  /** The person does not want that now. */
  notNow(): void {
    this.asking = false;
    this.#context.store.set(ASKED, true);
  }

  /** Tell nothing for so many seconds, until tomorrow, or until the person ends it; 0 ends it. */
  hush(seconds: number | "tomorrow" | "for good"): void {
    const quiet = seconds === "tomorrow" ? untilMorning(new Date()) : seconds === "for good" ? QUIET_FOR_GOOD : seconds;
    this.#context.ask({ type: "alert", quiet }, { answered: () => {} });
  }

  setSound(sound: boolean): void {
    this.#context.ask({ type: "alert", sound }, { answered: () => {} });
    if (sound) this.#context.outside?.chime();
  }

  /** Show how much is unread on the program's sign. */
  badge(count: number): void {
    this.#context.outside?.badge(count);
  }

  tick(now: number): void {
    if (this.until !== 0 && this.until <= now) this.until = 0;
  }

  #tell(telling: Telling): void {
    if (!this.#context.present()) this.#context.outside?.tell(telling);
  }

  #refuse(): void {
    this.refused = true;
    this.#context.store.set(ASKED, true);
  }
}

/** How many seconds it is to the next morning. */
export function untilMorning(now: Date): number {
  const morning = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING);
  return Math.ceil((morning.getTime() - now.getTime()) / 1000);
}
