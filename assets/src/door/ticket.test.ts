import { expect, test, vi } from "vitest";
import { readTicket, takeTicket } from "./ticket";

const ROOM = "9f2c51d07e6a";

test("a link of an invitation says where, which room, and by what", () => {
  expect(readTicket(` http://192.0.2.5:28280/#r=${ROOM}&i=pVJ3xQ0nS1aYb7cRk2mWzg\n`)).toEqual({
    address: "192.0.2.5:28280",
    room: ROOM,
    code: "pVJ3xQ0nS1aYb7cRk2mWzg",
    further: [],
    others: [],
  });
  expect(readTicket(`https://[fe80::1]:443/#r=${ROOM}&i=x`)?.address).toBe("[fe80::1]");
});

test("a link may name a room that lets in whoever comes", () => {
  expect(readTicket(`http://192.0.2.5:28280/#r=${ROOM}`)).toMatchObject({ address: "192.0.2.5:28280", room: ROOM, code: "" });
});

test("a link may carry further addresses of the node, and those of others, a few of each", () => {
  const link = `http://192.0.2.5:28280/#r=${ROOM}&i=x&a=10.0.0.5:28280,[fd00::5]:28280&o=10.0.0.6:28280,,10.0.0.7:1,10.0.0.8:2,10.0.0.9:3`;
  expect(readTicket(link)).toEqual({
    address: "192.0.2.5:28280",
    room: ROOM,
    code: "x",
    further: ["10.0.0.5:28280", "[fd00::5]:28280"],
    others: ["10.0.0.6:28280", "10.0.0.7:1", "10.0.0.8:2"],
  });
  expect(readTicket(`http://192.0.2.5/#r=${ROOM}&o=10.0.0.6:28280`)?.others).toEqual(["10.0.0.6:28280"]);
});

test.each([
  "",
  "Kitchen",
  "http://192.0.2.5:28280/",
  `http://192.0.2.5/#r=`,
  `http://192.0.2.5/#r=${ROOM}&i=`,
  `http://192.0.2.5/#i=x&r=${ROOM}`,
  `http://192.0.2.5/#r=${ROOM}&i=x&more`,
  `javascript:alert(1)#r=${ROOM}&i=x`,
  `http://192.0.2.5/#r=<b>&i=x`,
  `http://192.0.2.5/#r=${ROOM}&a=<b>`,
  `http://192.0.2.5/#r=${ROOM}&o=evil.example:80/`,
  `http://192.0.2.5/#r=${ROOM}&a=${"1".repeat(301)}`,
])("%s is none", (text) => {
  expect(readTicket(text)).toBeNull();
});

test("the page's own address is left without it", () => {
  const replaceState = vi.fn();
  const location = { hash: `#r=${ROOM}&i=code`, pathname: "/", search: "?room=x" };
  expect(takeTicket(location, { replaceState })).toMatchObject({ address: "", room: ROOM, code: "code" });
  expect(replaceState).toHaveBeenCalledWith(null, "", "/?room=x");
  expect(takeTicket({ ...location, hash: "#t=key" }, { replaceState })).toBeNull();
  expect(replaceState).toHaveBeenCalledTimes(1);
});
