import { describe, expect, it } from "vitest";
import { MILO } from "../testing/events";
import { headline, messages, spokenName } from "./catalogue";

describe("the catalogue", () => {
  it("counts as people do", () => {
    expect([messages.membersHere(1), messages.membersHere(2)]).toEqual(["1 person there", "2 people there"]);
    expect([messages.unreadShort(99), messages.unreadShort(100)]).toEqual(["99", "99+"]);
  });

  it("names who writes, up to two", () => {
    const typing = (...names: string[]) => messages.typing(names);
    expect([typing(), typing("Ana"), typing("Ana", "Milo"), typing("Ana", "Milo", "Bo")]).toEqual([
      "",
      "Ana is writing…",
      "Ana and Milo are writing…",
      "Several people are writing…",
    ]);
  });

  it("says in the title what waits and where one is", () => {
    expect([messages.title(0, ""), messages.title(2, "Tea")]).toEqual(["Lanchat", "(2) Tea · Lanchat"]);
  });

  it("says where a message is and who has read it", () => {
    expect([messages.receiptShort(1, 0), messages.receiptShort(3, 0), messages.receiptShort(3, 2)]).toEqual([
      "Kept",
      "On 3 computers",
      "Read by 2",
    ]);
    expect(messages.receipt(3, 2)).toBe("On 3 computers. Read by 2");
  });

  it("says in one line what a notification is about", () => {
    const label = { nick: "Milo", tail: "", kind: "verified" as const };
    const about = (kind: "mention" | "invitation" | "announcement") =>
      headline({ type: "notification", kind, author: MILO, at: 0, room: { id: "t", name: "Tea" } }, label);
    expect([about("mention"), about("invitation"), about("announcement")]).toEqual([
      "Milo mentioned you in Tea",
      "Milo invites you to Tea",
      "Milo announces",
    ]);
  });

  it("calls people so that none is taken for another", () => {
    const ann = { nick: "Ann", tail: "", kind: "verified" as const };
    expect(spokenName(ann)).toBe("Ann");
    expect(spokenName({ ...ann, tail: "4f2c" })).toBe("Ann ·4f2c");
    expect(spokenName({ ...ann, tail: "4f2c", kind: "guest" })).toBe("Ann ·4f2c (guest)");
    expect(spokenName({ ...ann, kind: "unverified" })).toBe("Ann (unverified)");
  });
});
