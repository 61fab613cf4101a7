import { beforeEach, describe, expect, it } from "vitest";
import { info } from "../testing/events";
import { FakeNode } from "../testing/node";
import { Wish } from "./wish.svelte";

let node: FakeNode;
let wish: Wish;
let opened: string[];
let refusals: number;

const make = (room: string) => wish.make({ type: "open", room }, ({ id }) => opened.push(id));
const answer = (id: string, index = -1) => node.answer("open", { type: "opened", room: info(id) }, index);

beforeEach(() => {
  node = new FakeNode();
  opened = [];
  refusals = 0;
  wish = new Wish(node.requests.ask, () => (refusals += 1));
});

describe("a wish", () => {
  it("is open until the node has answered", () => {
    make("r");
    expect(wish.open).toEqual({ type: "open", room: "r" });
    answer("r");
    expect([wish.open, wish.refusal, opened]).toEqual([null, "", ["r"]]);
  });

  it("says why it was refused, and which room is not to be tried again on this connection", () => {
    make("r");
    node.refuse("open", "journal_failed", "Away.");
    expect([wish.open, wish.refusal, refusals, opened]).toEqual([null, "Away.", 1, []]);
    expect([...wish.declined]).toEqual(["r"]);
    wish.renew();
    expect(wish.declined.size).toBe(0);
    expect(node.of("open").length).toBe(1);
  });

  it("gives way to a newer one: no answer to the older one means anything", () => {
    make("r");
    make("s");
    answer("r", 0);
    expect([opened, wish.open?.room]).toEqual([[], "s"]);
    answer("s");
    expect(opened).toEqual(["s"]);
    make("r");
    make("s");
    node.refuse("open", "journal_failed", "Away.", 2);
    expect([refusals, wish.open?.room]).toEqual([0, "s"]);
  });

  it("is made again on the next connection", () => {
    make("r");
    node.requests.lost();
    wish.renew();
    answer("r", 0);
    expect(opened).toEqual([]);
    answer("r");
    expect(opened).toEqual(["r"]);
  });
});
