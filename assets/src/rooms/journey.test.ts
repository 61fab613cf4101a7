import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fragmentOf } from "../connection/passage";
import { AGAIN, SILENT } from "../connection/vigil";
import { LocalStore } from "../platform/storage";
import { passage } from "../testing/passage";
import { FakeStorage } from "../testing/storage";
import { ME, Tab } from "../testing/tab";

const NODES = [
  { name: "kitchen", address: "10.0.0.7:28280" },
  { name: "studio", address: "10.0.0.8:28280" },
];

let tabs: Tab[];
const open = (hash?: string, store?: LocalStore): Tab => {
  tabs.push(new Tab(hash, store));
  return tabs.at(-1)!;
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_000_000);
  tabs = [];
});
afterEach(() => {
  tabs.forEach(({ client }) => client.stop());
  vi.useRealTimers();
});

test("a guest whose node is gone goes to another one, with all that was not said", async () => {
  const tab = await open().enter();
  tab.deliver({ type: "havens", room: "r", nodes: NODES });
  tab.client.rooms.current!.draft = "half a s";
  tab.socket.onclose?.();
  tab.client.rooms.current!.post("while it was gone");
  await vi.advanceTimersByTimeAsync(SILENT - 1_100);
  expect(tab.gone).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(tab.gone).toHaveLength(1);
  expect(new URL(tab.gone[0]!).host).toBe("10.0.0.7:28280");
  expect(tab.client.journey.going).toBe(true);
  expect(tab.taken).toMatchObject({
    room: { id: "r", name: "Kitchen" },
    guest: { secret: passage().guest.secret, ...ME },
    seen: 2,
    draft: "half a s",
    unsent: [{ kind: "message", body: { text: "while it was gone" } }],
  });
  // That one leads nowhere: the next.
  await vi.advanceTimersByTimeAsync(AGAIN[0] + 500);
  expect(new URL(tab.gone[1]!).host).toBe("10.0.0.8:28280");
});

test("a node that is taken down sends a guest on at once, and one who knows nowhere else comes back", async () => {
  const tab = await open().enter();
  tab.deliver({ type: "havens", room: "r", nodes: NODES });
  tab.answers = true;
  tab.socket.onclose?.({ code: 1012 });
  expect(tab.gone.map((url) => new URL(url).host)).toEqual(["10.0.0.7:28280"]);
  const alone = await open().enter();
  alone.answers = true;
  alone.socket.onclose?.({ code: 1012 });
  expect(alone.gone).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  await alone.welcome();
  expect(alone.client.session.connection.state).toBe("ready");
});

test("a node that answers is not left, nor where there is no network or nowhere to go", async () => {
  const alive = await open().enter();
  alive.deliver({ type: "havens", room: "r", nodes: NODES });
  alive.answers = true;
  await vi.advanceTimersByTimeAsync(5 * SILENT);
  expect(alive.gone).toEqual([]);
  const away = await open().enter();
  away.deliver({ type: "havens", room: "r", nodes: NODES });
  away.network = false;
  await away.lose();
  expect(away.gone).toEqual([]);
  const alone = await open().enter();
  await alone.lose();
  expect([alone.gone, alone.client.journey.going]).toEqual([[], false]);
});

test("one that comes back before the page is gone keeps it", async () => {
  const tab = await open().enter();
  tab.deliver({ type: "havens", room: "r", nodes: NODES });
  await tab.lose();
  expect(tab.client.journey.going).toBe(true);
  tab.answers = true;
  await vi.advanceTimersByTimeAsync(2_000);
  await tab.welcome();
  expect(tab.client.journey.going).toBe(false);
});

test("a window does not go elsewhere: it has no secret for that", async () => {
  const tab = open();
  await tab.welcome(ME, "");
  tab.deliver({ type: "havens", room: "r", nodes: NODES });
  await tab.lose();
  expect(tab.gone).toEqual([]);
});

test("who arrives is in the same room under the same name, and what they had said is said there", async () => {
  const brought = passage({ at: Date.now(), seen: 1, left: 2, code: "code" });
  const tab = open(fragmentOf(brought));
  await tab.enter();
  expect(tab.socket.sent[0]).toMatchObject({ type: "hello", secret: brought.guest.secret, nick: "Ana" });
  expect(tab.socket.of("open").at(-1)).toMatchObject({ room: "r" });
  expect(tab.client.rooms.current?.draft).toBe("half a s");
  expect(tab.socket.of("post")).toMatchObject([{ room: "r", nonce: "mine", text: "Hallo 👋" }]);
  const { through, left } = tab.client.journey;
  expect([through, left]).toEqual(["studio", 2]);
  expect(tab.client.rooms.current?.firstUnread).toBe(2);
  expect(tab.client.rooms.joined.rights.of("r")).toBe("code");
  expect(tab.store.keys("")).toEqual([]);
  tab.client.journey.dismiss();
  expect(tab.client.journey.through).toBe("");
});

test("nothing is said in the name of somebody who has not typed it", async () => {
  const other = open(fragmentOf(passage({ at: Date.now() })));
  await other.welcome({ id: `g-${"2".repeat(32)}`, nick: "Ana" });
  expect(other.client.rooms.joined.outbox.of("r")).toEqual([]);
  expect(other.client.journey.left).toBe(1);
});

test("whom this browser does not know is asked about before the tab becomes them", async () => {
  const store = new LocalStore(new FakeStorage());
  const own = { seed: "a".repeat(32), secret: "own", nick: "Bea" };
  store.set("guest", own);
  const evil = open(fragmentOf(passage({ at: Date.now(), draft: "I am evil" })), store);
  await evil.enter(2, "own");
  expect(evil.socket.sent[0]).toMatchObject({ seed: own.seed });
  expect(evil.client.journey.doubtful?.guest.nick).toBe("Ana");
  expect([evil.client.rooms.current?.draft, evil.socket.of("post")]).toEqual(["", []]);
  evil.client.journey.decline();
  expect([evil.client.journey.doubtful, evil.gone]).toEqual([null, []]);
  const asked = open(fragmentOf(passage({ at: Date.now() })), store);
  asked.client.journey.accept();
  expect(asked.gone).toEqual(["reload"]);
  expect(asked.tab.get("guest")).toMatchObject({ secret: passage().guest.secret });
  expect(store.get<typeof own>("guest")?.seed).toBe(own.seed);
});
