"""Proposals: finds in the chats what could become a lesson, by plain rules, and offers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.answer_shape import Manner, difference
from app.follow_ups import Complaint, complaint, normalised
from app.ledger import Ledger
from app.ledger_proposals import AskedAgain, Offer, fingerprint
from app.protocol import ChatMessage

MOST_A_DAY = 3
"""New offers a day: as many as are read and decided on in a minute with the morning's coffee."""

MOST_WAITING = 9
"""Offers that wait for a decision: whoever has not looked for three days is not given more."""

LOOK_BACK = timedelta(days=7)
"""How old words may be: a correction of last month is seldom wanted any more, and the first night
after an update should not dig up years."""

AGAIN_BACK = timedelta(days=30)
"""The same for answers asked for again, which tell something only together; those that they
replaced are kept no longer."""

TIMES = 3
"""How often the same has to happen, for one answer drawn anew differs by chance (decision 16)."""

SHARE = 2 / 3
"""Of all that were asked for again and kept: chance makes one manner of 24 answers in 4 at most."""

TOLD: dict[Manner, tuple[str, str]] = {
    "as a list": ("the answer with a list", "Answer with a list."),
    "without a list": ("the answer without a list", "Answer in sentences, without a list."),
    "shorter": ("the shorter answer", "Keep it shorter."),
    "longer": ("the longer answer", "Say more about it."),
}
"""What was kept, and what could be learned of it."""

_SEEN = "proposals_seen"


def waiting(ledger: Ledger) -> frozenset[str]:
    """What has not been looked through, by message; nothing while no more may be offered."""
    if ledger.read_only or _room(ledger) <= 0:
        return frozenset()
    new = ledger.follow_ups(_seen(ledger), _since(LOOK_BACK)) + ledger.unhelpful_answers()
    return frozenset(str(message_id) for message_id, _ in new)


def find(ledger: Ledger) -> int:
    """Look through what is new and offer what it shows; gives how many offers were made.

    The person's own words come first, oldest first; what is too much for a day waits.
    """
    ledger.drop_replaced(_since(AGAIN_BACK))
    before = room = _room(ledger)
    for look in (_look_at_words, _look_at_ratings, _look_at_repeats):
        room -= look(ledger, room)
    return before - room


def _room(ledger: Ledger) -> int:
    return min(MOST_A_DAY - ledger.offered_today(), MOST_WAITING - len(ledger.proposals()))


def _since(back: timedelta) -> str:
    return (datetime.now(UTC) - back).isoformat(timespec="milliseconds")


def _seen(ledger: Ledger) -> int:
    return int(ledger.setting(_SEEN) or 0)


def _offer(ledger: Ledger, offer: Offer) -> bool:
    """Whether it is offered: not what the person has taught, or decided on, already."""
    if ledger.looked_at(offer.message_id):
        return False
    taught = {normalised(lesson.note) for lesson in ledger.lessons()} - {""}
    return normalised(offer.note) not in taught and ledger.offer(offer)


# -------------------------------------------------------------------------------------- words


def _look_at_words(ledger: Ledger, room: int) -> int:
    made, seen = 0, _seen(ledger)
    for message_id, conversation_id in ledger.follow_ups(seen, _since(LOOK_BACK)):
        if made >= room:
            break
        seen = message_id
        offer = _said(ledger.messages(conversation_id), message_id)
        made += offer is not None and _offer(ledger, offer)
    ledger.set_setting(_SEEN, str(seen))
    return made


def _said(messages: Sequence[ChatMessage], message_id: int) -> Offer | None:
    """What a message offers that corrects the answer before it."""
    at = _place(messages, message_id)
    found, prompt = _complaint(messages, at), _request(messages, at - 1)
    if found is None or prompt is None:
        return None
    asked = "" if found.standing else normalised(prompt.text)
    kept = _settled(messages, at)
    return Offer(
        sign="said",
        prompt_id=prompt.id,
        message_id=messages[at - 1].id,
        fingerprint=fingerprint(
            "said", normalised(found.note or found.told), asked, normalised(found.example)
        ),
        told_id=message_id,
        kept_id=kept.id if kept else None,
        told=found.told,
        note=found.note,
        example=found.example,
    )


def _complaint(messages: Sequence[ChatMessage], at: int) -> Complaint | None:
    """What the message at a place says against the answer before it."""
    if at < 1 or messages[at].role != "user" or messages[at - 1].role != "assistant":
        return None
    answer = messages[at - 1].text
    return complaint(messages[at].text, answer) if answer.strip() else None


def _request(messages: Sequence[ChatMessage], answer_at: int) -> ChatMessage | None:
    """What was asked for, behind all that was said against earlier answers to it."""
    asked = (at for at in range(answer_at - 1, -1, -1) if messages[at].role == "user")
    return next((messages[at] for at in asked if _complaint(messages, at) is None), None)


def _settled(messages: Sequence[ChatMessage], at: int) -> ChatMessage | None:
    """The answer after which the person went on without complaint; None while none is known."""
    for reply_at in range(at + 1, len(messages) - 1, 2):
        reply = messages[reply_at]
        if reply.role != "assistant" or reply.state != "complete":
            return None
        if _complaint(messages, reply_at + 1) is None:
            return reply
    return None


def _place(messages: Sequence[ChatMessage], message_id: int) -> int:
    return next(at for at, message in enumerate(messages) if message.id == message_id)


# -------------------------------------------------------------------------------------- ratings


def _look_at_ratings(ledger: Ledger, room: int) -> int:
    made = 0
    for message_id, conversation_id in ledger.unhelpful_answers():
        if made >= room:
            break
        messages = ledger.messages(conversation_id)
        prompt = _request(messages, _place(messages, message_id))
        told = any(each.message_id == message_id for each in ledger.proposals())
        if prompt is not None and not told:
            made += _offer(ledger, _unhelpful(prompt, message_id))
        ledger.look_away(message_id)
    return made


def _unhelpful(prompt: ChatMessage, message_id: int, kept_id: int | None = None) -> Offer:
    return Offer(
        sign="unhelpful",
        prompt_id=prompt.id,
        message_id=message_id,
        fingerprint=fingerprint("unhelpful", normalised(prompt.text)),
        kept_id=kept_id,
    )


# -------------------------------------------------------------------------------------- repeats


def _look_at_repeats(ledger: Ledger, room: int) -> int:
    """Answers asked for again: after “Not helpful” one is enough, else the same several times."""
    made = kept = 0
    alike: dict[Manner, list[AskedAgain]] = {}
    for again in ledger.asked_again(_since(AGAIN_BACK)):
        messages = ledger.messages(again.conversation_id)
        at = _place(messages, again.message_id)
        prompt = _request(messages, at)
        if prompt is None or not (again.copied or _settled(messages, at - 1) is messages[at]):
            continue
        if again.disliked:
            if made < room:
                made += _offer(ledger, _unhelpful(prompt, again.message_id, again.message_id))
                ledger.look_away(again.message_id)
            continue
        kept += 1
        if manner := difference(again.replaced, messages[at].text):
            alike.setdefault(manner, []).append(again)
    enough = max(TIMES, SHARE * kept)
    often = [(manner, group) for manner, group in alike.items() if len(group) >= enough]
    return made + sum(_in_one_manner(ledger, *each) for each in often[: room - made])


def _in_one_manner(ledger: Ledger, manner: Manner, group: Sequence[AskedAgain]) -> bool:
    """Offer the newest of them as the example."""
    newest = group[-1]
    messages = ledger.messages(newest.conversation_id)
    prompt = _request(messages, _place(messages, newest.message_id))
    assert prompt is not None
    kept, note = TOLD[manner]
    offered = _offer(
        ledger,
        Offer(
            sign="asked_again",
            prompt_id=prompt.id,
            message_id=newest.message_id,
            fingerprint=fingerprint("asked_again", manner),
            kept_id=newest.message_id,
            told=f"You asked again {len(group)} times, and kept {kept}.",
            note=note,
        ),
    )
    for again in group:
        ledger.look_away(again.message_id)
    return offered
