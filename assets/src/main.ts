import { mount } from "svelte";
import { Client } from "./client.svelte";
import { realBrowser } from "./platform/browser";
import "./styles/tokens.css";
import "./styles/reset.css";
import "./styles/base.css";
import App from "./views/shell/App.svelte";

const client = new Client(realBrowser());
client.start();
window.addEventListener("hashchange", () => client.readdressed());
window.addEventListener("online", () => client.session.nudge());
window.addEventListener("focus", () => client.visibilityChanged());
document.addEventListener("visibilitychange", () => client.visibilityChanged());
window.addEventListener("pagehide", () => client.save());

const target = document.getElementById("app");
if (target !== null) {
  target.replaceChildren();
  mount(App, { target, props: { client } });
}
