// One room on ws: node ws_room.cjs, with ws on NODE_PATH.
const { WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 512, perMessageDeflate: false });

server.on("connection", (member) => {
  member.on("message", (data) => {
    for (const other of server.clients) {
      if (other.readyState === WebSocket.OPEN) other.send(data, { binary: false });
    }
  });
});

server.on("listening", () => console.log(JSON.stringify({ port: server.address().port })));

process.stdin.on("end", () => process.exit(0)).resume();
