import { expect, test } from "vitest";
import { ANA, MILO } from "../testing/events";
import { LocalStore } from "../platform/storage";
import { FakeNode } from "../testing/node";
import { FakeStorage } from "../testing/storage";
import type { PolicyNotice } from "../wire/protocol";
import { Entrance, LONG, SHORT } from "./entrance.svelte";
import { Rights } from "./rights";

class AtDoor extends FakeNode {
  joins = 0;
  readonly rights = new Rights(new LocalStore(new FakeStorage()));
  readonly door = new Entrance("r", {
    ask: this.requests.ask,
    me: () => ANA.id,
    join: () => (this.joins += 1),
    rights: this.rights,
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

test("a passphrase is set, and the node says the rule that wants it", () => {
  const node = new AtDoor();
  node.door.setPassphrase("correct horse");
  node.answer("passphrase", { type: "done" });
  expect(node.sent.map(({ type }) => type)).toEqual(["passphrase"]);
  expect(node.door.busy).toBe(false);
});

test("one takes back one's own invitations, and a moderator those of others", () => {
  const ticket = { id: "t", single: true, until: 5, by: MILO.id };
  expect(new AtDoor().holds().door.mayRevoke(ticket)).toBe(true);
  const { door } = new AtDoor().holds({ owner: "o" });
  expect([door.mayRevoke(ticket), door.mayRevoke({ ...ticket, by: ANA.id })]).toEqual([false, true]);
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

test("the invitation by which we came in is shown once to another node, which does not know us", () => {
  const node = new AtDoor();
  node.door.enter({ invitation: "code" });
  node.answer("enter", { type: "done" });
  expect(node.rights.of("r")).toBe("code");
  const refusal = { type: "error", code: "needs_invitation", message: "Show one.", retry: false } as const;
  const there = new AtDoor();
  there.rights.keep("r", "code");
  expect([there.door.refused(refusal), there.of("enter").length]).toEqual([true, 1]);
  expect(there.of("enter")[0]).toMatchObject({ room: "r", invitation: "code" });
  there.refuse("enter", "needs_invitation", "It was used.");
  expect([there.door.refused(refusal), there.of("enter").length]).toEqual([true, 1]);
  expect(new AtDoor().door.refused(refusal)).toBe(true);
});
