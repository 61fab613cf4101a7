/** The words about being told of things while one looks elsewhere; the rest is in the catalogue. */
export const noticeWords = {
  menu: "Notices and signing out",
  menuQuiet: "Notices and signing out; it is quiet now",
  quietHour: "Do not disturb for an hour",
  quietTomorrow: "Do not disturb until tomorrow",
  quietForGood: "Do not disturb until I end it",
  quietEnd: "End do not disturb",
  quietUntil: (until: string): string => `Quiet until ${until}`,
  quietNow: "Quiet",
  sound: "Sound when somebody calls me",
  outside: "Tell me outside of this page as well…",
  ask: "Somebody called you. Shall Lanchat tell you also when you look elsewhere?",
  askHelp: "The browser asks once more.",
  yes: "Yes, tell me",
  notNow: "Not now",
  refused:
    "This browser does not let Lanchat tell you anything while you look elsewhere. To change that, click the sign beside the page's " +
    "address, and allow notifications.",
  absent: "This page can tell you nothing while you look elsewhere: browsers allow that on encrypted pages only.",
  more: (room: string, count: number): string => (count === 1 ? `New in ${room}` : `${count} new in ${room}`),
} as const;
