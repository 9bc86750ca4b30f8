"""The senders of mails: to those who run the shop, many events in one, and to customers, each order's in its own.

Without SALABLE_SMTP_URL there is no sender: deliveries wait, and go when there is one.
"""

import logging
from collections.abc import Sequence

from models.database import DATABASE_ERRORS
from models.failures import is_away
from resolvers.notifications.customers import CustomerOrder, customer_orders_by_number
from resolvers.notifications.deliveries import Delivery, Outcome, Sender
from resolvers.outbox import Event
from server.mail.facts import backordered_facts, digest_facts, freed_facts, samples
from server.mail.message import Mail, Unsendable, mail_of
from server.mail.smtp import TIMEOUT_SECONDS, post
from server.mail.smtp_address import SmtpAddress
from server.mail.templates import MailTemplates, Rendered
from server.settings import Settings

_log = logging.getLogger("salable.mail")


def mail_sender(chosen: Settings, timeout: float = TIMEOUT_SECONDS) -> Sender:
    """Sends all deliveries that it is given, which are of one recipient, as one mail."""
    server, sender, templates = _server(chosen), chosen.mailbox, MailTemplates(chosen.mail_templates)

    async def send(deliveries: Sequence[Delivery]) -> list[Outcome]:
        if not deliveries:
            return []
        words = templates.render("digest", "", digest_facts(deliveries))
        try:
            mail = mail_of(sender, deliveries[0].target, words, deliveries)
        except Unsendable as error:
            return [_hopeless(str(error))] * len(deliveries)
        (outcome,) = await post(server, [mail], timeout)
        return [_with_problem(outcome, words)] * len(deliveries)

    return send


def customer_mail_sender(chosen: Settings, timeout: float = TIMEOUT_SECONDS) -> Sender:
    """Sends a mail for each delivery, in the customer's language."""
    server, sender, templates = _server(chosen), chosen.mailbox, MailTemplates(chosen.mail_templates)

    async def send(deliveries: Sequence[Delivery]) -> list[Outcome]:
        try:
            orders = await customer_orders_by_number(each.subject for each in deliveries)
        except DATABASE_ERRORS as error:
            _log.error("a mail waits for the database: %s", error, exc_info=not is_away(error))
            return [Outcome(delivered=False, error="The database did not say what of.", is_ours=True)] * len(deliveries)
        outcomes: dict[int, Outcome] = {}
        mails: list[tuple[int, Rendered, Mail]] = []
        for place, delivery in enumerate(deliveries):
            words = _words(templates, delivery, orders.get(delivery.subject, CustomerOrder()))
            if words is None:
                outcomes[place] = _hopeless("There is nothing to tell the customer.")
                continue
            try:
                mails.append((place, words, mail_of(sender, delivery.target, words, [delivery])))
            except Unsendable as error:
                outcomes[place] = _hopeless(str(error))
        sent = await post(server, [mail for _, _, mail in mails], timeout)
        for (place, words, _), outcome in zip(mails, sent, strict=True):
            outcomes[place] = _with_problem(outcome, words)
        return [outcomes[place] for place in range(len(deliveries))]

    return send


def template_problems(chosen: Settings) -> list[str]:
    """What is wrong with the templates of SALABLE_MAIL_TEMPLATES, a sentence each; ours are used instead."""
    return list(MailTemplates(chosen.mail_templates).problems(samples()))


def _words(templates: MailTemplates, delivery: Delivery, order: CustomerOrder) -> Rendered | None:
    if delivery.event is Event.BACKORDER_FREED:
        return templates.render("backorder_freed", order.locale, freed_facts(delivery, order))
    facts = backordered_facts(delivery, order)
    if delivery.event is Event.ORDER_BACKORDERED and facts["lines"]:
        return templates.render("order_backordered", order.locale, facts)
    return None


def _server(chosen: Settings) -> SmtpAddress:
    if chosen.smtp is None:
        raise ValueError("without SALABLE_SMTP_URL there is nobody to hand mails to")
    return chosen.smtp


def _hopeless(error: str) -> Outcome:
    return Outcome(delivered=False, error=error, hopeless=True)


def _with_problem(outcome: Outcome, words: Rendered) -> Outcome:
    """The outcome, which tells too of a template that could not be used; the mail went by ours."""
    if not words.problem:
        return outcome
    _log.warning("%s", words.problem)
    return Outcome(outcome.delivered, f"{words.problem} {outcome.error}".strip(), outcome.hopeless)
