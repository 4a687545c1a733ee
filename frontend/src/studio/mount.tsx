// One view of the Studio: hears the kernel, the person and the clock, keeps the state, and leaves nothing behind.
import { render } from "preact";
import { keepingFocus } from "../shared/focus";
import { clickId, type Live, rootClass, run } from "../shared/host";
import { baseUrl } from "../shared/page";
import { Undo, UNDO_S } from "../shared/undo";
import type { Actions } from "./actions";
import { priceOf } from "./cost";
import { adopt, type Draft, edit, flushed, keep, kept } from "./draft";
import { embed, idIn } from "../shared/embed";
import { type Answer, type Command, type Model, type Post, postTo, type RenderContext } from "./host";
import { refine } from "./jobs";
import { runLater } from "../shared/later";
import { PROMPT, promptIn } from "./prompts";
import type { Recall } from "./recall";
import { arrived, here, take, type Parts } from "./parts";
import { Posters } from "../shared/posters";
import { type Field, fieldsOf, OWN_FIELDS, sameRequest, switchModel } from "./request";
import {
  canSubmit, chosenWords, clickOf, comparable, firstState, forget, hearList, hearView, jobOf, modelOf, needsClock, outcomeOf, pressJob, problemsOf, short, stageOf, takesOf, type StudioState,
} from "./state";
import { StageClips } from "./stage-clips";
import { across, isTyped, noted, type Step } from "./steps";
import { said, speak } from "../shared/words";
import { Studio } from "./studio";
import { isRecent, press, type Wish } from "./submit";
import { type Frame, isContent, withFrame } from "./media-list";
import type { Uploads } from "./uploads";
import { type FilmView, type JobView, type MediaEntry, readJobs, readStudio, type RequestView } from "./view";

const TICK_MS = 250;
const MINUTE_MS = 60_000; // when nothing moves: what was "just now" is so no more
const SYNC_MS = 150;
const CHECK_MS = 200;
const SEARCH_MS = 250;

const now = () => performance.now();

type Timer = ReturnType<typeof setTimeout>;

/** Draws the Studio and keeps it up to date; the answer takes it away again, and may be called twice. */
export function mount({ model, el, signal }: RenderContext): () => void {
  return run(new LiveStudio(model, el.appendChild(document.createElement("div"))), signal);
}

class LiveStudio implements Live {
  readonly #model: Model;
  readonly #root: HTMLElement;
  readonly #post: Post;
  readonly #posters: Posters;
  readonly #clips: StageClips;
  readonly #uploads: Promise<Uploads | null>; // in the second message
  readonly #askedFor = new Set<string>(); // media of which the kernel was asked
  readonly #uid = `sdw-${clickId().slice(0, 8)}`;
  readonly #base = baseUrl();
  readonly #studioId: string;
  /** What follows from each trait: done at the start, and when it has another value. */
  readonly #traits: [string, () => void][];
  readonly #undo = new Undo((id) => this.#remove(id), () => this.#change({ deleting: this.#undo.pending, now: now() }));
  readonly #unconfirmed = new Set<string>(); // those that were so when Delete was pressed
  readonly #deletes = new Map<string, (gone: boolean) => void>(); // by click id
  readonly #shelf: Storage | null = shelf();
  readonly #filmSeen = new Set<string>();
  #steps: Step[] = [];
  #undone: Step[] = [];
  #recall: Recall | null = null;
  #accepted = "";
  #opened = "";
  #opening = false; // Compare was asked for here: when it comes, it gets the focus
  #state: StudioState = firstState(now());
  #timers: Partial<Record<"tick" | "sync" | "check" | "search", Timer | undefined>> = {};
  #ticksFast = false;
  #live = false;

  constructor(model: Model, root: HTMLElement) {
    this.#model = model;
    this.#root = root;
    this.#post = postTo(model);
    this.#posters = new Posters(
      (job_id) => this.#post({ type: "poster", job_id }),
      (posters) => this.#change({ posters }),
    );
    this.#clips = new StageClips(this.#post, this.#base, (part) => this.#change(part));
    this.#uploads = arrived.then((parts) => parts && new parts.Uploads(this.#post, (coming) => this.#change({ coming })));
    this.#studioId = model.get("studio_id") as string;
    this.#traits = [
      ["view", () => this.#onView()],
      ["jobs_page", () => this.#set(hearList(this.#state, readJobs(model.get("jobs_page")), now()))],
      ["film", () => this.#onFilm()],
      ["selected", () => this.#change({ selected: model.get("selected") as string })],
      ["compare", () => this.#onStage()],
      ["takes", () => this.#onStage()],
      ["height", () => this.#change({ height: model.get("height") as string })],
      ...OWN_FIELDS.map((field): [string, () => void] => [field, () => this.#onTrait(field)]),
    ];
    root.className = rootClass("studio");
  }

  start(): void {
    this.#model.on("msg:custom", this.#onMessage);
    for (const [trait, hear] of [...this.#traits]) {
      this.#model.on(`change:${trait}`, hear);
      hear();
    }
    const left = kept(this.#shelf, this.#studioId, this.#fields);
    this.#live = true;
    this.#tick();
    this.#edit(left);
    this.#keep();
    this.#checkSoon();
    if (!here()) this.#post({ type: "later" });
  }

  stop(): void {
    if (!this.#live) return;
    this.#flush();
    this.#live = false;
    this.#model.off("msg:custom", this.#onMessage);
    for (const [trait, hear] of this.#traits) this.#model.off(`change:${trait}`, hear);
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#undo.stop();
    this.#posters.stop();
    void this.#uploads.then((uploads) => uploads?.stop());
    this.#clips.stop();
    render(null, this.#root);
    this.#root.remove();
  }

  #change(part: Partial<StudioState>): void {
    this.#set({ ...this.#state, ...part });
  }

  #set(state: StudioState): void {
    const unsaved = this.#state.draft.unsaved;
    this.#state = state;
    if (!this.#live) return;
    if (state.draft.unsaved !== unsaved) this.#keep();
    keepingFocus(this.#root, () => render(<Studio key={speak(this.#model.get("words"))} state={state} act={this.#act} uid={this.#uid} base={this.#base} />, this.#root));
    this.#settle();
  }

  /** What follows from the state: a clock, posters, the clip on the stage. */
  #settle(): void {
    const { jobs } = this.#state;
    if (needsClock(this.#state) && !this.#ticksFast) this.#tick();
    const stage = stageOf(this.#state);
    const seen = stage ? [stage, ...jobs.items] : jobs.items;
    this.#posters.want([...seen.filter(({ has_poster }) => has_poster).map(({ job_id }) => job_id), ...this.#filmSeen]);
    this.#clips.show(stage, this.#state);
    this.#getToKnow();
    this.#showAccepted();
  }

  /** Asks for the names and thumbnails of media that came from elsewhere: a job that was reused, a page before this one. */
  #getToKnow(): void {
    const { draft, media } = this.#state;
    for (const url of draft.request.media_urls) {
      if (!isContent(url) || media[url] || this.#askedFor.has(url)) continue;
      this.#askedFor.add(url);
      void this.#uploads.then((uploads) => uploads?.known(url)).then((entry) => entry && this.#change({ media: { ...this.#state.media, [url]: entry } }));
    }
  }

  /** An entry that the kernel made of a file or of a clip. */
  #learn(entry: MediaEntry): void {
    this.#askedFor.add(entry.url);
    this.#change({ media: { ...this.#state.media, [entry.url]: entry } });
  }

  async #useFrame({ job_id, prompt }: JobView, at_s: number | null, frame: Frame): Promise<void> {
    const entry = await (await this.#uploads)?.frame(job_id, at_s, `The ${frame} frame, of “${short(prompt)}”`);
    if (!entry) return;
    this.#learn(entry);
    const media_urls = withFrame(this.#state.draft.request.media_urls, frame, entry.url);
    if (media_urls) this.#edit({ media_urls }, { said: `The ${frame} frame is now ${entry.name}` });
    else this.#change({ said: `The media have changed, so there is no ${frame} frame now.` });
  }

  async #addFile(file: File): Promise<void> {
    const entry = await (await this.#uploads)?.send(file, this.#state.view.most_bytes);
    if (!entry) {
      const refused = this.#state.coming.at(-1)?.problem;
      if (refused) this.#change({ said: refused });
      return;
    }
    this.#learn(entry);
    this.#edit({ media_urls: [...this.#state.draft.request.media_urls, entry.url] }, { said: `Added ${entry.name}` });
  }

  /** A job that was just submitted here takes the stage, unless a person is watching what is there. */
  #showAccepted(): void {
    const outcome = outcomeOf(this.#state);
    const accepted = outcome?.sweep_id || outcome?.job_id;
    if (!accepted || accepted === this.#accepted) return;
    this.#accepted = accepted;
    if (this.#state.compare && !this.#state.isTakes) return;
    const video = this.#root.querySelector<HTMLVideoElement>(".sdw-side .sdw-stage video");
    if (video && !video.paused && !video.ended && !video.loop) return;
    if (outcome?.sweep_id) this.#order({ type: "takes", sweep_id: accepted });
    else this.#select(accepted);
  }

  #tick = (): void => {
    const at = now();
    this.#ticksFast = needsClock({ ...this.#state, now: at });
    clearTimeout(this.#timers.tick);
    // All views of a page tick at the same moments, so that many of them cost one layout each time.
    this.#timers.tick = setTimeout(this.#tick, this.#ticksFast ? TICK_MS - (at % TICK_MS) : MINUTE_MS);
    this.#change({ now: at });
  };

  get #fields(): Field[] {
    return fieldsOf(this.#state.view.options);
  }

  /** The options of the form come with the first view: from then on their traits are heard, too. */
  #onView(): void {
    this.#set(hearView(this.#state, readStudio(this.#model.get("view")), now()));
    const heard = new Set(this.#traits.map(([trait]) => trait));
    for (const field of this.#fields.filter((each) => !heard.has(each))) {
      const hear = () => this.#onTrait(field);
      this.#traits.push([field, hear]);
      this.#model.on(`change:${field}`, hear);
      hear();
    }
  }

  #onFilm(): void {
    const { clips = [] } = (this.#model.get("film") ?? {}) as { clips?: FilmView[] };
    const old = new Map(this.#state.film.map((clip) => [clip.job_id, clip]));
    const same = (clip: FilmView) => (JSON.stringify(old.get(clip.job_id)) === JSON.stringify(clip) ? old.get(clip.job_id)! : clip);
    this.#change({ film: clips.map(same) });
  }

  #onStage(): void {
    const [compare, takes] = [idIn(this.#model.get("compare")), idIn(this.#model.get("takes"))];
    this.#change({ compare: compare || takes, isTakes: !compare && !!takes });
  }

  #onTrait(field: Field): void {
    const draft = adopt(this.#state.draft, field, this.#model.get(field));
    if (draft === this.#state.draft) return;
    this.#change({ draft });
    this.#checkSoon();
  }

  #onMessage = (content: Answer | null, buffers: readonly ArrayBufferView[] = []): void => {
    this.#change({ heardAt: now() });
    if (content?.type === "poster") this.#posters.hear(content, buffers);
    if (content?.type === "open" && content.click_id === this.#opened) this.#fill(content.request, content.text);
    if (content?.type === "prompts") this.#change({ prompts: content, said: content.saved ? `Saved as “${content.saved}”` : content.problem || this.#state.said });
    if (content?.type === "export") this.#change({ exported: content, said: content.text });
    if (content?.type === "recent") this.#recalled(this.#recall?.hear(content.prompts, this.#state.draft.request.prompt) ?? null);
    if (content?.type === "later" && buffers[0] && !here()) runLater<Parts>(buffers[0], take);
    if (content?.type === "medium") void this.#uploads.then((uploads) => uploads?.hear(content));
    if (content?.type === "delete") this.#deletes.get(content.click_id)?.(content.gone);
    if (content?.type === "clip") this.#clips.hear(content, buffers);
  };

  /** A change of the form that is not typed: one that can be taken back. */
  #turn(part: Partial<RequestView>, kind = "", more: Partial<StudioState> = {}, goesOn?: Step["goesOn"]): void {
    const before = this.#state.draft.request;
    this.#edit(part, more);
    const after = this.#state.draft.request;
    if (after !== before) this.#steps = noted(this.#steps, { before, after, kind, goesOn, at: now() });
  }

  #edit(part: Partial<RequestView>, more: Partial<StudioState> = {}): void {
    const draft = edit(this.#state.draft, part);
    if (draft === this.#state.draft) return;
    this.#undone = [];
    this.#change({ draft, ...more });
    this.#timers.sync ??= setTimeout(() => this.#flush(), SYNC_MS);
    this.#checkSoon();
  }

  /** Puts a request into the form, with a way back where that replaces one; null: there is none, and the text says why. */
  #fill(request: RequestView | null, text: string, goesOn?: Step["goesOn"]): void {
    const before = this.#state.draft.request;
    const lost = request && before.prompt.trim() && !sameRequest(before, request);
    if (request) this.#turn(request, "", {}, goesOn);
    this.#change({ remark: lost || !request ? { text, before: lost ? before : null } : null, said: text });
    this.#focus("prompt");
    if (request) this.#selectLastWord();
  }

  /** What is changed most often: typing replaces it. */
  #selectLastWord(): void {
    const field = this.#root.querySelector<HTMLTextAreaElement>('[data-field="prompt"] textarea');
    const last = /[\p{L}\p{N}_'’-]+(?=[^\p{L}\p{N}]*$)/u.exec(field?.value ?? "");
    if (last) field?.setSelectionRange(last.index, last.index + last[0].length);
  }

  #keep(): void {
    keep(this.#shelf, this.#studioId, this.#state.draft);
  }

  /** Writes the edits to the traits, where the kernel and the other views of this model find them. */
  #flush(): void {
    clearTimeout(this.#timers.sync);
    this.#timers.sync = undefined;
    const { request, dirty }: Draft = this.#state.draft;
    if (!dirty.size) return;
    this.#change({ draft: flushed(this.#state.draft) });
    for (const field of dirty) this.#model.set(field, request[field]);
    this.#model.save_changes();
  }

  #checkSoon(): void {
    clearTimeout(this.#timers.check);
    this.#timers.check = setTimeout(() => this.#check(), CHECK_MS);
  }

  #check(): void {
    this.#flush();
    const { asked, outdated, draft } = this.#state;
    const click_id = this.#post({ type: "check", request: draft.request });
    const past = [...outdated, ...(asked ? [asked.click_id] : [])].slice(-50);
    this.#change({ asked: { click_id, request: draft.request }, outdated: new Set(past) });
  }

  #submit({ request, force, how, of, takes = 1 }: Wish): void {
    const origin = { ...(how && of ? { how, of } : {}), ...(takes > 1 && { takes }) };
    const [submits, click] = press(this.#state.submits, { request, force, ...origin, newId: clickId() }, now());
    if (!click) return;
    this.#flush();
    this.#change({ submits, now: now(), said: "Sending the request", remark: null, dismissed: this.#state.view.outcome?.click_id ?? "" });
    const one_usd = how === "continue" ? null : priceOf(this.#state.view.models, request); // that of a frame is the kernel's to say
    const shown_usd = one_usd === null ? null : one_usd * takes;
    this.#post({ type: "submit", request, shown_usd, ...(force ? { force: true as const } : {}), ...origin }, click.click_id);
  }

  #select(id: string): void {
    this.#change({ selected: id });
    this.#model.set("selected", id);
    this.#model.save_changes();
  }

  #toStage(): void {
    this.#root.querySelector(".sdw-side")?.scrollIntoView?.({ block: "nearest" });
  }

  /** Sends a command about a job, and remembers it, because its outcome may be a problem. */
  #order(command: Command): string {
    const click_id = this.#post(command);
    this.#change({ orders: [...this.#state.orders, click_id].slice(-20) });
    return click_id;
  }

  /** A step back or forth; whether there was one. */
  #step(forth: boolean): boolean {
    const [from, into] = forth ? [this.#undone, this.#steps] : [this.#steps, this.#undone];
    for (let step; (step = from.pop()); ) {
      const { before, after, goesOn } = step;
      const part = forth ? across(this.#state.draft.request, before, after) : across(this.#state.draft.request, after, before);
      if (!Object.keys(part).length) continue; // another hand has changed it since
      this.#edit(part, { remark: null, said: forth ? "Redone" : "Undone", ...(goesOn && { goesOn: goesOn[+forth] }) });
      into.push(step);
      this.#undone = forth ? from : into;
      return true;
    }
    return false;
  }

  #recalled(prompt: string | null): boolean {
    if (prompt === null) return false;
    this.#turn({ prompt }, "recall", { said: short(prompt), remark: null });
    this.#root.querySelector<HTMLTextAreaElement>('[data-field="prompt"] textarea')?.setSelectionRange(0, 0);
    return true;
  }

  /** Deletes a job for good; over when the kernel has answered. */
  #remove(id: string): Promise<void> {
    const prompt = promptIn(id);
    const click_id = prompt ? this.#post({ type: "forget_prompt", name: prompt }) : this.#order({ type: "delete", job_id: id, force: this.#unconfirmed.has(id) });
    return new Promise((done) =>
      this.#deletes.set(click_id, (gone) => {
        this.#deletes.delete(click_id);
        if (gone) this.#set({ ...forget(this.#state, id), said: "Deleted" });
        done();
      }),
    );
  }

  #once(type: "cancel" | "download", job_id: string): void {
    if (this.#state.known[job_id]?.pressed?.[type]) return;
    this.#set(pressJob(this.#state, job_id, { [type]: true }));
    this.#order({ type, job_id });
  }

  #focus(field: Field): void {
    this.#root.querySelector<HTMLElement>(`[data-field="${field}"] :is(textarea, select, input:checked, input:not([type=radio]))`)?.focus();
  }

  #search(): void {
    this.#post({ type: "search", ...this.#state.query });
  }

  readonly #act: Actions = {
    edit: (part) => {
      const { remark } = this.#state;
      const more = remark ? { remark: { ...remark, before: null } } : {}; // taking it back would now lose this edit
      const [field = ""] = Object.keys(part);
      if (field === "prompt") this.#edit(part, more);
      else this.#turn(part, /^(aspect|resol|media)/.test(field) ? "" : field, more); // what is dragged or typed is one step
    },
    leave: (field) => this.#change({ touched: new Set([...this.#state.touched, field]) }),
    model: (id) => {
      const { draft, view } = this.#state;
      const found = view.models.find((each) => each.id === id) ?? modelOf(this.#state);
      const { request, said } = switchModel(draft.request, { ...found, id });
      const remark = said ? { text: said, before: draft.request } : null;
      this.#turn(request, "", { remark, said: said || this.#state.said });
    },
    undo: () => {
      this.#step(false);
      this.#focus("prompt");
    },
    step: (forth, target) => {
      const step = (forth ? this.#undone : this.#steps).at(-1);
      return !isTyped(target, this.#state.draft.request, forth ? step?.before : step?.after) && this.#step(forth);
    },
    recall: (field, event) => {
      const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
      const there = !field.selectionStart && !field.selectionEnd && /^Arrow(Up|Down)$/.test(key);
      if (!there || ctrlKey || metaKey || altKey || shiftKey || isComposing) return;
      const { submits: { sent, waiting }, jobs, draft } = this.#state;
      const known = [...[...sent, ...waiting].reverse().map(({ request }) => request.prompt), ...jobs.items.map(({ prompt }) => prompt)];
      const { Recall } = here() ?? {};
      this.#recall ??= Recall ? new Recall() : null;
      if (this.#recalled(this.#recall?.press(key, draft.request.prompt, known, () => this.#post({ type: "recent" })) ?? null)) event.preventDefault();
    },
    openPrompts: (promptsOpen) => this.#change({ promptsOpen }),
    usePrompt: (name, request) => {
      this.#post({ type: "reuse", job_id: "" }); // what was reused before is no parent of this
      this.#change({ promptsOpen: false });
      this.#fill(request, `Form filled from “${name}”.`);
    },
    forgetPrompt: (name, back) => {
      if (back) return this.#act.keep(PROMPT + name);
      this.#undo.add(PROMPT + name);
      this.#change({ said: `Will be deleted in ${UNDO_S} seconds: ${short(name)}` });
    },
    send: (command) => this.#post(command),
    submit: () => {
      const touched = new Set<string>([...this.#state.touched, ...this.#fields]);
      this.#change({ touched, now: now() });
      const wrong = this.#fields.find((field) => problemsOf(this.#state, field).length);
      if (wrong) {
        this.#change({ said: problemsOf(this.#state, wrong).map((problem) => problem.text).join(" ") });
        return this.#focus(wrong);
      }
      const { draft: { request }, goesOn } = this.#state;
      if (!canSubmit(this.#state)) return;
      this.#submit({ request, force: false, takes: takesOf(this.#state), ...(goesOn && { how: "continue", of: goesOn.job_id }) });
      this.#change({ goesOn: null });
    },
    takes: (takes) => this.#change({ takes }),
    sendAgain: () => {
      const outcome = outcomeOf(this.#state);
      const click = outcome && clickOf(this.#state, outcome);
      if (!click) return;
      this.#submit({ ...click, force: true });
      this.#focus("prompt");
    },
    putAway: () => {
      this.#change({ dismissed: this.#state.view.outcome?.click_id ?? "" });
      this.#focus("prompt");
    },
    select: (id) => {
      this.#act.show(id);
      this.#toStage();
    },
    show: (id) => {
      this.#act.stage();
      this.#select(id);
    },
    inSight: (id, isSeen) => {
      if (isSeen) this.#filmSeen.add(id);
      else this.#filmSeen.delete(id);
      if (isSeen) this.#settle();
    },
    cancel: (id) => this.#once("cancel", id),
    order: (command) => this.#order(command),
    choose: (id) => {
      const { chosen: before } = this.#state;
      const chosen = before.includes(id) ? before.filter((each) => each !== id) : [...before, id];
      this.#change({ chosen, said: chosenWords(chosen) });
    },
    chooseTo: (...ids) => {
      const { jobs, chosen: before } = this.#state;
      const all = jobs.items.map(({ job_id }) => job_id);
      const [a, b] = [all.indexOf(ids[1] ? ids[0]! : before.at(-1) ?? ""), all.indexOf(ids.at(-1)!)].sort((x, y) => x - y) as [number, number];
      const chosen = [...new Set([...before, ...(a < 0 ? ids : all.slice(a, b + 1))])];
      this.#change({ chosen, said: chosenWords(chosen) });
    },
    choosePage: () => this.#act.chooseTo(...[0, -1].map((end) => this.#state.jobs.items.at(end)!.job_id)),
    batch: (marks) => {
      const { chosen } = this.#state;
      for (const id of chosen) {
        const job = jobOf(this.#state, id);
        if (job) this.#set(pressJob({ ...this.#state, now: now() }, id, marks.tags ? { tags: [...new Set([...job.tags, ...marks.tags])] } : marks));
      }
      this.#order({ type: "batch", job_ids: chosen, ...(marks as { starred?: boolean }) });
    },
    compare: () => {
      this.#opening = true;
      this.#order({ type: "compare", job_ids: comparable(this.#state) });
    },
    stage: () => {
      if (!this.#state.compare) return;
      this.#change({ compare: "" });
      this.#order({ type: "compare", job_ids: [] });
    },
    clear: () => this.#state.chosen.length && this.#change({ chosen: [], said: "0 selected" }),
    embed: (place) =>
      embed(this.#model.widget_manager, this.#state.compare, place, (section) => {
        if (!section) place.textContent = said("This page cannot show it here; a cell with studio.compare can.");
        if (!this.#opening) return;
        this.#opening = false;
        section?.focus({ preventScroll: true });
        this.#toStage();
      }),
    download: (id) => this.#once("download", id),
    remove: ({ job_id, prompt, status }) => {
      if (status === "unconfirmed") this.#unconfirmed.add(job_id);
      else this.#unconfirmed.delete(job_id);
      this.#undo.add(job_id);
      this.#change({ said: `Will be deleted in ${UNDO_S} seconds: ${short(prompt)}` });
    },
    keep: (id) => {
      this.#undo.undo(id);
      this.#change({ said: "Undone" });
    },
    reuse: ({ job_id, request }) => {
      this.#post({ type: "reuse", job_id });
      this.#fill(request, `Form filled from job ${job_id}.`);
    },
    files: (files) => {
      for (const file of files) void this.#addFile(file);
    },
    useFrame: (job, at_s, frame) => void this.#useFrame(job, at_s, frame),
    dropFile: (id) => void this.#uploads.then((uploads) => uploads?.drop(id)),
    open: (file) => {
      void arrived.then((parts) => parts!.headOf(file)).then(
        (head) => (this.#opened = this.#post({ type: "open", name: file.name }, undefined, [head])),
        () => this.#fill(null, `${file.name} cannot be read.`),
      );
    },
    again: ({ job_id, request, final }) => {
      if (!canSubmit(this.#state)) return;
      const force = final && !isRecent(this.#state.submits, request, now()); // of one that runs, the kernel asks
      this.#submit({ request, force, how: "again", of: job_id });
    },
    goOn: (goesOn) => {
      const before = this.#state.goesOn;
      this.#change({ goesOn, said: goesOn ? "The next clip begins with the last frame of this one." : "" });
      if (goesOn) this.#fill({ ...goesOn.request, prompt: "", media_urls: [] }, "", [before, goesOn]);
    },
    save: (job) => this.#clips.save(job, this.#state),
    mark: (id, marks) => {
      const { starred, rating, tags, note } = marks;
      this.#set(pressJob({ ...this.#state, now: now() }, id, marks));
      if (starred !== undefined) this.#order({ type: "star", job_id: id, value: starred });
      if (rating !== undefined) this.#order({ type: "rate", job_id: id, value: rating });
      if (tags) this.#order({ type: "tag", job_id: id, tags });
      if (note !== undefined) this.#order({ type: "note", job_id: id, text: note });
    },
    search: (part) => {
      this.#change({ query: refine(this.#state.query, part), searching: true });
      clearTimeout(this.#timers.search);
      this.#timers.search = setTimeout(() => this.#search(), "text" in part && !("page" in part) ? SEARCH_MS : 0);
    },
    clipFailed: (urlFailed) => this.#change({ urlFailed }),
    pullAgain: () => this.#clips.again(),
    openCaps: (capsOpen) => this.#change({ capsOpen }),
    cap: (caps) => this.#post({ type: "caps", caps }),
    say: (said) => this.#change({ said }),
  };
}

function shelf(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null; // a page that may not store anything
  }
}
