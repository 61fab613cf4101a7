import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "./client.svelte";
import { PICTURE } from "./connection/socket";
import { LocalStore } from "./platform/storage";
import { ANA, MILO, WELCOME, event, info } from "./testing/events";
import { FakeWebSocket } from "./testing/socket";
import { FakeStorage } from "./testing/storage";
import { VERSION, type Command, type Reply, type RoomInfo } from "./wire/protocol";

let wires: FakeWebSocket[];
let storage: FakeStorage;
let looking: boolean;
let told: string[];
let client: Client;

const wire = () => wires.at(-1)!;
/** The node says something, and the page has drawn it. */
function deliver(reply: Reply): void {
  wire().deliver(reply);
  vi.advanceTimersByTime(PICTURE);
}
const rooms = (...list: RoomInfo[]) => deliver({ type: "rooms", rooms: list });
const joined = (room: string) => {
  const index = wire().of("join").findLastIndex((join) => join.room === room);
  deliver({ type: "joined", room, term: 1, top: 0, events: [], ref: wire().refOf("join", index) });
};
const opened = (room: RoomInfo) => answer("open", { type: "opened", room });
/** The node answers the newest command of a type. */
const answer = (to: Command["type"], reply: Reply) => deliver({ ...reply, ref: wire().refOf(to) } as Reply);
const refuse = (to: Command["type"], code: string, message: string) =>
  answer(to, { type: "error", code, message, retry: false });

async function start({
  address = "http://192.0.2.5:28280/" as string | URL,
  token = { status: 404, body: {} as object },
} = {}) {
  const url = address instanceof URL ? address : new URL(address);
  const asked: string[] = [];
  const replaced: unknown[] = [];
  client = new Client({
    location: url,
    history: { replaceState: (_data, _unused, to) => replaced.push(to) },
    fetch: (input, init) => {
      asked.push(`${init.method} ${input} ${String(init.body)}`);
      const { status, body } = token;
      return Promise.resolve({ status, ok: status === 200, json: () => Promise.resolve(body) });
    },
    open: () => {
      wires.push(new FakeWebSocket());
      return wire();
    },
    looking: () => looking,
    outside: {
      allowed: () => "granted",
      ask: () => Promise.resolve("granted"),
      tell: ({ title, text }) => told.push(text === "" ? title : `${title}: ${text}`),
      badge: () => {},
      chime: () => {},
    },
    online: () => true,
    go: () => {},
    reload: () => {},
    tab: new LocalStore(new FakeStorage()),
    store: new LocalStore(storage),
  });
  client.start();
  await welcome();
  return { asked, replaced };
}

async function welcome(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  if (wires.length === 0) return;
  wire().onopen?.();
  deliver(WELCOME);
}

async function cut(): Promise<void> {
  wire().onclose?.();
  await vi.advanceTimersByTimeAsync(1000);
  await welcome();
}

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  storage = new FakeStorage();
  looking = true;
  told = [];
});
afterEach(() => {
  client.stop();
  vi.useRealTimers();
});

describe("coming in", () => {
  it("as the window: swaps the token, hides it, and looks who answers before it comes back", async () => {
    const address = "http://127.0.0.1:28281/?room=Tea#t=once";
    const { asked, replaced } = await start({ address, token: { status: 200, body: { bearer: "secret" } } });
    expect(asked).toEqual(['POST ./token {"token":"once","bearer":"","keep":true}']);
    expect(replaced).toEqual(["/?room=Tea"]);
    expect(wire().sent[0]).toEqual({ type: "hello", version: VERSION, client: "window", token: "secret" });
    expect(client.session.guest).toBe(false);
    await cut();
    await vi.waitFor(() => expect(asked[2]).toContain("POST ./proof"));
    expect(asked[1]).toBe("HEAD ./ undefined");
    expect(asked.join()).not.toContain("secret");
  });

  it("as a guest: with an id and a name that stay", async () => {
    const { asked } = await start();
    expect(asked).toEqual([]);
    const hello = wire().sent[0];
    expect(hello).toMatchObject({ client: "guest", nick: expect.stringMatching(/^Guest \d{4}$/) as string });
    expect(client.session.guest).toBe(true);
    client.stop();
    await start();
    // The welcome of the node said that we are Ana.
    expect(wire().sent[0]).toEqual({ ...hello, nick: "Ana" });
  });

  it("as a guest on the node's own machine, when no window is served there", async () => {
    await start({ address: "http://127.0.0.1:28280/" });
    expect(wire().sent[0]).toMatchObject({ client: "guest" });
  });

  it("not at all without a key: shows the node's sentence", async () => {
    const body = { code: "unauthorised", message: "This window has no valid key." };
    await start({ address: "http://127.0.0.1:28281/", token: { status: 401, body } });
    expect(client.session.connection).toEqual({ state: "refused", ...body });
    expect(wires.length).toBe(0);
  });

  it("again, when a window that was reloaded is given a new key", async () => {
    const body = { code: "unauthorised", message: "This window has no valid key." };
    const token: { status: number; body: object } = { status: 401, body };
    const url = new URL("http://127.0.0.1:28281/");
    await start({ address: url, token });
    client.session.readdressed();
    expect(client.session.connection.state).toBe("refused");
    Object.assign(token, { status: 200, body: { bearer: "secret" } });
    url.hash = "#t=again";
    client.session.readdressed();
    await welcome();
    expect(wire().sent[0]).toEqual({ type: "hello", version: VERSION, client: "window", token: "secret" });
    expect(client.session.connection.state).toBe("ready");
  });

  it("and learns where others join", async () => {
    await start();
    expect(client.session.address).toBe("");
    deliver({ ...WELCOME, address: "http://192.0.2.5:28280/" } as Reply);
    expect(client.session.address).toBe("http://192.0.2.5:28280/");
  });

  it("later, when the node does not answer now", async () => {
    await start({ address: "http://127.0.0.1:28281/#t=x", token: { status: 503, body: {} } });
    expect(client.session.connection.state).toBe("waiting");
  });
});

describe("the first room", () => {
  it("is the one that the address names", async () => {
    await start({ address: "http://192.0.2.5:28280/?room=Tea%20time" });
    rooms(info("a"));
    expect(wire().of("open")).toEqual([{ type: "open", name: "Tea time" }]);
    opened(info("t", { name: "Tea time" }));
    expect(client.rooms.current?.id).toBe("t");
    expect(wire().of("join")).toEqual([{ type: "join", room: "t", since: 0 }]);
  });

  it("is the last one", async () => {
    storage.setItem("lanchat.room", '"b"');
    await start();
    rooms(info("a"), info("b", { kind: "mirror" }));
    expect(wire().of("open")).toEqual([{ type: "open", room: "b" }]);
  });

  it("is else one of this node, then one that it mirrors, and never just any that was found", async () => {
    storage.setItem("lanchat.room", '"gone"');
    await start();
    rooms(info("f", { kind: "found" }));
    expect(wire().of("open")).toEqual([]);
    rooms(info("f", { kind: "found" }), info("m", { kind: "mirror" }), info("h"));
    expect(wire().of("open")).toEqual([{ type: "open", room: "h" }]);
  });

  it("is another one when the first cannot be opened, but not for ever", async () => {
    storage.setItem("lanchat.room", '"m"');
    await start();
    rooms(info("m", { kind: "mirror" }), info("h"));
    const away = () => refuse("open", "journal_failed", "Away.");
    away();
    expect(wire().of("open").at(-1)).toEqual({ type: "open", room: "h" });
    away();
    expect(wire().of("open").length).toBe(2);
    expect(client.rooms.wish.refusal).toBe("Away.");
  });
});

describe("rooms", () => {
  beforeEach(async () => {
    await start();
    rooms(info("r"), info("s"), info("m", { kind: "mirror" }), info("f", { kind: "found" }));
    opened(info("r"));
    joined("r");
  });

  it("stand in three groups", () => {
    const { here, elsewhere, network } = client.rooms.known.groups;
    expect([here, elsewhere, network].map((list) => list.map(({ id }) => id))).toEqual([["r", "s"], ["m"], ["f"]]);
  });

  it("are opened once and then only viewed", () => {
    client.rooms.select("s");
    opened(info("s"));
    client.rooms.select("r");
    client.rooms.select("s");
    expect(wire().of("open").length).toBe(2);
    expect(client.rooms.current?.id).toBe("s");
  });

  it("stand in the list as soon as they are open", () => {
    client.rooms.open("Tea");
    opened(info("t", { name: "Tea" }));
    expect(client.rooms.known.groups.here.map(({ id }) => id)).toEqual(["r", "s", "t"]);
    rooms(info("r"), info("t", { name: "Tea" }));
    expect(client.rooms.known.groups.here.map(({ id }) => id)).toEqual(["r", "t"]);
  });

  it("are walked through in the order of the list, round and round", () => {
    client.rooms.walk(1);
    expect(wire().of("open").at(-1)).toEqual({ type: "open", room: "s" });
    client.rooms.walk(-1);
    expect(wire().of("open").at(-1)).toEqual({ type: "open", room: "f" });
  });

  it("show what the node counts, but not what is before our eyes and read", () => {
    const told = (unread: number, read = 0): void =>
      deliver({ type: "memberships", rooms: [{ room: "r", read, unread }] });
    deliver(event(1));
    told(1);
    expect(client.rooms.unread.of("r")).toBe(1);
    client.rooms.current!.markRead(1);
    expect(client.rooms.unread.of("r")).toBe(0);
    looking = false;
    expect(client.rooms.unread.total).toBe(1);
    told(0, 1);
    expect(client.rooms.unread.total).toBe(0);
  });

  it("say why one could not be opened", () => {
    client.rooms.open("x".repeat(50));
    const message = "A room's name needs 1 to 40 visible characters.";
    refuse("open", "invalid_room_name", message);
    expect(client.rooms.wish.refusal).toBe(message);
    client.rooms.open("fine");
    expect(client.rooms.wish.refusal).toBe("");
  });

  it("hear which posts the node holds for the home, and how far other nodes are", () => {
    joined("r");
    const room = client.rooms.current!;
    room.post("to a mirror");
    const { nonce } = room.posts.unsent[0]!;
    deliver({ type: "held", room: "r", nonce });
    expect(room.posts.unsent.map(({ held }) => held)).toEqual([true]);
    deliver(event(1, { nonce, author: ANA }));
    expect(room.posts.unsent).toEqual([]);
    deliver({ type: "receipts", room: "r", node: { id: "d", name: "Desk" }, kept: 1, read: [[1, 2]] });
    expect([room.receipts.machines(1), room.receipts.readers(1)]).toEqual([2, 1]);
  });

  it("are joined again after a cut, the one in view first, and posts follow", async () => {
    client.rooms.select("s");
    opened(info("s"));
    deliver(event(1));
    wire().onclose?.();
    client.rooms.current?.post("typed offline");
    await vi.advanceTimersByTimeAsync(1000);
    await welcome();
    expect(wire().of("join")).toEqual([
      { type: "join", room: "s", since: 0 },
      { type: "join", room: "r", since: 1, last: { nonce: "n1", at: 1 } },
    ]);
    expect(wire().of("post")).toEqual([]);
    joined("s");
    expect(wire().of("post").map(({ text }) => text)).toEqual(["typed offline"]);
  });

  it("ask again for what was being opened when the connection was cut", async () => {
    client.rooms.open("Tea");
    await cut();
    expect(wire().of("open")).toEqual([{ type: "open", name: "Tea" }]);
  });

  it("move on to the room that took the place of theirs, with what was not sent and what was not finished", () => {
    const room = client.rooms.current!;
    room.post("first");
    room.draft = "second";
    const nonce = room.posts.unsent[0]!.nonce;
    deliver({ type: "moved", room: "r", to: info("t", { kind: "mirror", name: room.info.name }) });
    deliver({ type: "error", code: "no_such_room", message: "Gone.", retry: false, room: "r", nonce });
    expect(client.rooms.current?.id).toBe("t");
    expect(client.rooms.current?.draft).toBe("second");
    joined("t");
    expect(wire().of("post").at(-1)).toEqual({ type: "post", room: "t", nonce, text: "first" });
  });

  it("look for the room by its name when it gave way while we were away", async () => {
    await cut();
    refuse("join", "no_such_room", "There is no such room.");
    expect(wire().of("open")).toEqual([{ type: "open", name: "Room r" }]);
    opened(info("t", { name: "Room r" }));
    expect(client.rooms.current?.id).toBe("t");
    expect(wire().of("join").at(-1)).toEqual({ type: "join", room: "t", since: 0 });
  });

  it("are at their live end when somebody comes back to them", async () => {
    await start();
    rooms(info("r"), info("s"));
    opened(info("r"));
    deliver({ type: "joined", room: "r", term: 1, top: 900, events: [event(900)] });
    const room = client.rooms.current!;
    room.history.jump("n5");
    answer("history", { type: "page", room: "r", events: [event(5)] });
    expect(room.history.timeline.shown.last).toBe(5);
    client.rooms.select("s");
    opened(info("s"));
    client.rooms.select("r");
    expect([client.rooms.current, room.history.timeline.shown.last, room.history.sought]).toEqual([room, 900, null]);
  });

  it("stay, with the reason, when a room in which something was said is gone", async () => {
    deliver(event(1));
    await cut();
    refuse("join", "no_such_room", "There is no such room.");
    expect(wire().of("open")).toEqual([]);
    expect(client.rooms.current?.refusal).toBe("There is no such room.");
    expect(client.rooms.current?.history.timeline.cursor).toBe(1);
  });

  it("hear who writes, but not about ourselves", () => {
    deliver({ type: "typing", room: "r", author: ANA });
    deliver({ type: "typing", room: "r", author: MILO });
    expect(client.rooms.current?.people.typists).toEqual([MILO]);
  });

  it("drop who was silent, by the clock of the page", async () => {
    deliver({ type: "presence", room: "r", node: { id: "n", name: "n" }, members: [MILO] });
    expect(client.rooms.current?.people.members.length).toBe(1);
    for (let beats = 0; beats < 3; beats += 1) {
      await vi.advanceTimersByTimeAsync(9_000);
      deliver({ type: "heartbeat", tops: {} });
    }
    expect(client.rooms.current?.people.members.length).toBe(0);
  });

  it("ask for what the heartbeat says is missing", () => {
    deliver({ type: "heartbeat", tops: { r: 2, unknown: 5 } });
    expect(wire().of("history")).toEqual([{ type: "history", room: "r", after: 0, limit: 50 }]);
  });
});

describe("a room that is forgotten here", () => {
  beforeEach(async () => {
    await start();
    rooms(info("r"), info("s"));
    opened(info("r"));
    joined("r");
    client.rooms.current!.draft = "not finished";
    client.rooms.current!.post("not sent");
    client.rooms.forget("r");
  });

  it("goes with what waits in it, once the node has deleted it, and another one is shown", () => {
    expect(wire().of("forget")).toMatchObject([{ room: "r" }]);
    expect(client.rooms.current?.id).toBe("r");
    deliver({ type: "error", code: "no_such_room", message: "There is no such room.", retry: false, room: "r" });
    answer("forget", { type: "done" });
    expect(client.rooms.joined.of("r")).toBeUndefined();
    expect([...client.rooms.joined.outbox.rooms]).toEqual([]);
    expect(client.rooms.joined.drafts.of("r")).toBe("");
    expect(client.rooms.known.infos.map(({ id }) => id)).toEqual(["s"]);
    expect(wire().of("open").at(-1)).toEqual({ type: "open", room: "s" });
  });

  it("stays, with the reason, when the node refuses", () => {
    refuse("forget", "disk_full", "The disk is full.");
    expect(client.rooms.current?.refusal).toBe("The disk is full.");
    expect([...client.rooms.joined.outbox.rooms]).toEqual(["r"]);
  });
});

it("sends what was left unsent before a reload, also in a room that is not in view", async () => {
  await start();
  rooms(info("r"), info("s"));
  opened(info("r"));
  joined("r");
  client.rooms.current?.post("left behind");
  storage.setItem("lanchat.room", '"s"');
  client.stop();
  await start();
  rooms(info("r"), info("s"));
  expect(wire().of("join")).toEqual([{ type: "join", room: "r", since: 0 }]);
  joined("r");
  expect(wire().of("post").map(({ text }) => text)).toEqual(["left behind"]);
});

it("takes each answer for what it was asked for, in whatever order the answers come", async () => {
  await start();
  rooms(info("r"), info("s"));
  opened(info("r"));
  joined("r");
  const room = client.rooms.current!;
  client.rooms.select("s");
  client.session.rename("Ingrid");
  room.history.jump("n5");
  refuse("history", "no_such_message", "There is no such message.");
  refuse("rename", "invalid_nick", "No name.");
  expect([client.rooms.wish.open, client.rooms.wish.refusal]).toEqual([{ type: "open", room: "s" }, ""]);
  expect([client.session.nickRefusal, room.history.refusal]).toEqual(["No name.", "There is no such message."]);
  opened(info("s"));
  expect(client.rooms.current?.id).toBe("s");
});

describe("names and trouble", () => {
  beforeEach(() => start());

  it("a new name holds when the node says so, also after a reconnect", async () => {
    client.session.rename("  Ingrid ");
    expect(wire().of("rename")).toEqual([{ type: "rename", nick: "Ingrid" }]);
    expect(client.session.me.nick).toBe("Ana");
    answer("rename", { type: "you", you: { id: "a", nick: "Ingrid" } });
    expect(client.session.me.nick).toBe("Ingrid");
    await cut();
    expect(wire().sent[0]).toMatchObject({ nick: "Ingrid" });
  });

  it("a refused name says why, also while a room is being opened", () => {
    client.rooms.open("Tea");
    client.session.rename("x".repeat(30));
    const message = "A name needs 1 to 24 visible characters.";
    refuse("rename", "invalid_nick", message);
    expect(client.session.nickRefusal).toBe(message);
    expect(client.rooms.wish.open).not.toBeNull();
  });

  it("an error that belongs to nothing is shown until it is dismissed", () => {
    deliver({ type: "error", code: "invalid_frame", message: "What?", retry: false });
    expect(client.trouble).toBe("What?");
    client.trouble = "";
    expect(client.trouble).toBe("");
  });
});

describe("notifications", () => {
  const tea = { id: "t", name: "Tea" };
  const mention: Reply = {
    type: "notification", kind: "mention", author: MILO, at: 0, text: "@Ana", room: tea, nonce: "n7",
  };
  const kinds = () => client.notifications.toasts.map(({ notification }) => notification.kind);

  beforeEach(async () => {
    await start();
    rooms(info("r"), info("t"), info("f", { kind: "found" }));
    opened(info("r"));
    joined("r");
  });

  it("are shown for a while", () => {
    deliver(mention);
    expect(kinds()).toEqual(["mention"]);
    vi.advanceTimersByTime(20_000);
    expect(kinds()).toEqual([]);
  });

  it("of the room that somebody looks at are not needed", () => {
    deliver({ ...mention, room: { id: "r", name: "Room r" } } as Reply);
    expect(kinds()).toEqual([]);
    looking = false;
    deliver({ ...mention, room: { id: "r", name: "Room r" } } as Reply);
    expect(kinds()).toEqual(["mention"]);
    looking = true;
    client.visibilityChanged();
    expect(kinds()).toEqual([]);
  });

  it("stay while nobody has seen the room, although it comes into view", () => {
    looking = false;
    deliver(mention);
    client.rooms.select("t");
    opened(info("t"));
    expect(client.rooms.current?.id).toBe("t");
    expect([kinds(), client.notifications.called("t")]).toEqual([["mention"], true]);
    looking = true;
    client.visibilityChanged();
    expect([kinds(), client.notifications.called("t")]).toEqual([[], false]);
  });

  it("lead into the room, and to the message", () => {
    deliver(mention);
    client.notifications.follow(client.notifications.toasts[0]!);
    expect(kinds()).toEqual([]);
    expect(wire().of("open").at(-1)).toEqual({ type: "open", room: "t" });
    opened(info("t"));
    joined("t");
    expect(client.rooms.current?.id).toBe("t");
    expect(client.rooms.current?.history.sought).toEqual({ nonce: "n7", seq: 0 });
  });

  it("lead into a room that is open already", () => {
    client.rooms.select("t");
    opened(info("t"));
    client.rooms.select("r");
    deliver({ ...mention, kind: "invitation", nonce: "" } as Reply);
    client.notifications.follow(client.notifications.toasts[0]!);
    expect(client.rooms.current?.id).toBe("t");
    expect(client.rooms.current?.history.sought).toBe(null);
  });

  it("go out as invitations to rooms that the node has", () => {
    expect(client.rooms.others.map(({ id }) => id)).toEqual(["t"]);
    expect(client.rooms.invite("m", info("t"))).toBe(true);
    const into = { id: "t", name: "Room t" };
    expect(wire().of("invite")).toEqual([{ type: "invite", room: "r", to: "m", into }]);
  });

  it("leave the page only when nobody looks at it", () => {
    deliver(mention);
    expect(told).toEqual([]);
    looking = false;
    deliver({ type: "notification", kind: "announcement", author: MILO, at: 0, text: "Lunch" });
    expect(told).toEqual(["Milo (unverified) announces: Lunch"]);
  });

  it("tell of a room in which there is more, not of the one that somebody looks at", () => {
    const more = (room: string, unread: number): void =>
      deliver({ type: "memberships", rooms: [{ room, read: 0, unread }] });
    looking = false;
    more("t", 1);
    more("t", 2);
    more("nowhere", 1);
    looking = true;
    more("r", 1);
    expect(told).toEqual(["New in Room t"]);
    client.rooms.select("t");
    opened(info("t"));
    client.rooms.select("r");
    looking = false;
    more("t", 3);
    expect(told).toEqual(["New in Room t", "3 new in Room t"]);
  });

  it("are not told while it is quiet", () => {
    deliver({ type: "alerts", quiet: 60, sound: true });
    looking = false;
    deliver(mention);
    expect([told, kinds()]).toEqual([[], []]);
  });
});
