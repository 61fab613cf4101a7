import { beforeEach, describe, expect, it } from "vitest";
import { FakeNode } from "../testing/node";
import type { Shared } from "../wire/protocol";
import { Sharing } from "./sharing.svelte";

const URL = "http://192.0.2.5:28280/";
const shared = (more: Partial<Shared> = {}): Shared => ({
  type: "shared", room: "r", link: `${URL}#r=r`, qr: ["1"], at: URL, addresses: [{ url: URL, network: "wifi" }], ...more,
});

let node: FakeNode;
let sharing: Sharing;

beforeEach(() => {
  node = new FakeNode();
  sharing = new Sharing(node.requests.ask);
});

describe("passing a room on", () => {
  it("asks for the best address, and then for the one that was chosen", () => {
    sharing.look("r");
    expect(node.last).toEqual({ type: "share", room: "r", at: "" });
    node.answer("share", shared());
    expect(sharing.shared?.link).toBe(`${URL}#r=r`);
    sharing.choose("http://198.51.100.5:28280/");
    expect(node.last).toEqual({ type: "share", room: "r", at: "http://198.51.100.5:28280/" });
    expect(sharing.shared?.at).toBe(URL);
    sharing.look("r", "code");
    expect(node.last).toEqual({ type: "share", room: "r", at: "http://198.51.100.5:28280/", invitation: "code" });
  });

  it("shows nothing of another room, and no answer that came too late", () => {
    sharing.look("r");
    node.answer("share", shared());
    sharing.look("s");
    expect(sharing.shared).toBeNull();
    sharing.look("t");
    node.answer("share", shared({ room: "s" }), 1);
    expect(sharing.shared).toBeNull();
    node.answer("share", shared({ room: "t" }));
    expect(sharing.shared?.room).toBe("t");
  });

  it("says why a room may not be passed on", () => {
    sharing.look("r");
    node.refuse("share", "not_moderator", "Ask for an invitation.");
    expect([sharing.problem, sharing.shared]).toEqual(["Ask for an invitation.", null]);
    sharing.look("r");
    node.answer("share", shared());
    expect(sharing.problem).toBe("");
  });

  it("knows an address that leads nobody else here", () => {
    expect(sharing.reachable).toBe(true);
    sharing.look("r");
    node.answer("share", shared({ addresses: [{ url: URL, network: "loopback" }] }));
    expect(sharing.reachable).toBe(false);
    sharing.look("r");
    node.answer("share", shared());
    expect(sharing.reachable).toBe(true);
  });

  it("chooses nothing before a room is shown", () => {
    sharing.choose(URL);
    expect(node.sent).toEqual([]);
  });
});
