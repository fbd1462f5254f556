// The operator's controls: a PIN first, then what can be changed.
const byId = (id) => document.getElementById(id);
const LONGEST_PIN = 12;
const PANEL_EVERY_MS = 2000;
const LEAVE_AGAIN_MS = 1000;
const VIEW_TEXTS = { "side-by-side": "view_side_by_side", portrait: "view_portrait", paste: "view_paste" };

async function post(path, message = {}) {
  return fetch(`booth/operator/${path}`, { method: "POST", body: JSON.stringify(message) });
}

export class Operator {
  constructor(booth) {
    this.booth = booth;
    this.pin = "";
    this.locked = false; // somebody pressed "Lock": only the PIN opens the panel again
    this.leaving = null; // the logout under way
    this.dialog = byId("operator");
    this.drawKeys();
    for (const what of ["source", "style", "view", "language"]) byId(`set-${what}`).onchange = (event) => this.change(what, event.target.value);
    byId("clear").onclick = () => this.act("clear");
    byId("restart").onclick = () => this.restart();
    byId("lock-again").onclick = () => this.lock();
    this.dialog.onclose = () => { clearTimeout(this.timer); this.type(""); };
  }

  drawKeys() {
    const signs = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0", "✓"];
    byId("keys").replaceChildren(...signs.map((sign) => {
      const key = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
      key.classList.toggle("go", sign === "✓");
      key.onclick = () => this.tap(sign);
      return key;
    }));
  }

  async open() {
    if (this.dialog.open) return;
    this.tell("");
    this.dialog.showModal();
    await this.refresh(); // still unlocked?
  }

  tap(sign) {
    if (sign === "✓") this.unlock();
    else this.type(sign === "⌫" ? this.pin.slice(0, -1) : this.pin + sign);
  }

  type(pin) {
    this.pin = pin.slice(0, LONGEST_PIN);
    byId("pin").textContent = "●".repeat(this.pin.length);
  }

  key(event) {
    if (byId("lock").hidden) return;
    const sign = { Backspace: "⌫", Enter: "✓" }[event.key] ?? (/^\d$/.test(event.key) ? event.key : "");
    if (sign) { this.tap(sign); event.preventDefault(); }
  }

  async unlock() {
    const pin = this.pin;
    this.type("");
    await this.leaving; // which would end the new login
    try {
      const answer = await post("login", { pin });
      if (answer.ok) { this.locked = false; this.tell(""); await this.refresh(); return; }
      const { waitS } = await answer.json();
      this.tell(waitS ? this.booth.say("wait", { seconds: waitS }) : this.booth.say("wrong_pin"));
    } catch {
      this.tell(this.booth.say("away"));
    }
  }

  // Locked at once, however long the server takes.
  lock() {
    this.locked = true;
    this.shut(true);
    this.dialog.close();
    this.leaving = this.leave();
  }

  async leave() {
    try {
      await post("logout");
    } catch { // the server is away; should it come back with this login, that has to end
      setTimeout(() => { if (this.locked) this.leaving = this.leave(); }, LEAVE_AGAIN_MS);
    }
  }

  // Whatever is open, the pad or the panel, says this.
  tell(text) { byId("pin-message").textContent = byId("panel-message").textContent = text; }

  shut(locked) {
    byId("lock").hidden = !locked;
    byId("panel").hidden = locked;
  }

  // Asks while the panel is open; asking keeps the login alive, so it stops when the dialog is closed.
  async refresh() {
    clearTimeout(this.timer);
    try {
      const answer = await fetch("booth/operator/panel.json", { cache: "no-store" });
      const unlocked = answer.ok && !this.locked;
      this.shut(!unlocked);
      if (!unlocked) return;
      this.show(await answer.json());
    } catch {
      byId("panel-state").textContent = this.booth.say("away");
    }
    if (this.dialog.open) this.timer = setTimeout(() => this.refresh(), PANEL_EVERY_MS);
  }

  show(now) {
    const say = (name, values) => this.booth.say(name, values);
    byId("panel-state").textContent = now.message || now.state;
    byId("panel-facts").textContent = now.facts.filter(Boolean).join("  ·  ");
    byId("panel-kept").textContent = `${say("kept", { count: now.kept })}  ·  ${say("phones_at", { address: now.address })}`;
    const warnings = [now.onlyHere && say("phones_cannot"), now.noFont.length && `${now.noFont.join(", ")}: ${say("no_font")}`];
    byId("panel-warnings").replaceChildren(...warnings.filter(Boolean).map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    byId("restart").hidden = !now.restartable;
    fill(byId("set-source"), now.sources, now.source);
    fill(byId("set-style"), now.styles, now.style);
    fill(byId("set-view"), now.views.map((view) => [view, say(VIEW_TEXTS[view])]), now.view);
    fill(byId("set-language"), Object.entries(this.booth.config.texts).map(([key, texts]) => [key, texts.language]), now.language);
  }

  change(what, to) { return this.act("change", { what, to }); }

  async act(path, message) {
    if (await this.does(path, message)) this.tell("✓");
    await Promise.all([this.refresh(), this.booth.loadOnce()]);
  }

  // The new app knows no login: nothing is left to do here, and the pad must not stand before the visitors.
  async restart() {
    if (!await this.does("restart")) { await this.refresh(); return; }
    this.dialog.close();
    this.booth.notice("restarting");
  }

  // Whether the app agreed; if not, the reason is told.
  async does(path, message) {
    this.tell("…");
    try {
      const answer = await post(path, message);
      if (answer.ok) return true;
      this.tell(this.booth.say("failed", await answer.json()));
    } catch {
      this.tell(this.booth.say("failed", { reason: this.booth.say("away") }));
    }
    return false;
  }
}

// Leaves the list alone where nothing changed, so that it can be open while the panel is refreshed.
function fill(select, options, chosen) {
  const key = JSON.stringify(options);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
  }
  if (document.activeElement !== select || select.value === "") select.value = chosen;
}
