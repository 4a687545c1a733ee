"""What our code in a page holds on to: object URLs, timers, observers, listeners. The stack tells whose a call is.

anywidget imports a widget's code from a `blob:` address, and nothing else in these pages runs from one.
"""

from __future__ import annotations

from playwright.sync_api import Page

_WATCH = """(() => {
    const ours = () => new Error().stack.includes('blob:');
    const held = { urls: new Set(), timers: new Set(), observers: new Set(), listeners: [], made: {} };
    window.heldByOurs = held;
    const note = what => { held.made[what] = (held.made[what] ?? 0) + 1 };
    const wrap = (target, name, around) => { target[name] = around(target[name]) };

    wrap(URL, 'createObjectURL', create => object => {
        const url = create.call(URL, object);
        if (ours()) { held.urls.add(url); note('urls') }
        return url;
    });
    wrap(URL, 'revokeObjectURL', revoke => url => { held.urls.delete(url); revoke.call(URL, url) });
    for (const [set, clear, once] of [
        ['setTimeout', 'clearTimeout', true], ['setInterval', 'clearInterval', false],
        ['requestAnimationFrame', 'cancelAnimationFrame', true],
    ]) {
        wrap(window, set, original => (act, ...more) => {
            const mine = ours();
            const id = original.call(window, (...args) => {
                if (once) held.timers.delete(`${set} ${id}`);
                if (typeof act === 'function') act(...args);
            }, ...more);
            if (mine) { held.timers.add(`${set} ${id}`); note('timers') }
            return id;
        });
        wrap(window, clear, original => id => { held.timers.delete(`${set} ${id}`); original.call(window, id) });
    }
    for (const Observer of [ResizeObserver, IntersectionObserver, MutationObserver]) {
        wrap(Observer.prototype, 'observe', observe => function (...args) {
            if (ours()) { held.observers.add(this); note('observers') }
            return observe.apply(this, args);
        });
        wrap(Observer.prototype, 'disconnect', disconnect => function () {
            held.observers.delete(this);
            return disconnect.call(this);
        });
    }
    wrap(EventTarget.prototype, 'addEventListener', add => function (type, listener, options) {
        if (ours()) { held.listeners.push([this ?? window, type, listener]); note('listeners') }
        return add.call(this, type, listener, options);
    });
    wrap(EventTarget.prototype, 'removeEventListener', remove => function (type, listener, options) {
        const gone = [this ?? window, type, listener];
        const at = held.listeners.findIndex(each => each.every((part, i) => part === gone[i]));
        if (at >= 0) held.listeners.splice(at, 1);
        return remove.call(this, type, listener, options);
    });
})()"""

_HELD = """() => {
    const { urls, timers, observers, listeners } = window.heldByOurs;
    // An element that is removed takes its own listeners along.
    const inPage = ([target]) => !(target instanceof Node) || target.isConnected;
    const alive = ([target]) => !(target instanceof AbortSignal) || !target.aborted;
    return {
        urls: urls.size, timers: timers.size, observers: observers.size,
        listeners: listeners.filter(each => inPage(each) && alive(each)).map(([target, type]) => `${target}: ${type}`),
    };
}"""

NOTHING = {"urls": 0, "timers": 0, "observers": 0, "listeners": []}


def watch(page: Page) -> None:
    """Note all that our code takes, from the next load of the page on."""
    page.context.add_init_script(_WATCH)


def made(page: Page) -> dict[str, int]:
    """How many of each our code has ever taken."""
    counts: dict[str, int] = page.evaluate("window.heldByOurs.made")
    return counts


def held(page: Page) -> dict[str, object]:
    """What it has not given back."""
    left: dict[str, object] = page.evaluate(_HELD)
    return left


def wait_until_nothing_is_held(page: Page) -> None:
    """Give JupyterLab a moment to take a view away."""
    page.wait_for_function(f"nothing => JSON.stringify(({_HELD})()) === JSON.stringify(nothing)", arg=NOTHING)
