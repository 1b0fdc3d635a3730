/**
 * KMRL Gateway, live: one ES module, no dependencies, no build step. How to use it, step by step: docs/clients.md.
 *
 * It keeps a WebSocket to the gateway open, comes back after every interruption, asks for exactly what it missed, and
 * says how things stand. When sockets cannot be had it asks `/api/v1/events/` every few seconds instead.
 *
 *   const live = connect({ topics: ["document:6f0c…"], onEvent({ type, data }) { }, onState(state, why) { }, onReset() { } });
 *   live.subscribe(["batch:91…"]); live.unsubscribe(["batch:91…"]); live.close();
 *
 * Elsewhere than on the gateway's own pages give `url`, and one of these two functions; either may answer a promise and
 * is called again whenever it is needed:
 *
 * - `token`: a JWT or an API key. With it polling works too, from origins that `KMRL_TRUSTED_ORIGINS` names.
 * - `ticket`: what your own server got from `POST /api/v1/auth/ws-ticket/`; it lets in once, so that no key ever lies in a
 *   browser. Without `token` nothing is polled when sockets fail, only tried again.
 *
 *   connect({ url: "wss://gateway.example/ws/", token: () => fetchToken(), onEvent });
 *
 * It runs in pages, in workers and in Node (22, or 20 with `--experimental-websocket`; without sockets it polls).
 *
 * How it ends: 4401 (who are you) and 4403 (not yours) are tried three times with fresh credentials, then `onSignedOut`
 * is called and nothing more is tried; 4408 (too far behind) resumes at once; 4429 (too many) polls, and tries again
 * after half a minute. Everything else is tried again for ever, after waits that double up to 30 s, each between half
 * and one and a half times as long, so that a thousand pages do not come back in the same moment.
 *
 * Promises: every event with a position comes at most once, and none that you may see is left out; they come in order,
 * but for those of a replay that a slow network let begin late. Events are acknowledged by this module. An exception in
 * one of your functions is reported to the console and breaks nothing.
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
 * @typedef {object} Why
 * @property {number} [code]      how the socket was closed
 * @property {string} [reason]    a sentence
 * @property {boolean} [polling]  sockets cannot be had; the gateway is asked every few seconds
 *
 * @typedef {object} Options
 * @property {(event: LiveEvent) => void} onEvent
 * @property {(state: State, why: Why) => void} [onState]
 * @property {(position: number) => void} [onReset]
 * @property {(topics: string[]) => void} [onRefused]
 * @property {(why: Why) => void} [onSignedOut]  the session, key or account has ended; nothing more is tried
 * @property {string[]} [topics]
 * @property {number} [after]      resume behind this position; without it: from now on
 * @property {string} [url]        default `/ws/` of this page's host
 * @property {string} [eventsUrl]  default `/api/v1/events/` of `url`'s host
 * @property {() => (string | Promise<string>)} [token]
 * @property {() => (string | Promise<string>)} [ticket]
 *
 * @typedef {{type: string, position: number, topics: string[], code: string, detail: string} & LiveEvent} Frame
 */

const ACK_EVERY = 100;
const ACK_WITHIN = 400;
const PING_EVERY = 25_000;
const PONG_WITHIN = 15_000;
const POLL_EVERY = 4_000;
const POLL_AFTER_FAILURES = 2;
const POLL_LIMIT = 200;
const LONGEST_WAIT = 30_000;
const OPEN = 1; // of WebSocket.readyState
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
  /** @type {Set<number>} */ #ahead = new Set(); // seen, although something before them may still be missing
  /** @type {Record<string, any>} */ #timers = {};
  /** @type {string | null} */ #looksAt = null;
  #welcome = 0; // the position that the gateway was at when it let us in
  #heard = 0; // the greatest position that came through this socket
  #caughtUp = false;
  #failures = 0;
  #rejections = 0;
  #unacknowledged = 0;
  #polling = false;
  #opening = false;
  #closed = false;
  #onAwake = () => this.#retryNow();
  #onOnline = () => {
    this.#failures = 0; // an attempt that began without a network shall not make it wait
    this.#retryNow();
  };
  #onOffline = () => this.#ping();

  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.#topics = new Set(options.topics ?? []);
    if (options.after !== undefined && Number.isSafeInteger(options.after)) this.#position = options.after;
    for (const [target, type, work] of this.#watched()) target?.addEventListener?.(type, work);
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

  /** Be seen to look at this topic, one of those that are heard; null: at none. Said again after each interruption.
   * Who looks comes as events of type `presence`. @param {string | null} topic */
  look(topic) {
    this.#looksAt = topic;
    this.#send({ action: "look", topic });
  }

  /** Stop for good. */
  close() {
    this.#closed = true;
    for (const [target, type, work] of this.#watched()) target?.removeEventListener?.(type, work);
    Object.values(this.#timers).forEach(clearTimeout);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#say("offline", {});
  }

  // --- the socket

  async #open() {
    if (this.#closed || this.#socket || this.#opening) return;
    /** @type {WebSocket} */ let socket;
    this.#opening = true;
    try {
      socket = this.#socket = new WebSocket(await this.#url());
    } catch (error) {
      this.#opening = false;
      this.#lost({ code: 0, reason: String(error) });
      return;
    }
    this.#opening = false;
    if (this.#closed) return this.#hangUp("closed");
    this.#caughtUp = false;
    this.#heard = 0;
    socket.onopen = () => { if (socket === this.#socket) this.#opened(socket); };
    socket.onmessage = (event) => { if (socket === this.#socket) this.#received(event.data); };
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#lost(event);
    };
    this.#after("giveUp", PONG_WITHIN, () => this.#hangUp("no answer"));
  }

  /** @param {WebSocket} socket */
  async #opened(socket) {
    if (this.options.token && !this.options.ticket) {
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
    if (this.#looksAt && this.#topics.has(this.#looksAt)) this.#send({ action: "look", topic: this.#looksAt });
    this.#send({ action: "ping" }); // answered behind everything that we missed
  }

  /** @param {string} text */
  #received(text) {
    let content;
    try {
      content = JSON.parse(text);
    } catch {
      return this.#hangUp("what came is not ours"); // a proxy's
    }
    for (const frame of Array.isArray(content) ? content : [content]) if (!this.#closed) this.#handle(frame);
    if (this.#unacknowledged >= ACK_EVERY) this.#acknowledge();
    else if (this.#unacknowledged) this.#after("ack", ACK_WITHIN, () => this.#acknowledge(), { keep: true });
  }

  /** @param {Frame} frame */
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
        this.#isAt(frame.position);
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

  /**
   * What lasts is handed on once. Up to the position of the welcome a replay is in order; what is beyond may, in a slow
   * network, come before it: then the place to resume from stays where it was until all has arrived.
   * @param {LiveEvent} event
   */
  #event(event) {
    const { position } = event;
    if (position !== undefined) {
      this.#unacknowledged += 1;
      this.#heard = Math.max(this.#heard, position);
      if (position <= (this.#position ?? -1) || this.#ahead.has(position)) return; // seen already
      if (this.#caughtUp || position <= this.#welcome) this.#position = position;
      else this.#ahead.add(position);
    }
    this.#call("onEvent", event);
  }

  /** Everything up to this position has been seen. @param {number} position */
  #isAt(position) {
    this.#position = position;
    this.#ahead.clear();
  }

  #ponged() {
    clearTimeout(this.#timers.giveUp);
    if (!this.#caughtUp) {
      this.#caughtUp = true;
      this.#failures = this.#rejections = 0;
      this.#stopPolling();
      this.#isAt([...this.#ahead].reduce((most, one) => Math.max(most, one), Math.max(this.#position ?? 0, this.#welcome)));
      this.#say("live", {});
    }
    this.#after("ping", PING_EVERY, () => this.#ping());
  }

  #ping() {
    if (this.#socket?.readyState !== OPEN) return;
    this.#send({ action: "ping" });
    this.#after("giveUp", PONG_WITHIN, () => this.#hangUp("no pong"));
  }

  #acknowledge() {
    clearTimeout(this.#timers.ack);
    this.#timers.ack = undefined;
    this.#unacknowledged = 0;
    this.#send({ action: "ack", position: this.#heard });
    if (!this.#caughtUp && this.#timers.giveUp) {
      this.#after("giveUp", PONG_WITHIN, () => this.#hangUp("no pong")); // a long replay is a sign of life
    }
  }

  /** @param {object} content */
  #send(content) {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(content));
  }

  /** @param {string} reason */
  #hangUp(reason) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#lost({ code: 0, reason });
  }

  /** Decide what follows from how the socket ended. @param {{code: number, reason: string}} how */
  #lost({ code, reason }) {
    for (const name of ["ping", "giveUp", "ack"]) {
      clearTimeout(this.#timers[name]);
      this.#timers[name] = undefined;
    }
    this.#unacknowledged = 0;
    if (this.#closed) return;
    this.#failures += 1;
    let wait = Math.min(LONGEST_WAIT, 500 * 2 ** Math.min(this.#failures - 1, 10));
    const wrongPerson = code === WHO_ARE_YOU || code === NOT_YOURS;
    if (wrongPerson) {
      this.#rejections += 1;
      if (this.#rejections > 2) return this.#signedOut({ code, reason });
      wait = 500;
    } else if (code === TOO_FAR_BEHIND && this.#failures === 1) {
      wait = 200;
    } else if (code === TOO_MANY) {
      wait = LONGEST_WAIT;
    }
    if (!this.#polling) this.#say("offline", { code, reason });
    if (!wrongPerson && (this.#failures >= POLL_AFTER_FAILURES || code === TOO_MANY)) this.#startPolling();
    this.#after("open", wait * (0.5 + Math.random()), () => this.#open());
  }

  /** @param {Why} why */
  #signedOut(why) {
    this.#stopPolling();
    this.#say("offline", why);
    this.#call("onSignedOut", { ...why, polling: false });
  }

  #retryNow() {
    if (this.#closed || globalThis.document?.visibilityState === "hidden" || this.#rejections > 2) return;
    if (this.#socket?.readyState === OPEN) this.#ping(); // is it really there?
    else if (!this.#socket) {
      clearTimeout(this.#timers.open);
      this.#open();
    }
  }

  /** @returns {URL} */
  #address() {
    const url = new URL(this.options.url ?? "/ws/", globalThis.location?.href);
    url.protocol = url.protocol.replace(/^http/, "ws");
    return url;
  }

  async #url() {
    const url = this.#address();
    if (this.options.ticket) url.searchParams.set("ticket", await this.options.ticket());
    return url.href;
  }

  /** @returns {[EventTarget | undefined, string, () => void][]} what tells that it is time to look again */
  #watched() {
    return [
      [globalThis.window, "online", this.#onOnline],
      [globalThis.window, "pageshow", this.#onAwake],
      [globalThis.window, "offline", this.#onOffline],
      [globalThis.document, "visibilitychange", this.#onAwake],
    ];
  }

  // --- polling, while sockets fail

  #startPolling() {
    if (this.#polling || (this.options.ticket && !this.options.token)) return;
    this.#polling = true;
    this.#poll();
  }

  #stopPolling() {
    this.#polling = false;
    clearTimeout(this.#timers.poll);
  }

  async #poll() {
    if (!this.#polling || this.#closed) return;
    let wait = POLL_EVERY * (0.75 + Math.random() / 2);
    try {
      wait = (await this.#pollOnce()) ?? wait;
    } catch (error) {
      this.#say("offline", { reason: String(error) });
    }
    if (this.#polling && !this.#closed) this.#after("poll", wait, () => this.#poll());
  }

  /** Ask once; answers how long to wait until the next time, when that is not as usual. @returns {Promise<number | void>} */
  async #pollOnce() {
    const answer = await this.#ask([...this.#topics]);
    if (answer.status === 401) {
      this.#rejections = 3;
      clearTimeout(this.#timers.open);
      return this.#signedOut({ code: WHO_ARE_YOU });
    }
    if (answer.status === 404 && this.#topics.size) return this.#dropRefused();
    if (answer.status === 429) return 1000 * Math.max(1, Number(answer.headers.get("Retry-After")) || 10);
    if (!answer.ok) throw new Error(`the gateway answers ${answer.status}`);
    const found = await answer.json();
    if (!this.#polling || this.#closed || this.#caughtUp) return; // the socket came back meanwhile and knows better
    if (found.reset) {
      this.#isAt(found.position);
      this.#call("onReset", found.position);
    }
    this.#say("catching-up", {});
    for (const event of found.events) {
      if (this.#closed) return; // by who was just told
      if (event.position <= (this.#position ?? -1)) continue;
      this.#position = event.position;
      if (!this.#ahead.delete(event.position)) this.#call("onEvent", event);
    }
    this.#position = found.position;
    if (found.events.length === POLL_LIMIT) return 0;
  }

  /** @param {string[]} topics @returns {Promise<Response>} */
  async #ask(topics, limit = POLL_LIMIT) {
    const home = this.#address();
    home.protocol = home.protocol.replace(/^ws/, "http");
    const url = new URL(this.options.eventsUrl ?? "/api/v1/events/", home);
    if (this.#position !== null) url.searchParams.set("after", String(this.#position));
    url.searchParams.set("limit", String(limit));
    topics.forEach((topic) => url.searchParams.append("topic", topic));
    return fetch(url, { headers: await this.#credentials(), credentials: "same-origin", cache: "no-store" });
  }

  /** One of the topics is not ours: find out which, the others stay. @returns {Promise<number>} */
  async #dropRefused() {
    const refused = [];
    for (const topic of this.#topics) if ((await this.#ask([topic], 1)).status === 404) refused.push(topic);
    refused.forEach((topic) => this.#topics.delete(topic));
    if (!refused.length) return POLL_EVERY;
    this.#call("onRefused", refused);
    return 0;
  }

  /** @returns {Promise<Record<string, string>>} */
  async #credentials() {
    const token = this.options.token && (await this.options.token());
    if (!token) return {};
    return token.startsWith("kmrl_") ? { "X-API-Key": token } : { Authorization: `Bearer ${token}` };
  }

  // --- small things

  /** @param {State} state @param {Why} why */
  #say(state, why) {
    if (state === this.#state) return;
    this.#state = state;
    this.#call("onState", state, { ...why, polling: this.#polling });
  }

  /** @param {"onEvent" | "onState" | "onReset" | "onRefused" | "onSignedOut"} name @param {any[]} given */
  #call(name, ...given) {
    const work = /** @type {((...given: any[]) => void) | undefined} */ (this.options[name]);
    try {
      work?.call(this.options, ...given);
    } catch (error) {
      console.error(`realtime: ${name} failed`, error);
    }
  }

  /** @param {string} name @param {number} milliseconds @param {() => void} work */
  #after(name, milliseconds, work, { keep = false } = {}) {
    if (keep && this.#timers[name]) return;
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      this.#timers[name] = undefined;
      work();
    }, milliseconds);
  }
}
