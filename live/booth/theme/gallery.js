// The inviting portraits: a face is wiped over by its portrait, one person after the other.
const WIPE_MS = 2600, REST_MS = 2200;

export class Gallery {
  constructor(onTurn) {
    this.hero = document.getElementById("hero");
    this.face = document.getElementById("hero-face");
    this.portrait = document.getElementById("hero-portrait");
    this.strip = document.getElementById("strip");
    this.onTurn = onTurn; // called at each new person
    this.addresses = [];
    this.pairs = [];
    this.turn = 0;
    this.since = 0;
  }

  // Pictures are loaded before they are shown and then stay in this page, so they go on without the server, too.
  async load(addresses) {
    if (!addresses.length || addresses.join() === this.addresses.join()) return;
    this.addresses = addresses;
    const pairs = await Promise.all(addresses.map((address) => Promise.all([loaded(`${address}/face`), loaded(`${address}/portrait`)])));
    const complete = pairs.filter(([face, portrait]) => face && portrait);
    if (addresses !== this.addresses) return;
    if (!complete.length) { this.addresses = []; return; }
    this.pairs = complete;
    this.strip.replaceChildren(...complete.map(([, portrait]) => portrait.cloneNode()));
    this.turn = -1;
    this.next(performance.now());
    this.hero.hidden = false;
  }

  next(nowMs) {
    this.turn = (this.turn + 1) % Math.max(1, this.pairs.length);
    this.since = nowMs;
    this.onTurn();
    if (!this.pairs.length) return;
    const [face, portrait] = this.pairs[this.turn];
    this.hero.style.setProperty("--cut", "0%");
    this.face.src = face.src;
    this.portrait.src = portrait.src;
    [...this.strip.children].forEach((image, index) => image.classList.toggle("now", index === this.turn));
  }

  paint(nowMs) {
    const passedMs = nowMs - this.since;
    const share = Math.min(1, Math.max(0, (passedMs - 700) / WIPE_MS));
    const eased = share * share * (3 - 2 * share);
    this.hero.style.setProperty("--cut", `${(eased * 100).toFixed(2)}%`);
    if (passedMs > WIPE_MS + REST_MS + 700) this.next(nowMs);
  }
}

function loaded(address) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => resolve(null);
    image.src = address;
  });
}
