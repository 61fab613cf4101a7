import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalStore } from "../platform/storage";
import { WELCOME } from "../testing/events";
import { FakeSocketBrowser } from "../testing/socket";
import { FakeStorage } from "../testing/storage";
import type { Reply } from "../wire/protocol";
import { Session } from "./session.svelte";
import { PICTURE } from "./socket";

let browser: FakeSocketBrowser;
let session: Session;
let log: string[];

function deliver(reply: Reply): void {
  browser.socket.deliver(reply);
  vi.advanceTimersByTime(PICTURE);
}

beforeEach(async () => {
  vi.useFakeTimers();
  log = [];
  browser = new FakeSocketBrowser();
  session = new Session(browser, new LocalStore(new FakeStorage()), {
    onReady: () => log.push(`ready as ${session.me.nick}`),
    onLost: () => log.push("lost"),
    onReply: ({ type }) => log.push(type),
  });
  session.start();
  await vi.advanceTimersByTimeAsync(0);
  browser.socket.onopen?.();
});
afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

describe("a session", () => {
  it("knows from the welcome who and where we are, before it is ready", () => {
    deliver({ ...WELCOME, address: "http://192.0.2.5:28280/" } as Reply);
    expect([session.me.nick, session.node?.name, session.maxText, session.guest]).toEqual(["Ana", "studio", 4000, true]);
    expect([session.address, log]).toEqual(["http://192.0.2.5:28280/", ["ready as Ana"]]);
    deliver({ type: "whereabouts", address: "http://192.0.2.7:28280/" });
    expect([session.address, log]).toEqual(["http://192.0.2.7:28280/", ["ready as Ana"]]);
  });

  it("passes on what is about something else, and only once what was asked for", () => {
    deliver(WELCOME);
    session.ask({ type: "open", name: "Tea" }, { answered: ({ type }) => log.push(`answer ${type}`) });
    deliver({ type: "error", code: "x", message: "No.", retry: false, ref: 1 });
    deliver({ type: "heartbeat", tops: {} });
    expect(log.slice(1)).toEqual(["error", "heartbeat"]);
  });

  it("tells who waits that the connection is lost, before it tells the others", () => {
    deliver(WELCOME);
    session.ask({ type: "open", name: "Tea" }, { answered: () => {}, lost: () => log.push("open is lost") });
    browser.socket.onclose?.();
    expect(log.slice(1)).toEqual(["open is lost", "lost"]);
    expect([session.connection.state, session.send({ type: "leave", room: "r" })]).toEqual(["waiting", false]);
  });

  it("has a new name when the node says so, or the reason why not", () => {
    deliver(WELCOME);
    session.rename(" Ana ");
    session.rename("");
    expect(browser.socket.of("rename")).toEqual([]);
    session.rename(" Ingrid ");
    deliver({ type: "you", you: { id: "a", nick: "Ingrid" }, ref: browser.socket.refOf("rename") });
    expect(session.me.nick).toBe("Ingrid");
    session.rename("x".repeat(30));
    deliver({ type: "error", code: "invalid_nick", message: "Too long.", retry: false, ref: browser.socket.refOf("rename") });
    expect([session.me.nick, session.nickRefusal]).toEqual(["Ingrid", "Too long."]);
    session.rename("Ana");
    expect(session.nickRefusal).toBe("");
    deliver({ type: "you", you: { id: "a", nick: "Chosen in another window" } });
    expect(session.me.nick).toBe("Chosen in another window");
  });
});
