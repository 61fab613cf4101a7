import { describe, expect, it } from "vitest";
import { Labels } from "./labels.svelte";

const key = (sign: string): string => sign.repeat(43);
const ANN = { id: key("a"), nick: "Ann" };
const OTHER = { id: key("b"), nick: "Ann" };

describe("labels", () => {
  it("tell people of one name apart, and let us keep ours", () => {
    const labels = new Labels(() => ANN.id);
    labels.see([ANN]);
    expect(labels.of(ANN)).toEqual({ nick: "Ann", tail: "", kind: "verified", verified: false });
    labels.see([OTHER]);
    expect(labels.of(OTHER).tail).toBe("bbbb");
    expect(labels.of(ANN).tail).toBe("");
  });

  it("let those keep their name with whom we compared words", () => {
    const labels = new Labels(() => key("m"));
    labels.see([ANN, OTHER]);
    expect([labels.of(ANN).tail, labels.of(OTHER).tail]).toEqual(["aaaa", "bbbb"]);
    labels.verified = new Set([OTHER.id]);
    expect(labels.of(OTHER)).toEqual({ nick: "Ann", tail: "", kind: "verified", verified: true });
    expect(labels.of(ANN)).toEqual({ nick: "Ann", tail: "aaaa", kind: "verified", verified: false });
  });

  it("call nobody verified who has no key", () => {
    const labels = new Labels(() => ANN.id);
    labels.verified = new Set(["m"]);
    expect(labels.of({ id: "m", nick: "Milo" }).verified).toBe(false);
  });

  it("name somebody of whom only the id is known", () => {
    const labels = new Labels(() => ANN.id);
    const guest = { id: `g-${"4f2c".repeat(8)}`, nick: "Bo" };
    expect(labels.named(guest.id)).toBe("·4f2c4f2c");
    labels.see([ANN, guest, { ...guest, nick: "Bob" }]);
    expect([labels.named(ANN.id), labels.named(guest.id)]).toEqual(["Ann", "Bob (guest)"]);
  });
});
