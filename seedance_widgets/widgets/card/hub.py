"""All cards of a session: who is told when, within what the Jupyter server lets through.

The server drops widget messages above a rate, the last and most important ones first. So: an open card is redrawn at
most five times a second, all cards together get ten messages a second (more only when over forty cards beat), and a
card without news is sent again as a heartbeat, by which the page sees that the kernel lives.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from IPython.display import display

from ...errors import ClipNotFetched
from ...jobs.job import Home, Job
from ...notebook import batch_outputs, environment
from .card import Card
from .output import is_sent
from .saved import durable_bundle

if TYPE_CHECKING:
    from .model import CardWidget

MESSAGES_PER_S = 10.0
BEAT_S = 4.0
"""The page takes 15 s of silence for a dead kernel."""

_hubs: WeakKeyDictionary[Home, Hub] = WeakKeyDictionary()


def hub_of(session: Home) -> Hub:
    """The hub of a session; made, and subscribed to its news, on the first display."""
    hub = _hubs.get(session)
    if hub is None:
        hub = _hubs[session] = Hub()
        session.subscribe(hub)
    return hub


class Hub:
    """The cards of one session. Its three `on_` methods are called in the worker's thread."""

    def __init__(self) -> None:
        self._cards: dict[Job, Card] = {}
        self._laid_out: dict[Job, Card] = {}
        """Cards in layouts of the person's own, which no output replaces."""
        self._budget = MESSAGES_PER_S
        self._budget_at = 0.0

    def show(self, job: Job) -> None:
        """Display a job in the current cell: a live card where a person watches, else how it stands."""
        if job.settled and not (is_sent(job) and environment.is_watched()):
            with suppress(ClipNotFetched):  # the output names it all the same
                _ = job.clip
            display(durable_bundle(job, in_console=environment.is_console()), raw=True)
            return
        if environment.is_batch():
            batch_outputs.show(lambda: durable_bundle(job), lambda: job.settled)
            return
        card = self._cards.get(job)
        if card is None:
            card = self._cards[job] = Card(job)
        card.display()
        card.dirty = True  # it may have ended while its card was made

    def widget_of(self, job: Job) -> CardWidget:
        """The card of a job as a widget, the same until it is closed. It shows the clip itself, nothing replaces it."""
        card = self._laid_out.get(job)
        if card is None or card.is_closed:
            card = self._laid_out[job] = Card(job, in_layout=True)
            card.widget.shows_instead = lambda: self.show(job)
        card.dirty = True
        return card.widget

    def on_job(self, job: Job) -> None:
        """There is news of a job. Its end is shown at once: those who wait are told only afterwards."""
        for card in filter(None, (self._cards.get(job), self._laid_out.get(job))):
            card.dirty = True
            if job.ending:
                card.finish(time.monotonic())

    def on_tick(self) -> None:
        """Send what is due: news first, then the cards that have been silent longest."""
        now = time.monotonic()
        self._forget_replaced()
        cards = [*self._cards.values(), *self._laid_out.values()]
        rate = max(MESSAGES_PER_S, sum(not card.finished for card in cards) / BEAT_S)
        self._budget = min(rate, self._budget + (now - self._budget_at) * rate)
        self._budget_at = now
        due = [card for card in cards if card.dirty or _is_due(card, now)]
        problem: Exception | None = None
        for card in sorted(due, key=lambda card: (not card.dirty, card.sent_at)):
            if self._budget < 1:
                break
            self._budget -= 1
            try:
                if card.job.settled:
                    card.finish(now)
                else:
                    card.send(now)
            except Exception as error:  # noqa: BLE001  whatever it is belongs to this card, and the others go on
                problem = error
                card.dirty, card.sent_at = False, now  # it is tried again at the next beat
        for card in cards:
            if card.presence.must_look:
                card.look()
        if problem is not None:
            raise problem

    def _forget_replaced(self) -> None:
        """Close the cards whose durable output has arrived; the others show the end themselves, and stay."""
        for card in list(self._cards.values()):
            if card.is_replaced:
                del self._cards[card.job]
                card.close()


def _is_due(card: Card, now: float) -> bool:
    if card.finished:
        return card.must_speak and card.is_unanswered(now)
    is_new_to_somebody = card.job.received is not None or (card.must_speak and card.is_unanswered(now))
    return is_new_to_somebody or now - card.sent_at >= BEAT_S
