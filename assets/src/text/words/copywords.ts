/** The words of what is done with the copy of a room: it is saved, brought back and forgotten. */
export const copyWords = {
  exportJsonl: "Save a copy that can be imported",
  exportHtml: "Save as a page to read",
  importRoom: "Import a saved room…",
  importFile: "File of a saved room",
  stats: "Statistics",
  forget: "Forget this room here…",
  forgetTitle: (room: string): string => `Forget ${room} on this computer?`,
  forgetGoes: "Everything that was said in it is deleted from this computer, for good, and so is what waits to be sent.",
  forgetHome:
    "The room lives on this computer: nobody can say anything in it any more. Everybody else who was in it keeps their copy, but no new one comes.",
  forgetCopy: (node: string): string =>
    `The room goes on at ${node} and with everybody else who is in it. You can open it again while it is there.`,
  forgetSaved: "Copies that you saved as files, and backups, stay where they are.",
  forgetReally: "Forget it here",
  reveal: "Open the folder",
  jobs: "Copies being saved and imported",
  jobState: { waiting: "Waiting", running: "Going on", done: "Done", failed: "Failed", cancelled: "Cancelled" },
} as const;
