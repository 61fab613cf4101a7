import { beforeEach, describe, expect, it, vi } from "vitest";
import { LocalStore } from "../platform/storage";
import { FakeStorage } from "../testing/storage";
import { Door } from "./door";
import { proofOf, windowId } from "./proof";
import { Refusal } from "./socket";

let store: LocalStore;
let asked: [string, RequestInit][];
let shown: string[];
let answer: Answered | ((route: string, asked: Question) => Answered | Promise<Answered>);

interface Answered {
  status: number;
  body: unknown;
}
interface Question {
  id?: string;
  nonce?: string;
  bearer?: string;
}

/** The node that let the browser in with this bearer, at a port. */
function node(bearer: string, port = "1"): (route: string, asked: Question) => Promise<Answered> {
  const stranger = { status: 401, body: { code: "unauthorised", message: "No." } };
  return async (route, { id, nonce, bearer: given }) => {
    if (route === "./token") return given === bearer ? { status: 200, body: { bearer } } : stranger;
    if (route.startsWith("./windows")) return { status: 200, body: {} };
    if (id !== (await windowId(bearer))) return stranger;
    return { status: 200, body: { proof: await proofOf(bearer, port, nonce!) } };
  };
}

function door(address: string): Door {
  return new Door(store, {
    location: new URL(address),
    history: { replaceState: (_data, _unused, to) => shown.push(String(to)) },
    fetch: async (input, init) => {
      asked.push([input, init]);
      const { status, body } = typeof answer === "function" ? await answer(input, JSON.parse(String(init.body ?? "{}")) as Question) : answer;
      const json = () => (body === undefined ? Promise.reject(new SyntaxError("no JSON")) : Promise.resolve(body));
      return { status, ok: status === 200, json };
    },
  });
}

beforeEach(() => {
  store = new LocalStore(new FakeStorage());
  asked = [];
  shown = [];
  answer = { status: 200, body: { bearer: "secret" } };
});

describe("the window's key", () => {
  it("leaves the address at once, and is swapped once for a bearer, which the browser keeps", async () => {
    const window = door("http://127.0.0.1:1/?room=Tea#t=once");
    expect(shown).toEqual(["/?room=Tea"]);
    expect(await window.hello()).toMatchObject({ client: "window", token: "secret" });
    expect(asked.map(([route, { body }]) => [route, body])).toEqual([["./token", '{"token":"once","bearer":"","keep":true}']]);
    expect(window.isGuest).toBe(false);
    answer = node("secret");
    expect(await door("http://127.0.0.1:1/").hello()).toMatchObject({ client: "window", token: "secret" });
  });

  it("is said only to the node that proves that it gave it", async () => {
    answer = node("secret");
    store.set("window", "secret");
    const window = door("http://127.0.0.1:1/");
    await window.hello();
    expect(await window.hello()).toMatchObject({ token: "secret" });
    answer = node("secret", "2");
    await expect(window.hello()).rejects.toThrow("not our node");
    answer = { status: 503, body: {} };
    await expect(window.hello()).rejects.toThrow("not our node");
    expect(asked.slice(1).every(([route, { body }]) => route === "./proof" && !String(body).includes("secret"))).toBe(true);
    answer = node("secret");
    expect(await window.hello()).toMatchObject({ token: "secret" });
  });

  it("may have been given anew in another window of this browser, or taken away", async () => {
    const window = door("http://127.0.0.1:1/#t=once");
    await window.hello();
    answer = node("newer");
    expect(await window.hello().catch((error: unknown) => error)).toMatchObject({ code: "unauthorised", message: "No." });
    store.set("window", "newer");
    expect(await window.hello()).toMatchObject({ token: "newer" });
  });

  it("is kept nowhere by a browser that does not trust the page, and lives as long as the page", async () => {
    vi.stubGlobal("crypto", {});
    const window = door("http://127.0.0.1:1/#t=once");
    expect(await window.hello()).toMatchObject({ token: "secret" });
    expect(await window.hello()).toMatchObject({ token: "secret" });
    expect(asked.map(([route]) => route)).toEqual(["./token"]);
    expect(store.get("window")).toBeNull();
    vi.unstubAllGlobals();
  });

  it("is gone once the person signs out, here or everywhere", async () => {
    const window = door("http://127.0.0.1:1/#t=once");
    await window.hello();
    answer = node("secret");
    await window.signOut(false);
    expect(asked.at(-1)).toMatchObject([`./windows/${await windowId("secret")}`, { method: "DELETE" }]);
    expect(store.get("window")).toBeNull();
    expect(await window.hello().catch((error: unknown) => error)).toMatchObject({ code: "signed_out" });
    answer = { status: 500, body: {} };
    await expect(window.signOut(true)).rejects.toThrow("500");
    expect(asked.at(-1)).toMatchObject(["./windows", { method: "DELETE" }]);
  });

  it.each([
    [{ code: "unauthorised", message: "No." }, "unauthorised", "No."],
    [undefined, "unauthorised", ""],
  ])("that is not valid is a refusal for good: %j", async (body, code, message) => {
    answer = { status: 401, body };
    const refused = await door("http://127.0.0.1:1/").hello().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code, message });
  });

  it("may be valid later, when the node cannot say now", async () => {
    answer = { status: 503, body: {} };
    const failed = await door("http://127.0.0.1:1/#t=x").hello().catch((error: unknown) => error);
    expect(failed).not.toBeInstanceOf(Refusal);
  });
});

describe("a guest", () => {
  it("needs no key, and stays the same", async () => {
    const first = await door("http://192.0.2.5/").hello();
    expect(first).toMatchObject({ client: "guest", nick: expect.stringMatching(/^Guest \d{4}$/) as string });
    expect(first).toMatchObject({ seed: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
    expect(first).not.toHaveProperty("id");
    expect(first).not.toHaveProperty("secret");
    const again = door("http://192.0.2.5/");
    expect(await again.hello()).toEqual(first);
    again.remember("Ana");
    expect(await door("http://192.0.2.5/").hello()).toEqual({ ...first, nick: "Ana" });
    expect(asked).toEqual([]);
  });

  it("remembers by what other nodes know them, and shows it where another one may answer", async () => {
    const here = door("http://192.0.2.5/");
    const first = await here.hello();
    expect(here.secret).toBe("");
    here.remember("Ana", "by this");
    here.remember("Bea");
    expect([here.secret, await here.hello()]).toEqual(["by this", { ...first, secret: "by this", nick: "Bea" }]);
  });

  it("of another node shows what they are known by there", async () => {
    store.set("guest", { seed: "", secret: "by this", nick: "Ana" });
    expect(await door("http://192.0.2.5/").hello()).toMatchObject({ secret: "by this", nick: "Ana" });
    expect(await door("http://192.0.2.5/").hello()).not.toHaveProperty("seed");
  });

  it.each([null, "x", {}, { seed: "", secret: "", nick: "x" }, { seed: 1, secret: "s", nick: "x" }])(
    "that is kept as %j is none",
    async (kept) => {
      store.set("guest", kept);
      expect(await door("http://192.0.2.5/").hello()).toMatchObject({ seed: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
    },
  );

  it("is whoever comes where no window is served", async () => {
    answer = { status: 404, body: {} };
    const guest = door("http://localhost/");
    expect(await guest.hello()).toMatchObject({ client: "guest" });
    expect(guest.isGuest).toBe(true);
  });
});

it("sends a file with the bearer, and says when it was not taken", async () => {
  const window = door("http://127.0.0.1:1/#t=once");
  await window.hello();
  const file = new Blob(["x"]);
  await window.upload("j", file);
  expect(asked.at(-1)).toMatchObject(["./jobs/j", { method: "POST", body: file, headers: { Authorization: "Bearer secret" } }]);
  answer = { status: 507, body: {} };
  await expect(window.upload("j", file)).rejects.toThrow("507");
});
