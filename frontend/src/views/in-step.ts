// Several clips that play as one: all follow the longest, and a shorter one holds its last frame.

/** The part of a video element that is needed to keep it in step. */
export type Player = Pick<
  HTMLVideoElement,
  "currentTime" | "duration" | "paused" | "ended" | "seeking" | "readyState" | "playbackRate" | "play" | "pause"
>;

const FAR_S = 0.02; // a clip that rests for a frame and a half more would be seen: 50 ms is what we promise
const LOOSE_S = 0.25; // in a loose group: jumps cost a busy machine more than they are worth
const NEAR_S = 0.006; // closer than this is as good as the clock of a page can tell
const NUDGE = 6; // of the drift, each second
const MOST_NUDGE = 0.2;
const LATE_MS = 3000; // what a loose group waits for those that load
const AGAIN_MS = 800; // between two jumps of one clip in a loose group
const SLOWEST = 0.0625; // that a browser plays; at it, decoders start without going anywhere
const WARM_MS = 250; // at most: what a loose group gives its decoders to start
const TELL_MS = 80;
const HAVE_CURRENT_DATA = 2;
const HAVE_FUTURE_DATA = 3;

interface Options {
  /** Whether all wait for one that falls behind; otherwise it jumps after the others by itself. */
  strict: boolean;
  loop: boolean;
  /** Hears of every change: playing or not, and the time. */
  tell: () => void;
}

/** One transport for several clips. After `stop` it asks for no frame any more. */
export class InStep {
  rate = 1;
  loop: boolean;
  #strict: boolean;
  #tell: () => void;
  #players: () => Player[];
  #phase: "resting" | "gathering" | "warming" | "running" = "resting";
  #wanted = false; // to play, as soon as all are together
  #at = 0;
  #gatheredAt = 0;
  #toldAt = 0;
  #jumped = new WeakMap<Player, number>();
  #frame: number | undefined;

  constructor(players: () => Player[], { strict, loop, tell }: Options) {
    this.#players = players;
    this.#strict = strict;
    this.loop = loop;
    this.#tell = tell;
  }

  /** Whether it plays, or will as soon as every clip is ready. */
  get playing(): boolean {
    return this.#wanted;
  }

  /** Seconds from the start. */
  get time(): number {
    const leader = this.#leader();
    return this.#phase === "running" && leader ? leader.currentTime : this.#at;
  }

  /** That of the longest clip, in seconds. */
  get duration(): number {
    return Math.max(0, ...this.#players().map(length));
  }

  play(): void {
    this.#wanted = true;
    this.#gather(this.time >= this.duration - 0.05 ? 0 : this.time);
  }

  pause(): void {
    this.#wanted = false;
    this.#gather(this.time);
  }

  seek(at: number): void {
    this.#gather(Math.min(Math.max(0, at), this.duration));
  }

  /** Pauses on the next frame, or with -1 on the one before; `fps` is that of the fastest clip. */
  step(by: 1 | -1, fps: number): void {
    this.#wanted = false;
    const frame = Math.floor(this.time * fps + 1e-3) + by;
    const last = Math.max(0, Math.ceil(this.duration * fps) - 1);
    this.seek((Math.min(Math.max(0, frame), last) + 0.5) / fps); // the middle of a frame: its edge may show either
  }

  stop(): void {
    this.#wanted = false;
    this.#phase = "resting";
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    for (const each of this.#players()) each.pause();
  }

  #leader(): Player | undefined {
    const players = this.#players();
    // One that came in sight just now, and stands at its beginning, leads nobody.
    const going = this.#strict ? [] : players.filter(({ paused }) => !paused);
    return (going.length ? going : players).reduce<Player | undefined>((best, each) => (best && length(best) >= length(each) ? best : each), undefined);
  }

  /** Brings all to one instant; from there they start together, if that is wanted. */
  #gather(at: number): void {
    this.#at = at;
    this.#phase = "gathering";
    this.#gatheredAt = performance.now();
    for (const each of this.#players()) {
      const ran = !each.paused;
      each.pause();
      place(each, at, ran);
    }
    this.#tell();
    this.#frame ??= requestAnimationFrame(this.#tick);
  }

  #tick = (now: number): void => {
    this.#frame = undefined;
    if (this.#phase === "gathering") this.#start(now);
    else if (this.#phase === "warming") this.#go(now);
    else if (this.#phase === "running") this.#follow(now);
    if (this.#phase !== "resting") this.#frame ??= requestAnimationFrame(this.#tick);
  };

  #start(now: number): void {
    const players = this.#players();
    const late = !this.#strict && now - this.#gatheredAt > LATE_MS;
    if (this.#wanted && (!players.length || (!late && !players.every((each) => isReady(each, this.#at))))) return;
    if (!this.#wanted) {
      this.#phase = "resting";
      return;
    }
    this.#phase = this.#strict ? "running" : "warming";
    this.#gatheredAt = now;
    const rate = this.#strict ? this.rate : SLOWEST;
    for (const each of players) if (isReady(each, this.#at)) this.#run(each, this.#at, rate);
    this.#tell();
  }

  /** Decoders start one after the other, and of two dozen the last one 60 ms late: all get going slowly first. */
  #go(now: number): void {
    const started = this.#players().filter(({ paused }) => !paused);
    if (now - this.#gatheredAt < WARM_MS && !started.every(({ currentTime }) => currentTime > this.#at)) return;
    this.#phase = "running";
    for (const each of started) each.playbackRate = this.rate;
  }

  #run(player: Player, at: number, rate = this.rate): void {
    if (at >= length(player) - 0.01) return;
    player.playbackRate = rate;
    player.play()?.catch(({ name }) => name === "NotAllowedError" && this.pause()); // a page that may not play says so here
  }

  #follow(now: number): void {
    const leader = this.#leader();
    if (!leader) return;
    const at = leader.currentTime;
    if (leader.ended || at >= length(leader) - 1e-3) return this.#end();
    this.#at = at;
    for (const each of this.#players()) {
      if (each === leader) {
        each.playbackRate = this.rate;
        if (each.paused) return this.#gather(at);
      } else if (at < length(each) - FAR_S) {
        if (!this.#keep(each, at, now)) return;
      }
    }
    if (now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    this.#tell();
  }

  /** Whether a follower is or was brought near the leader; if not, all are gathered again. */
  #keep(player: Player, at: number, now: number): boolean {
    const drift = player.currentTime - at;
    if (Math.abs(drift) <= (this.#strict ? FAR_S : LOOSE_S) && !player.paused) {
      const nudge = Math.abs(drift) < NEAR_S ? 0 : Math.min(MOST_NUDGE, Math.max(-MOST_NUDGE, drift * NUDGE));
      const rate = this.rate * (1 - nudge);
      if (Math.abs(player.playbackRate - rate) > (this.#strict ? 0.005 : 0.02)) player.playbackRate = rate;
      return true;
    }
    if (this.#strict) {
      this.#gather(at);
      return false;
    }
    if (player.readyState < HAVE_CURRENT_DATA || player.seeking) return true;
    if (now - (this.#jumped.get(player) ?? -AGAIN_MS) < AGAIN_MS) return true;
    this.#jumped.set(player, now);
    player.currentTime = at;
    if (player.paused) this.#run(player, at);
    return true;
  }

  #end(): void {
    if (this.loop) return this.#gather(0);
    this.#wanted = false;
    this.#gather(this.duration);
  }
}

function length({ duration }: Player): number {
  return Number.isFinite(duration) ? duration : 0;
}

/** One that ran until now is always sent to the place: it came up to 60 ms further than it says, and would go on from there. */
function place(player: Player, at: number, ran: boolean): void {
  const target = Math.min(at, length(player));
  if (ran || Math.abs(player.currentTime - target) > 1e-3) player.currentTime = target;
}

function isReady(player: Player, at: number): boolean {
  if (player.seeking || !length(player)) return false;
  return player.readyState >= (at >= length(player) - 0.1 ? HAVE_CURRENT_DATA : HAVE_FUTURE_DATA);
}
