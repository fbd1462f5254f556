// Paints the frames of /ws (see live/player_socket.py) and measures what the viewer really gets.
"use strict";

const HEADER_BYTES = 24; // uint64 sequence, float64 captured_at, float64 encoded_at, little-endian
const FPS_WINDOW_MS = 2000;
const DELAY_WINDOW_MS = 10000;
const PING_EVERY_MS = 1000;
const CLOCK_SAMPLES = 20;
const RETRY_MS = [250, 500, 1000, 2000, 4000];

// Expresses this page's clock in the server's monotonic one. Of the last pings, the one with the shortest round trip is
// trusted most (the clock filter of NTP, RFC 5905 section 10): its error is at most half of that round trip.
class ServerClock {
  constructor() { this.samples = []; }
  pong(sentMs, serverS, nowMs) {
    this.samples.push({ roundTrip: nowMs - sentMs, offset: serverS * 1000 - (sentMs + nowMs) / 2 });
    if (this.samples.length > CLOCK_SAMPLES) this.samples.shift();
  }
  get best() {
    return this.samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a), { roundTrip: Infinity, offset: NaN });
  }
  at(nowMs) { return nowMs + this.best.offset; }
}

// What was painted lately: [time painted in ms, delay in ms].
class PaintLog {
  constructor() { this.paints = []; this.total = 0; }
  add(nowMs, delayMs) {
    this.total += 1;
    this.paints.push([nowMs, delayMs]);
    while (this.paints[0][0] < nowMs - DELAY_WINDOW_MS) this.paints.shift();
  }
  fps(nowMs) {
    const recent = this.paints.filter(([at]) => at > nowMs - FPS_WINDOW_MS);
    const spanMs = Math.min(FPS_WINDOW_MS, nowMs - (this.paints.length ? this.paints[0][0] : nowMs));
    return spanMs > 0 ? (recent.length * 1000) / spanMs : 0;
  }
  delay(share, nowMs) { // share 0.5 is the median; nearest-rank percentile
    const delays = this.paints.filter(([at, d]) => at > nowMs - DELAY_WINDOW_MS && Number.isFinite(d)).map(([, d]) => d);
    delays.sort((a, b) => a - b);
    return delays.length ? delays[Math.max(0, Math.ceil(share * delays.length) - 1)] : NaN;
  }
}

class Player {
  constructor() {
    this.stage = document.getElementById("stage");
    this.canvas = document.getElementById("picture");
    this.context = this.canvas.getContext("bitmaprenderer"); // takes the decoded picture over without copying it
    this.clock = new ServerClock();
    this.log = new PaintLog();
    this.retries = 0;
    this.pending = null;
    this.owed = []; // frames that were replaced before they were painted, not yet acknowledged
    this.newest = 0;
    this.shownFrom = null;
    this.state = { state: "connecting", message: "" };
    this.paint = this.paint.bind(this);
  }

  connect() {
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => { this.clock = new ServerClock(); this.ping(); };
    this.socket.onmessage = ({ data }) => (typeof data === "string" ? this.hear(JSON.parse(data)) : this.decode(data));
    this.socket.onclose = () => this.reconnect();
  }

  reconnect() {
    clearTimeout(this.pinging);
    if (this.pending) this.pending.bitmap.close();
    [this.pending, this.owed] = [null, []];
    this.show({ state: "connecting", message: this.log.total ? "The app does not answer. Trying again…" : "Connecting…" });
    setTimeout(() => this.connect(), RETRY_MS[Math.min(this.retries++, RETRY_MS.length - 1)]);
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  ping() {
    this.send({ ping: performance.now() });
    // A few quick ones first, so that the delay is right from the start.
    this.pinging = setTimeout(() => this.ping(), this.clock.samples.length < 5 ? 100 : PING_EVERY_MS);
  }

  hear(message) {
    if ("pong" in message) this.clock.pong(message.pong, message.server, performance.now());
    if ("state" in message) { this.retries = 0; this.show(message.state); }
  }

  async decode(data) {
    const view = new DataView(data);
    const frame = { socket: this.socket, sequence: Number(view.getBigUint64(0, true)), capturedS: view.getFloat64(8, true) };
    try {
      frame.bitmap = await createImageBitmap(new Blob([new Uint8Array(data, HEADER_BYTES)], { type: "image/jpeg" }));
    } catch {
      this.release(frame);
      return;
    }
    if (frame.sequence < this.newest && frame.socket === this.shownFrom) { // decoded after a newer one
      this.discard(frame);
      return;
    }
    if (this.pending) this.discard(this.pending);
    [this.pending, this.newest, this.shownFrom] = [frame, frame.sequence, frame.socket];
    requestAnimationFrame(this.paint);
  }

  // A hidden page gets no animation frames, so it acknowledges nothing and the server sends it nothing more.
  paint() {
    const frame = this.pending;
    if (!frame) return;
    this.pending = null;
    const { width, height } = frame.bitmap;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.fit(width, height);
    this.context.transferFromImageBitmap(frame.bitmap);
    const nowMs = performance.now();
    this.log.add(nowMs, this.clock.at(nowMs) - frame.capturedS * 1000);
    for (const done of [...this.owed.splice(0), frame]) this.release(done);
    if (!this.stage.classList.contains("painted")) { this.stage.classList.add("painted"); this.report(); }
  }

  discard(frame) {
    frame.bitmap.close();
    this.owed.push(frame);
  }

  release(frame) {
    if (frame.socket === this.socket) this.send({ ack: frame.sequence });
  }

  show(state) {
    this.state = state;
    this.stage.dataset.state = state.state;
    this.stage.classList.toggle("recording", Boolean(state.recording));
    const message = document.getElementById("message");
    if (message.textContent !== state.message) message.textContent = state.message;
  }

  // Inside the page the frame around this document takes the shape of the picture.
  fit(width, height) {
    const frame = window.frameElement;
    if (!frame || document.fullscreenElement) return;
    const shape = `${width}x${height} in ${frame.parentElement.clientWidth}x${parent.innerHeight}`;
    if (shape === this.shape) return;
    this.shape = shape;
    const widest = frame.parentElement.clientWidth;
    const tallest = Math.max(220, parent.innerHeight * 0.7);
    const scale = Math.min(widest / width, tallest / height);
    frame.style.width = `${Math.round(width * scale)}px`;
    frame.style.height = `${Math.round(height * scale)}px`;
  }

  figures() {
    const nowMs = performance.now();
    return { painted: this.log.total, fps: this.log.fps(nowMs), delayMs: this.log.delay(0.5, nowMs),
      delayP95Ms: this.log.delay(0.95, nowMs), clockErrorMs: this.clock.best.roundTrip / 2, ...this.state };
  }

  report() {
    const figures = this.figures();
    document.getElementById("figures").hidden = !figures.painted;
    const put = (id, value) => { document.getElementById(id).textContent = Number.isFinite(value) ? Math.round(value) : "–"; };
    put("fps", figures.fps);
    put("delay", figures.delayMs);
    put("p95", figures.delayP95Ms);
  }

  run() {
    document.getElementById("full").onclick = () => this.fullScreen();
    addEventListener("keydown", (event) => { if (event.key === "f") this.fullScreen(); else this.pass(event); });
    addEventListener("keyup", (event) => this.pass(event)); // else the page believes the key is still down
    setInterval(() => this.report(), 500);
    this.connect();
  }

  // Keys that belong to the page around this document, such as the numbers of the styles, reach it although the
  // picture has the focus.
  pass({ type, key, code, ctrlKey, altKey, metaKey }) {
    if (parent === window || ctrlKey || altKey || metaKey || !/^[1-9]$/.test(key)) return;
    parent.document.dispatchEvent(new parent.KeyboardEvent(type, { key, code, bubbles: true }));
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen(); else this.stage.requestFullscreen();
  }
}

window.player = new Player();
window.player.run();
