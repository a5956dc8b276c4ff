"""Summary bench: whether a chat that outgrew its context still knows what was said at its start.

    python -m tests.bench.summary_bench [--model FILE]

Three conversations state something at their beginning and go on about other things until that no
longer fits a prompt of `WINDOW` tokens. The product summarises them as it does by night; then each
is asked about its beginning, with the summary and without. An answer counts when it has the word
that was said.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from app import prompt
from app.adapters import AdapterStore
from app.ledger import Ledger
from app.ledger_summaries import SummaryPart
from app.mind import Mind
from app.models import STARTER
from app.paths import Home, starter_models
from app.protocol import MakeSummaries
from app.summaries import SummaryMaker

WINDOW = 520
REPLY_TOKENS = 60
KEY = bytes(range(32))


class Talk(NamedTuple):
    """What is said first, and questions about it with a word of the right answer."""

    beginning: Sequence[tuple[str, str]]
    asked: Sequence[tuple[str, str]]


TALKS = (
    Talk(
        (
            (
                "Our new project counts bicycles on the harbour bridge. We call it Lantern, and Kim"
                " leads it.",
                "Lantern is a good name. I will remember that Kim leads it.",
            ),
            (
                "We decided to use ultrasonic sensors, not cameras. The budget is 14,000 euros.",
                "Ultrasonic sensors record no images, which makes the approval easier.",
            ),
        ),
        (
            ("What is my project called?", "lantern"),
            ("Who leads the project?", "kim"),
            ("Which kind of sensors did we decide on?", "ultrasonic"),
            ("What is the budget of the project?", "14,000"),
        ),
    ),
    Talk(
        (
            (
                "My daughter Jule turns nine on 12 July. She is allergic to hazelnuts. We will have"
                " the party in the garden.",
                "That sounds lovely. I will keep hazelnuts out of every suggestion.",
            ),
            (
                "We take grandmother Traudel's lemon cake, and the theme is pirates.",
                "Pirates and lemon cake go well together.",
            ),
        ),
        (
            ("What is my daughter allergic to?", "hazelnut"),
            ("On which day is the party?", "12"),
            ("What is the theme of the party?", "pirate"),
            ("Which cake did we choose?", "lemon"),
        ),
    ),
    Talk(
        (
            (
                "I write a report on the water works of Orlen for my boss, Ms Haddad. It is due on"
                " 21 May.",
                "A report on the water works of Orlen, due on 21 May. Let us begin.",
            ),
            (
                "We agreed to keep it under eight pages, and to leave out the chapter on prices.",
                "Understood: under eight pages, and no chapter on prices.",
            ),
        ),
        (
            ("For whom do I write the report?", "haddad"),
            ("When is the report due?", "21 may"),
            ("Which chapter did we agree to leave out?", "price"),
            ("The water works of which town is the report about?", "orlen"),
        ),
    ),
)

FILLING = (
    (
        "How do I get candle wax out of a tablecloth?",
        "Let the wax harden, ideally with some ice, and scrape off what comes away easily. Then lay"
        " paper over the stain and pass a warm iron over it, so that the paper soaks up the rest."
        " Wash the cloth as usual afterwards, and repeat the ironing if a shadow is left.",
    ),
    (
        "What is the difference between weather and climate?",
        "Weather is what happens in the air over hours and days in one place: rain, wind, warmth."
        " Climate is the pattern of weather over decades, usually thirty years. A cold winter says"
        " little about the climate, a row of warm decades says a lot.",
    ),
    (
        "Can you explain how a bicycle gear works?",
        "The chain runs over a front ring and a rear sprocket of different sizes. A small ring in"
        " front and a large sprocket behind make climbing easy, since one turn of the pedals moves"
        " the wheel less. The other way round each turn carries you further, at more effort.",
    ),
    (
        "What should I look for when I buy a used table?",
        "Check that it stands level and that the legs do not wobble. Look underneath for small"
        " holes of woodworm and for repairs. Solid wood can be sanded, veneer only very carefully.",
    ),
    (
        "Why is the sky blue?",
        "Sunlight holds all colours, and the air scatters blue light more than red because its"
        " waves are shorter. The scattered blue reaches us from every direction. In the evening the"
        " way through the air is longer, and mostly red is left.",
    ),
    (
        "How long do boiled eggs keep?",
        "In the fridge and in their shell about two weeks if the shell is whole. Eggs that were"
        " cooled under water keep a little less, because the water can bring germs through the"
        " shell. Peeled ones should be eaten within two days.",
    ),
    (
        "Give me a tip for speaking in front of people.",
        "Learn the first two sentences by heart, so that you begin calmly. Speak more slowly than"
        " feels natural, and look at one person at a time. A short pause helps you and them.",
    ),
)


class Narrow(Mind):
    """A mind whose prompts are short, so that a conversation outgrows them soon."""

    def window(self, reply_tokens: int) -> int:
        """`WINDOW` tokens, whatever the model could."""
        return WINDOW


def main() -> None:
    """Summarise the talks, ask everything both ways, and print a table and the summaries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=starter_models() / STARTER)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.create()
        with closing(Ledger.open(home, KEY)) as ledger:
            mind = Narrow(home, ledger, AdapterStore(home, ledger), lambda what: None)
            mind.path = options.model
            with closing(mind):
                _measure(ledger, mind)


def _measure(ledger: Ledger, mind: Mind) -> None:
    ids = [_told(ledger, talk) for talk in TALKS]
    mind.engine()
    started = time.monotonic()
    made = SummaryMaker(ledger, mind).make_all(
        MakeSummaries(id="bench"), lambda event: None, threading.Event()
    )
    seconds = time.monotonic() - started
    written = sum(len(ledger.summary_parts(id_)) for id_ in ids)
    print(f"{mind.name}: {made} conversations, {written} exchanges in {seconds:.0f} s")
    for id_ in ids:
        print("  " + " ".join(one.text for one in ledger.summary_parts(id_) if one.shown))
    right = [0, 0]
    for id_, talk in zip(ids, TALKS, strict=True):
        for question, word in talk.asked:
            for way, parts in enumerate(([], ledger.summary_parts(id_))):
                said = _answer(ledger, mind, id_, question, parts)
                right[way] += word in said.lower()
                print(f"  {('without', 'with')[way]:8}{question}  {' '.join(said.split())}")
    asked = sum(len(talk.asked) for talk in TALKS)
    print(f"\n| {mind.name} | without | with the summary |\n|---|---|---|")
    print(f"| right of {asked} | {right[0]} | {right[1]} |")


def _told(ledger: Ledger, talk: Talk) -> int:
    id_ = ledger.new_conversation(talk.beginning[0][0])
    for question, answer in (*talk.beginning, *FILLING):
        ledger.add_message(id_, "user", question)
        ledger.add_message(id_, "assistant", answer)
    return id_


def _answer(
    ledger: Ledger, mind: Mind, id_: int, question: str, parts: Sequence[SummaryPart]
) -> str:
    engine = mind.engine()
    window = mind.window(REPLY_TOKENS)
    history = ledger.messages(id_)
    built = prompt.build(history, question, [], engine.count_tokens, window, summary=parts)
    assert built.dropped >= 2 * len(TALKS[0].beginning), "the beginning is in the prompt"
    reply = engine.chat(built.turns, max_tokens=REPLY_TOKENS, temperature=0.0, top_p=1.0, seed=0)
    return reply.text


if __name__ == "__main__":
    main()
