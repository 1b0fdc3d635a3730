/**
 * KMRL Gateway, live: one ES module, no dependencies, no build step.
 *
 * It keeps a WebSocket to the gateway open, comes back after every interruption, asks for exactly what it missed, and
 * says how things stand. When sockets cannot be had it asks `/api/v1/events/` every few seconds instead.
 *
 * @example
 * import { connect } from "/static/realtime.js";
 *
 * const live = connect({
 *   topics: ["document:6f0c…"],           // beside what comes unasked: you, your departments, the house
 *   after: Number(document.body.dataset.position),  // optional: the position that the page was made at
 *   onEvent(event) {                      // {type, position?, at, data}; no position: passing (progress)
 *     if (event.type === "document.status") show(event.data.id, event.data.status);
 *   },
 *   onState(state) {                      // "live" | "catching-up" | "offline"
 *     document.body.dataset.live = state;
 *   },
 *   onReset() { location.reload(); },     // what was missed is no longer kept: fetch everything anew
 *   onRefused(topics) { },                // these topics are not (or no longer) yours
 *   onSignedOut() { location.href = "/sign-in/"; },
 * });
 * live.subscribe(["batch:91…"]);          // from now on
 * live.unsubscribe(["batch:91…"]);
 * live.close();
 *
 * Elsewhere than on the gateway's own pages give `url`, `eventsUrl` and `token` (a function that answers, or promises,
 * a JWT or an API key; it is called again whenever the old one has expired):
 *
 *   connect({ url: "wss://gateway.example/ws/", eventsUrl: "https://gateway.example/api/v1/events/",
 *             token: () => fetchToken(), onEvent });
 *
 * Promises: every event with a position comes at most once, and all that you may see come in order. Events are
 * acknowledged by this module. An exception in one of your functions is reported to the console and breaks nothing.
 */

/**
 * @typedef {"live" | "catching-up" | "offline"} State
 *   `live`: what you see is now. `catching-up`: missed events are arriving, or the gateway is asked by polling.
 *   `offline`: nothing arrives; the module keeps trying.
 *
 * @typedef {object} LiveEvent
 * @property {string} type        such as `document.status`
 * @property {number} [position]  its place in the log; absent when it is passing (progress)
 * @property {string} at          ISO 8601, UTC
 * @property {Record<string, any>} data
 *
 * @typedef {object} Options
 * @property {(event: LiveEvent) => void} onEvent
 * @property {(state: State, why: {code?: number, reason?: string, polling: boolean}) => void} [onState]
 * @property {(position: number) => void} [onReset]
 * @property {(topics: string[]) => void} [onRefused]
 * @property {() => void} [onSignedOut]  the session has ended; nothing more is tried
 * @property {string[]} [topics]
 * @property {number} [after]      resume behind this position; without it: from now on
 * @property {string} [url]        default `/ws/` of this page's host
 * @property {string} [eventsUrl]  default `/api/v1/events/`
 * @property {() => (string | Promise<string>)} [token]
 */

const ACK_EVERY = 100;
const ACK_WITHIN = 400;
const PING_EVERY = 25_000;
const PONG_WITHIN = 15_000;
const POLL_EVERY = 4_000;
const POLL_AFTER_FAILURES = 2;
const POLL_LIMIT = 200;
const LONGEST_WAIT = 30_000;
const [WHO_ARE_YOU, NOT_YOURS, TOO_FAR_BEHIND, TOO_MANY] = [4401, 4403, 4408, 4429];

/** @param {Options} options @returns {Live} */
export function connect(options) {
  return new Live(options);
}

export class Live {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {State} */ #state = "catching-up";
  /** @type {Set<string>} */ #topics;
  /** @type {number | null} */ #position = null;
  /** @type {Record<string, any>} */ #timers = {};
  #welcome = 0; // the position that the gateway was at when it let us in
  #caughtUp = false;
  #failures = 0;
  #rejections = 0;
  #unacknowledged = 0;
  #polling = false;
  #closed = false;
  #onAwake = () => this.#retryNow();

  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.#topics = new Set(options.topics ?? []);
    if (Number.isSafeInteger(options.after)) this.#position = options.after;
    addEventListener("online", this.#onAwake);
    addEventListener("pageshow", this.#onAwake);
    document.addEventListener("visibilitychange", this.#onAwake);
    queueMicrotask(() => { // none of the functions is called before `connect` has answered
      this.#call("onState", this.#state, { polling: false });
      this.#open();
    });
  }

  /** @returns {State} how things stand */
  get state() {
    return this.#state;
  }

  /** @returns {number | null} everything up to this position has been seen */
  get position() {
    return this.#position;
  }

  /** Hear these topics too, from now on. @param {string[]} topics */
  subscribe(topics) {
    const fresh = topics.filter((topic) => !this.#topics.has(topic));
    fresh.forEach((topic) => this.#topics.add(topic));
    if (fresh.length) this.#send({ action: "subscribe", topics: fresh });
  }

  /** @param {string[]} topics */
  unsubscribe(topics) {
    const gone = topics.filter((topic) => this.#topics.delete(topic));
    if (gone.length) this.#send({ action: "unsubscribe", topics: gone });
  }

  /** Stop for good. */
  close() {
    this.#closed = true;
    removeEventListener("online", this.#onAwake);
    removeEventListener("pageshow", this.#onAwake);
    document.removeEventListener("visibilitychange", this.#onAwake);
    Object.values(this.#timers).forEach(clearTimeout);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#say("offline", {});
  }

  // --- the socket

  async #open() {
    if (this.#closed || this.#socket) return;
    let socket;
    try {
      socket = this.#socket = new WebSocket(this.#url());
    } catch (error) {
      this.#lost({ code: 0, reason: String(error) });
      return;
    }
    this.#caughtUp = false;
    const mine = (handle) => (event) => socket === this.#socket && handle(event);
    socket.onopen = mine(() => this.#opened(socket));
    socket.onmessage = mine((event) => this.#received(event.data));
    socket.onclose = mine((event) => {
      this.#socket = null;
      this.#lost(event);
    });
    this.#after("giveUp", PONG_WITHIN, () => this.#hangUp("no answer"));
  }

  async #opened(socket) {
    if (this.options.token) {
      let token;
      try {
        token = await this.options.token();
      } catch (error) {
        return this.#hangUp(`no token: ${error}`);
      }
      if (socket !== this.#socket) return;
      this.#send({ action: "authenticate", token });
    }
    const topics = [...this.#topics];
    if (this.#position !== null) this.#send({ action: "resume", after: this.#position, topics });
    else if (topics.length) this.#send({ action: "subscribe", topics });
    this.#send({ action: "ping" }); // answered behind everything that we missed
  }

  #received(text) {
    const content = JSON.parse(text);
    for (const frame of Array.isArray(content) ? content : [content]) this.#handle(frame);
    if (this.#unacknowledged >= ACK_EVERY) this.#acknowledge();
    else if (this.#unacknowledged) this.#after("ack", ACK_WITHIN, () => this.#acknowledge(), { keep: true });
  }

  #handle(frame) {
    switch (frame.type) {
      case "connected":
        this.#welcome = frame.position;
        if (this.#position === null) this.#position = frame.position;
        this.#say("catching-up", {});
        break;
      case "pong":
        this.#ponged();
        break;
      case "reset":
        this.#position = frame.position;
        this.#call("onReset", frame.position);
        break;
      case "refused":
        frame.topics.forEach((topic) => this.#topics.delete(topic));
        this.#call("onRefused", frame.topics);
        break;
      case "error":
        console.warn("realtime:", frame.code, frame.detail);
        break;
      default:
        this.#event(frame);
    }
  }

  #event(event) {
    if (event.position !== undefined) {
      this.#unacknowledged += 1;
      if (event.position > (this.#position ?? -1)) this.#position = event.position;
      else if (this.#caughtUp) return; // seen already
    }
    this.#call("onEvent", event);
  }

  #ponged() {
    clearTimeout(this.#timers.giveUp);
    if (!this.#caughtUp) {
      this.#caughtUp = true;
      this.#failures = this.#rejections = 0;
      this.#stopPolling();
      if (this.#welcome > this.#position) this.#position = this.#welcome;
      this.#say("live", {});
    }
    this.#after("ping", PING_EVERY, () => this.#ping());
  }

  #ping() {
    this.#send({ action: "ping" });
    this.#after("giveUp", PONG_WITHIN, () => this.#hangUp("no pong"));
  }

  #acknowledge() {
    clearTimeout(this.#timers.ack);
    this.#timers.ack = undefined;
    this.#unacknowledged = 0;
    this.#send({ action: "ack", position: this.#position });
    if (!this.#caughtUp && this.#timers.giveUp) {
      this.#after("giveUp", PONG_WITHIN, () => this.#hangUp("no pong")); // a long replay is a sign of life
    }
  }

  #send(content) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(content));
  }

  #hangUp(reason) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#lost({ code: 0, reason });
  }

  /** Decide what follows from how the socket ended. */
  #lost({ code, reason }) {
    for (const name of ["ping", "giveUp", "ack"]) {
      clearTimeout(this.#timers[name]);
      this.#timers[name] = undefined;
    }
    this.#unacknowledged = 0;
    if (this.#closed) return;
    this.#failures += 1;
    let wait = Math.min(LONGEST_WAIT, 500 * 2 ** Math.min(this.#failures - 1, 10));
    if (code === WHO_ARE_YOU || code === NOT_YOURS) {
      this.#rejections += 1;
      if (this.#rejections > 2) return this.#signedOut({ code, reason });
      wait = 500;
    } else if (code === TOO_FAR_BEHIND && this.#failures === 1) {
      wait = 200;
    } else if (code === TOO_MANY) {
      wait = LONGEST_WAIT;
    }
    if (!this.#polling) this.#say("offline", { code, reason });
    if (this.#failures >= POLL_AFTER_FAILURES || code === TOO_MANY) this.#startPolling();
    this.#after("open", wait * (0.5 + Math.random()), () => this.#open());
  }

  #signedOut(why) {
    this.#stopPolling();
    this.#say("offline", why);
    this.#call("onSignedOut");
  }

  #retryNow() {
    if (this.#closed || document.visibilityState === "hidden" || this.#rejections > 2) return;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ping(); // is it really there?
    else if (!this.#socket) {
      clearTimeout(this.#timers.open);
      this.#open();
    }
  }

  #url() {
    const url = new URL(this.options.url ?? "/ws/", location.href);
    url.protocol = url.protocol.replace(/^http/, "ws");
    return url.href;
  }

  // --- polling, while sockets fail

  #startPolling() {
    if (this.#polling) return;
    this.#polling = true;
    this.#poll();
  }

  #stopPolling() {
    this.#polling = false;
    clearTimeout(this.#timers.poll);
  }

  async #poll() {
    if (!this.#polling || this.#closed) return;
    let more = false;
    try {
      more = await this.#pollOnce();
    } catch (error) {
      this.#say("offline", { reason: String(error) });
    }
    if (this.#polling && !this.#closed) {
      this.#after("poll", more ? 0 : POLL_EVERY * (0.75 + Math.random() / 2), () => this.#poll());
    }
  }

  async #pollOnce() {
    const url = new URL(this.options.eventsUrl ?? "/api/v1/events/", location.href);
    if (this.#position !== null) url.searchParams.set("after", String(this.#position));
    url.searchParams.set("limit", String(POLL_LIMIT));
    this.#topics.forEach((topic) => url.searchParams.append("topic", topic));
    const answer = await fetch(url, { headers: await this.#credentials(), credentials: "same-origin", cache: "no-store" });
    if (answer.status === 401) {
      this.#rejections = 3;
      clearTimeout(this.#timers.open);
      this.#signedOut({ code: WHO_ARE_YOU });
      return false;
    }
    if (answer.status === 404 && this.#topics.size) {
      const refused = [...this.#topics];
      this.#topics.clear();
      this.#call("onRefused", refused);
      return true;
    }
    if (!answer.ok) throw new Error(`the gateway answers ${answer.status}`);
    const found = await answer.json();
    if (!this.#polling || this.#caughtUp) return false; // the socket came back meanwhile and knows better
    if (found.reset) this.#call("onReset", found.position);
    for (const event of found.events) {
      this.#position = event.position;
      this.#call("onEvent", event);
    }
    this.#position = found.position;
    this.#say("catching-up", {});
    return found.events.length === POLL_LIMIT;
  }

  async #credentials() {
    const token = this.options.token && (await this.options.token());
    if (!token) return {};
    return token.startsWith("kmrl_") ? { "X-API-Key": token } : { Authorization: `Bearer ${token}` };
  }

  // --- small things

  /** @param {State} state */
  #say(state, why) {
    if (state === this.#state) return;
    this.#state = state;
    this.#call("onState", state, { ...why, polling: this.#polling });
  }

  #call(name, ...args) {
    try {
      this.options[name]?.(...args);
    } catch (error) {
      console.error(`realtime: ${name} failed`, error);
    }
  }

  #after(name, milliseconds, call, { keep = false } = {}) {
    if (keep && this.#timers[name]) return;
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      this.#timers[name] = undefined;
      call();
    }, milliseconds);
  }
}
