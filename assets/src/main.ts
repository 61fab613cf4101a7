import { mount } from "svelte";
import { realBrowser } from "./platform/browser";
import { Session } from "./session.svelte";
import "./styles/tokens.css";
import "./styles/reset.css";
import "./styles/base.css";
import App from "./views/shell/App.svelte";

const session = new Session(realBrowser());
session.start();
window.addEventListener("hashchange", () => session.readdressed());
window.addEventListener("online", () => session.nudge());
window.addEventListener("focus", () => session.look());
document.addEventListener("visibilitychange", () => session.look());
window.addEventListener("pagehide", () => session.keep());

const target = document.getElementById("app");
if (target !== null) mount(App, { target, props: { session } });
