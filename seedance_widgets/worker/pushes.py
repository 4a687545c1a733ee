"""Whether webhooks tell of a job's end, so that it need be looked at rarely.

A create may name the address of a Jupyter server of ours. That it does so proves nothing: a tunnel may be down. What
proves it is a webhook that came, which the server notes in the history; and an end that a look found before any
webhook told of it takes the proof away, until the next one comes.
"""

from __future__ import annotations

from .. import life
from .database import Database
from .needs import Needs


class Pushes:
    """What is known of the webhooks that come here."""

    def __init__(self, needs: Needs, database: Database) -> None:
        self._needs = needs
        self._database = database
        self.arrive = False
        """Whether the last webhook that was to come did."""

    def names_us(self, row: life.Row) -> bool:
        """Tell whether the create of a row names our address: a person's own wins."""
        return self._needs.webhook_url is not None and not row.request.webhook_url

    async def read(self) -> bool:
        """Read what the history says; returns whether that is news. Asks nothing where no webhook is to come."""
        before = self.arrive
        if self._needs.webhook_url is not None:
            self.arrive = await self._database.run(lambda store: store.webhooks_arrive(self._needs.service))
        return self.arrive != before

    async def missed(self) -> None:
        """Note that a job has ended and no webhook said so."""
        self.arrive = False
        await self._database.run(lambda store: store.note_webhooks(self._needs.service, False))
