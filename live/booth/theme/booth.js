// The booth's page: invites, shows, counts down, gives the picture away. `player` (player.js) paints the live picture.
import { Gallery } from "./gallery.js";
import { Operator } from "./operator.js";

const CONFIG_EVERY_MS = 5000;
const TICK_MS = 200;
const LOST_MS = 2500; // without server or camera, until the portraits are shown instead
const NOTICE_MS = 4000;
const HOLD_MS = 1200; // on the title, for the operator
const STILL_MS = 3000; // until the pointer is hidden

const byId = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

class Booth {
  constructor() {
    this.config = null;
    this.language = null; // the visitor's choice; null is the booth's own
    this.gallery = new Gallery(() => this.turnInvitation());
    this.operator = new Operator(this);
    this.inviting = 0;
    this.faceAt = -Infinity; // when a face was last seen, or somebody touched the screen
    this.wellAt = -Infinity; // when camera and server were last fine
    this.noticeUntil = 0;
  }

  get scene() { return document.body.dataset.scene; }
  set scene(name) {
    if (name === "attract" && this.scene !== "attract") this.choose(null);
    document.body.dataset.scene = name;
  }
  get spoken() { return this.language ?? this.config?.language ?? "en"; }

  say(name, values = {}) {
    const text = this.config?.texts[this.spoken]?.[name] ?? "";
    return text.replace(/{(\w+)}/g, (place, key) => values[key] ?? place);
  }

  async run() {
    this.listen();
    await this.loadConfig();
    setInterval(() => this.tick(), TICK_MS);
    const paint = (nowMs) => { if (this.scene === "attract") this.gallery.paint(nowMs); requestAnimationFrame(paint); };
    requestAnimationFrame(paint);
    this.stayAwake();
  }

  async loadOnce() {
    try {
      const answer = await fetch("booth/config.json", { cache: "no-store" });
      if (answer.ok) this.use(await answer.json());
    } catch { /* the server is away; the player says so, and this is tried again */ }
  }

  async loadConfig() {
    await this.loadOnce();
    setTimeout(() => this.loadConfig(), this.config ? CONFIG_EVERY_MS : 500);
  }

  use(config) {
    const before = JSON.stringify([this.config?.texts, this.config?.language]);
    this.config = config;
    document.title = byId("title").textContent = config.title;
    byId("logo").hidden = !config.logo;
    if (config.logo && !byId("logo").src) byId("logo").src = "booth/logo";
    byId("printer").hidden = !config.printer;
    byId("network").dataset.text = config.onlyHere ? "only_here" : "same_network";
    this.gallery.load(config.gallery);
    if (before === JSON.stringify([config.texts, config.language])) return;
    this.offerLanguages();
    this.write();
  }

  offerLanguages() {
    const buttons = Object.entries(this.config.texts).map(([language, texts]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", lang: language, textContent: texts.language });
      button.onclick = () => { this.choose(language); button.blur(); };
      return button;
    });
    byId("languages").replaceChildren(...buttons);
    byId("languages").hidden = buttons.length < 2;
  }

  choose(language) {
    this.language = language;
    this.write();
  }

  write() {
    if (!this.config) return;
    document.documentElement.lang = this.spoken;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = this.say(element.dataset.text);
    for (const button of byId("languages").children) button.setAttribute("aria-pressed", button.lang === this.spoken);
    for (const element of byId("call").children) element.lang = this.spoken;
  }

  // While nobody has chosen, the invitation is said in all languages by turns.
  turnInvitation() {
    if (!this.config || this.language || this.scene !== "attract") return;
    const languages = Object.keys(this.config.texts);
    const first = languages.indexOf(this.config.language);
    const language = languages[(first + this.inviting++) % languages.length];
    for (const element of byId("call").children) {
      element.lang = language;
      element.textContent = this.config.texts[language][element.dataset.text];
    }
  }

  // Decides what is shown: the picture while somebody is there and camera and server are fine, else the portraits.
  tick() {
    const nowMs = performance.now();
    const { state, faces } = player.state;
    const fine = (state === "live" || state === "no-face") && player.log.total > 0;
    if (fine) this.wellAt = nowMs;
    if (fine && faces > 0) this.faceAt = nowMs;
    byId("picture").classList.toggle("wide", this.isWide());
    const lost = nowMs - this.wellAt > LOST_MS;
    if (lost) this.tell(state);
    else if (nowMs > this.noticeUntil) byId("notice").hidden = true;
    if (!this.config || this.scene === "countdown" || this.scene === "result") return;
    const alone = nowMs - this.faceAt > this.config.seconds.attract * 1000;
    this.scene = lost || alone ? "attract" : "live";
  }

  isWide() {
    const { width, height } = player.canvas;
    return width * byId("stage").clientHeight > height * byId("stage").clientWidth;
  }

  tell(state) {
    const name = state === "connecting" ? "away" : state === "starting" ? "starting" : "no_camera";
    if (state === "live" || state === "no-face" || this.scene === "result") return;
    byId("notice").textContent = this.say(name);
    byId("notice").hidden = false;
  }

  notice(name) {
    byId("notice").textContent = this.say(name);
    byId("notice").hidden = false;
    this.noticeUntil = performance.now() + NOTICE_MS;
  }

  // Space, Enter or a buzzer, whatever is shown.
  press() {
    if (this.scene === "result") this.again();
    else if (this.scene === "live") this.take();
    else if (this.scene === "attract") { this.faceAt = performance.now(); this.tick(); }
  }

  async take() {
    if (this.scene === "countdown") return;
    if (!player.state.faces) { this.notice("no_face"); return; }
    this.scene = "countdown";
    for (let left = this.config.seconds.countdown; left > 0; left--) {
      const count = byId("count");
      count.textContent = left;
      count.classList.remove("tick");
      void count.offsetWidth; // lets the animation begin anew
      count.classList.add("tick");
      await pause(1000);
    }
    byId("count").textContent = "";
    byId("flash").classList.remove("now");
    void byId("flash").offsetWidth;
    byId("flash").classList.add("now");
    await this.fetchPicture();
  }

  async fetchPicture() {
    let problem = "too_busy";
    try {
      const answer = await fetch("booth/snapshot", { method: "POST", body: JSON.stringify({ language: this.spoken }) });
      if (answer.ok) { await this.present(await answer.json()); return; }
      if (answer.status === 409) problem = "no_face";
    } catch { problem = "away"; }
    this.faceAt = performance.now();
    this.scene = "live";
    this.notice(problem);
  }

  async present(taken) {
    this.taken = taken;
    byId("print").src = taken.print;
    byId("qr").src = taken.qr;
    byId("link").href = taken.link;
    await Promise.all([byId("print"), byId("qr")].map((image) => image.decode()));
    this.scene = "result";
    const forMs = this.config.seconds.result * 1000;
    this.bar = byId("left").firstElementChild.animate([{ transform: "none" }, { transform: "scaleX(0)" }], { duration: forMs });
    this.bar.onfinish = () => this.done();
  }

  done() {
    if (this.scene !== "result") return;
    this.bar?.cancel();
    this.scene = performance.now() - this.faceAt > this.config.seconds.attract * 1000 ? "attract" : "live";
    this.taken = null;
  }

  again() {
    this.done();
    this.scene = "live";
    this.faceAt = performance.now();
    this.take();
  }

  async forget() {
    const { token } = this.taken ?? {};
    this.done();
    if (token) await fetch(`take/${token}/delete`, { method: "POST" }).catch(() => {});
  }

  listen() {
    byId("take").onclick = () => this.take();
    byId("again").onclick = () => this.again();
    byId("done").onclick = () => this.done();
    byId("delete").onclick = () => this.forget();
    byId("printer").onclick = () => print();
    byId("attract").onclick = () => this.press();
    byId("link").onclick = (event) => event.preventDefault();
    addEventListener("keydown", (event) => this.key(event), true); // before player.js, whose keys are no visitor's
    addEventListener("contextmenu", (event) => event.preventDefault());
    addEventListener("pointermove", () => this.showPointer());
    this.hold(byId("brand"));
    if (location.hash === "#operator") this.operator.open();
  }

  key(event) {
    if (byId("operator").open) { this.operator.key(event); event.stopImmediatePropagation(); return; }
    if (event.ctrlKey && event.altKey && event.code === "KeyO") this.operator.open();
    else if (event.code === "Escape") this.done();
    else if ((event.code === "Space" || event.code === "Enter") && !event.repeat) this.press();
    else if (event.code === "Tab") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  hold(element) {
    let timer;
    element.onpointerdown = () => { timer = setTimeout(() => this.operator.open(), HOLD_MS); };
    element.onpointerup = element.onpointerleave = element.onpointercancel = () => clearTimeout(timer);
  }

  showPointer() {
    document.body.classList.remove("still");
    clearTimeout(this.stilling);
    this.stilling = setTimeout(() => document.body.classList.add("still"), STILL_MS);
  }

  // Screens shall not go to sleep at a booth. Needs a secure page or this machine; elsewhere the system has to be told.
  async stayAwake() {
    try { await navigator.wakeLock?.request("screen"); } catch { /* hidden, or not allowed: tried again when visible */ }
    document.onvisibilitychange = () => { if (!document.hidden) this.stayAwake(); };
  }
}

window.booth = new Booth();
window.booth.run();
