import { expect, test } from "vitest";
import { ANA, event, MILO } from "../testing/events";
import { FakeNode } from "../testing/node";
import type { PolicyNotice } from "../wire/protocol";
import { Entrance, hides, LONG, SHORT } from "./entrance.svelte";

class AtDoor extends FakeNode {
  joins = 0;
  readonly door = new Entrance("r", {
    ask: this.requests.ask,
    me: () => ANA.id,
    join: () => (this.joins += 1),
  });

  holds(more: Partial<PolicyNotice> = {}): this {
    this.door.policy = { type: "policy", room: "r", owner: ANA.id, ...more };
    return this;
  }
}

test("who shows what opens the door joins, and who does not is told why", () => {
  const here = new AtDoor();
  here.door.enter({ passphrase: "wrong" });
  expect(here.door.busy).toBe(true);
  here.refuse("enter", "wrong_passphrase", "This is not it.");
  expect([here.door.busy, here.door.problem, here.joins]).toEqual([false, "This is not it.", 0]);
  here.door.enter({ invitation: "code" });
  expect(here.sent.at(-1)).toMatchObject({ type: "enter", room: "r", invitation: "code" });
  here.answer("enter", { type: "done" });
  expect([here.door.problem, here.joins]).toEqual(["", 1]);
});

test("a refusal at the door says so, and any other is somebody else's", () => {
  const { door } = new AtDoor();
  expect(door.refused({ type: "error", code: "no_such_room", message: "Gone.", retry: false })).toBe(false);
  expect(door.outside).toBe("");
  expect(door.refused({ type: "error", code: "banned", message: "Out.", retry: false })).toBe(true);
  expect([door.outside, door.reason]).toEqual(["banned", "Out."]);
  door.entered();
  expect([door.outside, door.reason]).toEqual(["", ""]);
});

test("a rule is posted as what it says", () => {
  const node = new AtDoor();
  node.door.order({ change: "mute", person: MILO.id });
  expect(node.sent.at(-1)).toMatchObject({ type: "post", room: "r", kind: "rule", text: '{"change":"mute","person":"m"}' });
  node.refuse("post", "not_moderator", "You may not.");
  expect(node.door.problem).toBe("You may not.");
});

test("a passphrase is set before the rule that wants it", () => {
  const node = new AtDoor();
  node.door.setPassphrase("correct horse");
  expect(node.sent.map(({ type }) => type)).toEqual(["passphrase"]);
  node.answer("passphrase", { type: "done" });
  expect(node.sent.at(-1)).toMatchObject({ kind: "rule", text: '{"change":"door","door":"passphrase"}' });
});

test("invitations are made, listed and taken back", () => {
  const node = new AtDoor();
  const ticket = { id: "t", single: true, until: 5 };
  node.door.issue(true);
  expect(node.sent.at(-1)).toMatchObject({ type: "issue", single: true, seconds: SHORT });
  node.answer("issue", { type: "issued", room: "r", ticket, code: "c", link: "l" });
  node.answer("tickets", { type: "ticket_list", room: "r", tickets: [ticket] });
  expect([node.door.issued?.code, node.door.tickets]).toEqual(["c", [ticket]]);
  node.door.issue(false);
  expect(node.sent.at(-1)).toMatchObject({ type: "issue", single: false, seconds: LONG });
  node.refuse("issue", "limit_reached", "Too many.");
  expect(node.door.problem).toBe("Too many.");
  node.door.revoke("t");
  node.answer("revoke", { type: "done" });
  expect([node.door.issued, node.door.tickets]).toEqual([null, []]);
  node.door.list();
  node.answer("tickets", { type: "ticket_list", room: "r", tickets: [ticket] });
  expect(node.door.tickets).toEqual([ticket]);
});

test("what is begun ends with the connection", () => {
  const node = new AtDoor();
  node.door.issue(true);
  node.door.enter({ passphrase: "x" });
  node.requests.lost();
  expect(node.door.busy).toBe(false);
});

test("the owner moves everybody, a moderator those without an office, others nobody", () => {
  const owner = new AtDoor().holds({ moderators: [MILO.id], muted: ["x"] }).door;
  expect([owner.owner, owner.moderator, owner.mayMove(MILO.id), owner.mayMove(ANA.id)]).toEqual([true, true, true, false]);
  expect([owner.moderates(MILO.id), owner.mutes("x"), owner.mutes(MILO.id)]).toEqual([true, true, false]);
  const moderator = new AtDoor().holds({ owner: "o", moderators: [ANA.id, MILO.id] }).door;
  expect([moderator.owner, moderator.moderator]).toEqual([false, true]);
  expect([moderator.mayMove("o"), moderator.mayMove(MILO.id), moderator.mayMove("x")]).toEqual([false, false, true]);
  const other = new AtDoor().holds({ owner: "o" }).door;
  expect([other.moderator, other.mayMove("x")]).toEqual([false, false]);
  expect(new AtDoor().door.moderator).toBe(false);
});

test("only a rule that hides something does", () => {
  const body = { text: '{"change":"hide","person":"m"}' };
  expect(hides(event(1, { kind: "rule", body }))).toBe(true);
  expect(hides(event(1, { kind: "message", body }))).toBe(false);
  expect(hides(event(1, { kind: "rule", body: { text: '{"change":"locked"}' } }))).toBe(false);
});
