// Paints the WebP pictures of /overlay/ws (live/overlay.py; messages as in live/player_socket.py) on a transparent canvas.
"use strict";

const HEADER_BYTES = 24; // uint64 sequence, float64 captured_at, float64 encoded_at, little-endian
const RETRY_MS = [250, 500, 1000, 2000];
const FPS_WINDOW_MS = 2000;

class Overlay {
  constructor() {
    this.canvas = document.getElementById("picture");
    this.context = this.canvas.getContext("bitmaprenderer"); // takes the decoded picture over, alpha included
    this.retries = 0;
    this.pending = null;
    this.owed = []; // pictures that were replaced before they were painted, not yet acknowledged
    this.newest = -1;
    this.paints = []; // times of the last paints, ms
    this.total = 0;
    this.connections = 0;
    this.active = true; // OBS: on air
    this.visible = true; // OBS: shown anywhere, a preview included
    this.paint = this.paint.bind(this);
  }

  get wanted() { return (this.active || this.visible) && !document.hidden; }

  connect() {
    clearTimeout(this.retrying);
    if (!this.wanted || this.socket) return;
    const url = new URL(`overlay/ws${location.search}`, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => { this.connections += 1; this.newest = -1; };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.retries = 0; else this.decode(data, socket);
    };
    socket.onclose = () => { if (this.socket === socket) this.lost(); };
  }

  // The app does not answer: a still picture of somebody would look like a fault, so there is none.
  lost() {
    this.leave();
    this.retrying = setTimeout(() => this.connect(), RETRY_MS[Math.min(this.retries++, RETRY_MS.length - 1)]);
  }

  leave() {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
    if (this.pending) this.pending.bitmap.close();
    [this.pending, this.owed] = [null, []];
    this.context.transferFromImageBitmap(null);
  }

  // Without a socket the server neither encodes nor sends anything for this page.
  follow() {
    if (this.wanted) this.connect();
    else { clearTimeout(this.retrying); this.leave(); }
  }

  async decode(data, socket) {
    const frame = { socket, sequence: Number(new DataView(data).getBigUint64(0, true)) };
    try {
      frame.bitmap = await createImageBitmap(new Blob([new Uint8Array(data, HEADER_BYTES)], { type: "image/webp" }));
    } catch {
      this.release(frame);
      return;
    }
    if (socket !== this.socket) { frame.bitmap.close(); return; }
    if (frame.sequence < this.newest) { this.discard(frame); return; } // decoded after a newer one
    if (this.pending) this.discard(this.pending);
    [this.pending, this.newest] = [frame, frame.sequence];
    requestAnimationFrame(this.paint);
  }

  paint() {
    const frame = this.pending;
    if (!frame) return;
    this.pending = null;
    const { width, height } = frame.bitmap;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.context.transferFromImageBitmap(frame.bitmap);
    const nowMs = performance.now();
    this.total += 1;
    this.paints.push(nowMs);
    while (this.paints[0] < nowMs - FPS_WINDOW_MS) this.paints.shift();
    for (const done of [...this.owed.splice(0), frame]) this.release(done);
  }

  discard(frame) { frame.bitmap.close(); this.owed.push(frame); }

  release(frame) {
    const socket = frame.socket;
    if (socket === this.socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: frame.sequence }));
  }

  figures() {
    const nowMs = performance.now();
    const recent = this.paints.filter((at) => at > nowMs - FPS_WINDOW_MS);
    return { painted: this.total, fps: (recent.length * 1000) / FPS_WINDOW_MS, connections: this.connections,
      connected: Boolean(this.socket) && this.socket.readyState === WebSocket.OPEN };
  }

  run() {
    // https://github.com/obsproject/obs-browser: events of a browser source.
    addEventListener("obsSourceActiveChanged", ({ detail }) => { this.active = this.visible = detail.active; this.follow(); });
    addEventListener("obsSourceVisibleChanged", ({ detail }) => { this.visible = detail.visible; this.follow(); });
    document.addEventListener("visibilitychange", () => this.follow());
    this.connect();
  }
}

window.overlay = new Overlay();
window.overlay.run();
