import { arrive } from "./connection/arrival";
import { Session } from "./connection/session.svelte";
import type { Browser } from "./platform/browser";
import { LocalStore } from "./platform/storage";
import { Labels } from "./room/labels.svelte";
import { Alerter } from "./rooms/alerts.svelte";
import { Comparisons } from "./rooms/comparisons.svelte";
import { Jobs } from "./rooms/jobs.svelte";
import { Journey } from "./rooms/journey.svelte";
import { isNobodyFound, Lookout } from "./nearby/lookout.svelte";
import { Notifications } from "./rooms/notifications.svelte";
import { RoomRegistry } from "./rooms/rooms.svelte";
import { Sharing } from "./nearby/sharing.svelte";
import { takeTicket } from "./door/ticket";
import { learn } from "./text/looks.svelte";
import { arrivalWords } from "./text/words/arrivalwords";
import { noticeWords } from "./text/words/noticewords";
import type { Reply } from "./wire/protocol";

/** How often what dies by itself is looked through: milliseconds. */
const TICK = 1_000;
/** How often is looked whether the node is still there: milliseconds. */
const WATCH = 250;

/** Everything that the views show and do: builds the parts and joins them. */
export class Client {
  readonly session: Session;
  readonly rooms: RoomRegistry;
  readonly jobs: Jobs;
  readonly notifications: Notifications;
  readonly alerts: Alerter;
  readonly labels: Labels;
  readonly comparisons: Comparisons;
  readonly sharing: Sharing;
  readonly lookout: Lookout;
  readonly journey: Journey;
  /** A sentence about something that went wrong and belongs to nothing else; empty when all is well. */
  trouble = $state("");
  readonly #browser: Browser;
  #timers: readonly ReturnType<typeof setInterval>[] = [];

  constructor(browser: Browser) {
    const tab = browser.tab ?? LocalStore.ofTab();
    const { location, history } = browser;
    const arrival = arrive({ location, history, store: browser.store ?? new LocalStore(), tab }, Date.now());
    const { store, passage } = arrival;
    const ticket = passage === null ? takeTicket(location, history) : null;
    this.#browser = browser;
    this.session = new Session(browser, store, {
      onReady: () => {
        void learn();
        this.alerts.connected();
        this.journey.connected();
        this.rooms.mine.keptBy(this.session.node?.id ?? "");
        this.rooms.connected();
      },
      onLost: () => {
        this.rooms.disconnected();
        this.jobs.disconnected();
        this.comparisons.disconnected();
      },
      onReply: (reply) => this.#onReply(reply),
      onSentOn: () => this.journey.sentOn(),
    });
    this.labels = new Labels(() => this.session.me.id);
    this.rooms = new RoomRegistry(store, {
      send: this.session.send,
      ask: this.session.ask,
      labels: this.labels,
      me: () => this.session.me.id,
      visible: () => browser.looking(),
      onView: (room) => {
        // While nobody looks at the page, what called in that room is still to be seen.
        if (browser.looking()) {
          this.notifications.seen(room);
          this.alerts.seen(room);
        }
        if (this.rooms.current !== null) this.journey.viewed(this.rooms.current);
      },
      onMore: (room) => this.#tellMore(room),
      wanted: new URLSearchParams(location.search).get("room") ?? "",
      ticket: passage === null ? ticket : { address: "", room: passage.room.id, code: "", further: [], others: [] },
    });
    this.journey = new Journey({
      browser,
      arrival,
      tab,
      session: this.session,
      joined: this.rooms.joined,
      room: () => this.rooms.current,
      save: () => this.save(),
    });
    if (ticket !== null) this.journey.given(ticket);
    this.jobs = new Jobs(this.session.ask, (job, file) => this.session.upload(job, file));
    this.comparisons = new Comparisons(this.session.ask, this.labels, () => this.session.guest);
    this.alerts = new Alerter({
      store,
      ask: this.session.ask,
      outside: browser.outside,
      present: () => browser.looking() && browser.focused?.() !== false,
    });
    this.sharing = new Sharing(this.session.ask);
    this.lookout = new Lookout(this.session.ask);
    this.notifications = new Notifications({
      labels: this.labels,
      watching: (room) => this.#watching(room),
      muted: (room) => this.rooms.mine.of(room)?.notices === "nothing",
      quiet: () => this.alerts.quiet,
      alert: (telling) => this.alerts.call(telling),
      show: (room, nonce) => this.rooms.select(room, nonce),
    });
  }

  start(): void {
    this.#timers = [
      setInterval(() => this.#tick(Date.now()), TICK),
      setInterval(() => this.journey.tick(Date.now()), WATCH),
    ];
    void learn();
    this.session.start();
  }

  stop(): void {
    this.#timers.forEach((timer) => clearInterval(timer));
    this.save();
    this.session.stop();
  }

  /** Let this browser, or no browser any more, come in without a new key. */
  signOut(everywhere: boolean): void {
    this.session.signOut(everywhere).catch(() => {
      this.trouble = arrivalWords.notSignedOut;
    });
  }

  /** The page came into view, or out of it. */
  visibilityChanged(): void {
    this.session.nudge();
    if (this.#browser.looking()) this.rooms.markSeen();
    else this.save();
  }

  /** The page's address changed: it may bring a new key, or lead into another room. */
  readdressed(): void {
    this.session.readdressed();
    const ticket = takeTicket(this.#browser.location, this.#browser.history);
    if (ticket === null) return;
    this.journey.given(ticket);
    this.rooms.arrive(ticket);
  }

  /** Whether the person whose computer this is has found nobody else on the network. */
  get alone(): boolean {
    const { known, joined } = this.rooms;
    if (this.session.guest || this.session.connection.state !== "ready" || !known.complete) return false;
    return isNobodyFound(known.infos, (id) => joined.of(id)?.entered === true);
  }

  /** Keep what is written: the page may be about to go. */
  save(): void {
    this.rooms.save();
  }

  #tick(now: number): void {
    this.rooms.tick(now);
    this.notifications.tick(now);
    this.alerts.tick(now);
    this.lookout.tick(now, this.alone, this.session.address);
  }

  /** Whether somebody has a room before their eyes. */
  #watching(room: string): boolean {
    return this.#browser.looking() && room === this.rooms.current?.id;
  }

  #tellMore(room: string): void {
    const info = this.rooms.known.infos.find(({ id }) => id === room);
    if (info === undefined || this.#watching(room)) return;
    const title = noticeWords.more(this.rooms.known.title(info), this.rooms.mine.unread(room));
    this.alerts.more(room, { title, text: "", tag: room, follow: () => this.rooms.select(room) });
  }

  #onReply(reply: Reply): void {
    const parts = [this.jobs, this.alerts, this.notifications, this.comparisons, this.journey, this.rooms];
    const taken = parts.some((part) => part.receive(reply));
    if (!taken && reply.type === "error") this.trouble = reply.message;
  }
}
