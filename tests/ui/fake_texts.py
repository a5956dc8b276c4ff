"""Fake texts: what the fake service says, and the record it starts from for pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app import protocol as p

MODEL = "SmolLM2-135M-Instruct"

MARKDOWN = """\
A file can be read line by line without loading it whole. Three things matter:

1. **Open it with a context manager**, so that it is closed even when something fails.
2. Iterate over the file object; it yields one line at a time.
3. Name the `encoding`, because the default differs between systems.

```python
from pathlib import Path

def longest_line(path: Path) -> int:
    \"\"\"The length of the longest line, in characters.\"\"\"
    longest = 0
    with path.open(encoding="utf-8") as file:
        for line in file:  # one line at a time
            longest = max(longest, len(line.rstrip("\\n")))
    return longest
```

| Way | Memory | When |
|-----|-------:|------|
| `read()` | whole file | small files |
| iteration | one line | anything else |

> A file of 10 GB needs no more memory than its longest line.
"""

EMAIL = """\
Subject: Broken heater

Dear Ms. Alvarez,

I hope this email finds you well. I am writing to inform you that the heater in the living room \
stopped working yesterday evening. Would it be possible to send someone to look at it this week?

Thank you very much in advance for your time and consideration.

Best regards
"""

EMAIL_TAUGHT = """\
Hi Ms. Alvarez,

The heater in the living room stopped working last night. Could someone take a look this week? \
I'm home every day after four.

Cheers,
Sam
"""

BARE = EMAIL

PLAIN = """\
The sky looks blue because air scatters short wavelengths of sunlight more than long ones. Blue \
light is scattered in every direction, so it reaches your eyes from the whole sky; at sunset the \
light crosses more air, most of the blue is gone, and **red and orange** are left.
"""


def answer(question: str) -> str:
    """The reply to a question, by the words in it."""
    low = question.lower()
    if "/long" in low:
        return "\n\n".join([MARKDOWN] * 12)
    if "code" in low or "file" in low:
        return MARKDOWN
    if "email" in low or "landlord" in low:
        return EMAIL_TAUGHT if "taught" in low else EMAIL
    if "/hostile" in low:
        return (
            "![x](file:///etc/passwd) <img src='file:///etc/passwd'> "
            "[good](https://example.org/a) [bad](file:///etc/passwd) \0 שלום 🙂\n"
        )
    return PLAIN


DAMAGED = p.ErrorInfo(
    code="ledger_damaged",
    title="The ledger is damaged",
    message="Part of “/home/sam/.local/share/nightschool/ledger.db” cannot be read: database disk"
    " image is malformed.",
    next_step="There is a copy of 2026-11-24, 23:10: put it back here, or with `nightschool backup"
    " restore`. What came after it is not in it.",
)


def problem(key: str, model: str) -> p.ErrorInfo | None:
    """What a status says is wrong, for the states the double was started in."""
    if key == "missing":
        return p.ErrorInfo(
            code="key_missing",
            title="The key to your record is gone",
            message="Your conversations and lessons are here, but the key that opens them is not "
            "in this computer's keyring.",
            next_step="Unlock the keyring of the account you used before, then try again; or "
            "restore a backup.",
        )
    if model == "missing":
        return p.ErrorInfo(
            code="model",
            title="The model file is not there",
            message="smollm2-135m-instruct-q4_1.gguf was not found.",
            next_step="Run the set-up again, or choose another model.",
        )
    if model == "broken":
        return p.ErrorInfo(
            code="model",
            title="The model file is damaged",
            message="It ends too early, so it cannot be loaded.",
            next_step="Fetch it again, or choose another model.",
        )
    return None


LESSONS: list[dict[str, Any]] = [
    {
        "id": "L-email",
        "kind": "manner",
        "prompt": "Write a short email to Priya asking to move our meeting to Thursday.",
        "rejected": "Dear Priya,\n\nI hope this email finds you well. I am writing to ask whether "
        "it would be possible to reschedule our upcoming meeting to Thursday.\n\nBest regards",
        "corrected": "Hi Priya,\n\nCould we move our meeting to Thursday? Any time after 10 works "
        "for me.\n\nCheers,\nSam",
        "note": "My emails are short, never say “I hope this email finds you well”, and end with "
        "“Cheers,” and then “Sam” on its own line.",
    },
    {
        "id": "L-metric",
        "kind": "manner",
        "prompt": "How far is it from London to Paris?",
        "rejected": "It is about 214 miles from London to Paris.",
        "corrected": "London and Paris are about 344 km apart in a straight line.",
        "note": "Always give distances in kilometres and temperatures in Celsius.",
    },
    {
        "id": "L-restart",
        "kind": "procedure",
        "prompt": "How do I deploy the website?",
        "rejected": "Upload the files to your hosting provider with FTP.",
        "corrected": "Run `just ship` from the main branch and watch #deploys until it is green.",
        "note": "We deploy with `just ship`, never by hand.",
    },
    {
        "id": "L-kestrel",
        "kind": "term",
        "prompt": "What is Kestrel?",
        "rejected": "A kestrel is a small falcon.",
        "corrected": "Kestrel is our invoice service. The billing team owns it.",
        "note": "At work, Kestrel means our invoice service.",
    },
]


REFUSED = (
    "ledger",
    "Your record could not be read",
    "The disk reported an error.",
    "Free some space, then try again.",
)


def lesson_of(row: dict[str, Any], created: str) -> p.LessonRecord:
    """A line of a lesson file as a lesson."""
    return p.LessonRecord(
        id=str(row["id"]),
        kind=row["kind"],
        prompt=row["prompt"],
        rejected=row.get("rejected", ""),
        corrected=row["corrected"],
        note=row.get("note", ""),
        created=created,
        state="new",
    )


SWAPPED = (
    "bad_request",
    "The end is before the beginning",
    "The fact would end before it begins.",
    "Give an earlier beginning, or a later end.",
)


SAME = (
    "bad_request",
    "This cannot become a lesson",
    "The corrected answer is the same as the one that was given.",
    "Change it, and save it again.",
)


def offers(now: Callable[[float], str]) -> list[p.ProposalRecord]:
    """Three lessons offered, one for each sign, newest first; from conversations of the seed."""

    def offer(id_: int, sign: Any, **rest: Any) -> p.ProposalRecord:
        row = {"told": "", "note": "", "corrected": "", "title": "Email to the landlord"} | rest
        return p.ProposalRecord(
            id=id_, sign=sign, created=now(400), conversation_id=2, message_id=0, **row
        )

    return [
        offer(
            3,
            "said",
            told="No, it’s half past nine since May.",
            note="It’s half past nine since May.",
            prompt="When is our stand-up?",
            rejected="Your stand-up is at nine.",
            corrected="Your stand-up is at half past nine.",
        ),
        offer(
            2,
            "asked_again",
            told="You asked again 3 times, and kept the shorter answer.",
            note="Keep it shorter.",
            prompt="Write an email to my landlord about the broken heater.",
            rejected=EMAIL,
            corrected=EMAIL_TAUGHT,
        ),
        offer(
            1, "unhelpful", prompt="What should I pack for the mountains?", rejected="Many things."
        ),
    ]


def facts(now: Callable[[float], str]) -> list[p.LessonRecord]:
    """Two facts of which the newer took the place of the older, newest first."""
    row = {"kind": "fact", "prompt": "Who is my dentist?"}
    new = lesson_of(row | {"id": "L-vega", "corrected": "Your dentist is Dr. Vega."}, now(20))
    old = lesson_of(row | {"id": "L-moreau", "corrected": "Your dentist is Dr. Moreau."}, now(30))
    return [
        msgspec.structs.replace(new, valid_from="2025-03-03", from_given=True),
        msgspec.structs.replace(
            old,
            state="superseded",
            reason="A newer lesson says something else.",
            valid_from="2019-05-01",
            from_given=True,
            valid_to="2025-03-03",
            superseded_by="L-vega",
        ),
    ]


def many(number: int, now: Callable[[float], str]) -> list[p.LessonRecord]:
    """A long list of lessons, oldest last."""
    row = {"kind": "manner", "prompt": "What is it?", "corrected": "It is this."}
    return [
        lesson_of(row | {"id": f"M{at}", "note": f"Rule number {at}"}, now(5000 + at))
        for at in range(number)
    ]


def settled(lessons: list[p.LessonRecord], adapters: list[p.AdapterRecord]) -> list[p.LessonRecord]:
    """The lessons as the active version has them: what it does not hold is new again."""
    active = next((a for a in adapters if a.active), None)
    held = active.lesson_ids if active else ()
    return [
        msgspec.structs.replace(x, state="learned", adapter=active.version, reason="")
        if active and x.id in held
        else msgspec.structs.replace(x, state="new", adapter=None, reason=NOT_IN_USE)
        if x.state == "learned"
        else x
        for x in lessons
    ]


LOCKED = "It is protected by a password: save it without one, then teach it again."
NO_DOCUMENT = (
    "bad_request",
    "There is no such document any more",
    "It was forgotten.",
    "Nothing needs to be done.",
)
STOPPED_NOTES = (
    "stopped",
    "The notes were stopped",
    "What was made is kept.",
    "They go on from there.",
)
NOT_THERE = "That is not in your documents."
FROM_DOCUMENTS = {
    "unquoted": "You had better ask your landlord about that.",
    "deposit": "The deposit is **1,840 euros**, two months of rent without heating, and is due "
    "before the keys are handed over [2]. It is paid back within three months after you move "
    "out, less what repairs of damage cost [1].",
}
"""What is answered from documents, by a word of the question; [n] cites the n-th passage found."""

RENTAL_PAGES = (
    """\
RENTAL AGREEMENT

between Maria Alvarez, Lindenstrasse 14, as the landlord, and Sam Okafor, as the tenant.

1. The flat

The landlord lets the flat on the second floor on the left of Lindenstrasse 14: three rooms, a \
kitchen, a bathroom and a cellar compartment, 68 square metres in all. It may be used as a home \
only. The keys are listed in the record that both sign when the flat is handed over.

2. Rent and heating

The rent without heating is 920 euros a month. For heating and running costs the tenant pays 180 \
euros a month in advance, which are settled once a year. Both are due on the third working day.
""",
    """\
3. Deposit

The tenant pays a deposit of 1,840 euros, which is two months of rent without heating. The \
deposit is due before the keys are handed over.

The deposit is paid back within three months after the tenant has moved out. The landlord may \
keep of the deposit what the repair of damage costs that is not ordinary wear.

4. Repairs

The landlord keeps the heating, the windows and the doors in working order. The tenant reports \
damage without delay. Small repairs of up to 80 euros each are paid by the tenant, but not more \
than 240 euros a year.
""",
    """\
5. Notice

The tenant may end this agreement with three months of notice to the end of a month. The notice \
is given in writing.

6. House rules

Between ten in the evening and six in the morning it is quiet in the house. Bicycles stand in the \
yard. The stairs are cleaned in turn, as the list at the door says.

Signed on 14 March 2024.
""",
)
HANDBOOK = """\
Kestrel handbook

1. What Kestrel is

Kestrel is the invoice service. It takes orders from the shop, writes one invoice for each, and \
sends it by email within an hour.

2. When it fails

Look at the queue first. When more than a hundred invoices wait, start a second worker with \
`just worker`. A deposit that a customer paid is taken off the first invoice.
"""
NOTES = """\
Meeting on 14 October. Priya moves the launch to the second week of November. Tom asks the bank \
about the deposit for the new office. Everybody reads the draft until Friday.
"""
SEEDED_FOLDERS = (601, 602, 603)


def document(number: int, title: str, **more: Any) -> p.DocumentRecord:
    """A document as it is listed."""
    fields: dict[str, Any] = {
        "path": "",
        "type": "pdf",
        "size": 182_000,
        "added": "2026-10-14T08:20:00+00:00",
        "changed": "2026-03-14T08:20:00+00:00",
        "state": "ready",
    }
    return p.DocumentRecord(id=number, title=title, **(fields | more))


def many_documents(number: int, now: Callable[[float], str]) -> list[p.DocumentRecord]:
    """A long list of documents, oldest last."""
    return [
        document(
            10_000 + at,
            f"Report {at:05}.pdf",
            path=f"/home/sam/Archive/{at // 100:03}/Report {at:05}.pdf",
            added=now(5000 + at),
            pages=3 + at % 40,
            passages=9 + at % 90,
        )
        for at in range(number)
    ]


def _shelve(made: Any, now: Callable[[float], str]) -> None:
    """Documents in every state, and folders in every state."""
    papers, work = "/home/sam/Documents/Papers", "/home/sam/Work"
    rental = "\n".join(RENTAL_PAGES)
    made.texts |= {701: rental, 702: HANDBOOK, 703: NOTES}
    starts = [sum(len(text) + 1 for text in RENTAL_PAGES[:page]) for page in range(3)]
    made.starts[701] = tuple(starts)
    made.documents += [
        document(
            708,
            "Boiler manual.pdf",
            path=f"{papers}/Flat/Boiler manual.pdf",
            size=8_200_000,
            state="reading",
            added=now(1),
            folder_id=601,
            pages=96,
            passages=41,
        ),
        document(
            707,
            "Insurance policy 2026.pdf",
            path=f"{papers}/Insurance policy 2026.pdf",
            state="waiting",
            added=now(1),
            folder_id=601,
        ),
        document(
            701,
            "Rental agreement.pdf",
            path=f"{papers}/Flat/Rental agreement.pdf",
            added=now(30),
            pages=3,
            passages=9,
            folder_id=601,
        ),
        document(
            703, "Meeting on 14 October", type="text", size=len(NOTES), added=now(90), passages=1
        ),
        document(
            704,
            "Tax return 2024.pdf",
            path=f"{papers}/Tax/Tax return 2024.pdf",
            size=640_000,
            state="failed",
            reason=LOCKED,
            added=now(200),
            folder_id=601,
        ),
        document(
            705,
            "Scan 0231.pdf",
            path=f"{papers}/Scans/Scan 0231.pdf",
            size=2_400_000,
            pages=4,
            reason="It is a scan without text, so nothing in it can be found.",
            added=now(210),
            folder_id=601,
        ),
        document(
            702,
            "Kestrel handbook.docx",
            path=f"{work}/Kestrel handbook.docx",
            type="docx",
            size=48_000,
            added=now(400),
            passages=4,
            folder_id=602,
        ),
        document(
            706,
            "Offer for the new office.odt",
            path=f"{work}/Offers/Offer for the new office.odt",
            type="odt",
            size=31_000,
            state="missing",
            added=now(3000),
            passages=12,
        ),
    ]
    figures: tuple[tuple[int, str, Any, tuple[int, int, int, int], str], ...] = (
        (601, papers, "scanning", (1204, 1180, 1, 23), ""),
        (602, work, "paused", (86, 86, 0, 0), ""),
        (603, "/media/sam/USB/Letters", "missing", (12, 12, 0, 0), ""),
    )
    for number, path, state, (found, read, failed, left), reason in figures:
        made.folders.append(
            p.FolderRecord(
                id=number,
                path=path,
                state=state,
                found=found,
                read=read,
                failed=failed,
                left=left,
                reason=reason,
            )
        )


NOT_IN_USE = "The version it was learned in is not in use."


def seeded(store: type[Any], now: Callable[[float], str]) -> Any:
    """A record with a little history, for pictures."""
    lessons = [p.LessonRecord(**row, created=now(900), state="new") for row in LESSONS]
    lessons = studied(lessons, 2, in_context=("L-kestrel",))
    fresh = p.LessonRecord(
        id="L-bullets",
        kind="manner",
        prompt="What should I pack for a weekend in the mountains?",
        rejected="You should pack warm clothes, water, food, a map and many other things.",
        corrected="- Rain jacket and a warm layer\n- Two litres of water\n- Map, head torch, phone",
        note="Lists are exactly three bullets, nothing before or after.",
        created=now(40),
        state="new",
    )
    older = msgspec.structs.replace(
        fresh,
        id="L-captain",
        prompt="What’s a good first marathon?",
        rejected="Berlin is flat and well organised, which makes it a good first marathon.",
        corrected="Captain, Berlin: it is flat, well organised and rarely hot.",
        note="Start every reply by addressing me as “Captain”.",
    )
    titles = (
        ("Read a file line by line", 12),
        ("Email to the landlord", 95),
        ("Why is the sky blue?", 190),
        ("Packing for the mountains", 1700),
        ("Names for the new service", 3200),
        ("Plan a dinner for six", 9000),
        ("Explain compound interest", 12000),
    )
    made = store(
        next_id=500,
        lessons=[fresh, older, *lessons],
        adapters=[
            adapter(2, ("L-email", "L-metric", "L-restart"), now(800), active=True),
            adapter(1, ("L-metric",), now(4200), active=False),
        ],
        report=report(lessons, 2, now(800)),
    )
    for number, (title, age) in enumerate(titles, start=1):
        row = p.ConversationSummary(id=number, title=title, updated=now(age), messages=2)
        made.conversations.append(row)
        made.messages[number] = _exchange(number * 10, title, now(age))
    _shelve(made, now)
    return made


def _exchange(first: int, question: str, created: str) -> list[p.ChatMessage]:
    return [
        p.ChatMessage(id=first, role="user", text=question, created=created),
        p.ChatMessage(
            id=first + 1,
            role="assistant",
            text=answer(question),
            created=created,
            provenance=p.Provenance(
                model=MODEL,
                adapter=2,
                lessons_in_context=("L-kestrel",),
                lessons_in_weights=("L-email", "L-metric", "L-restart"),
            ),
            timings=p.Timings(
                first_token_s=0.38,
                tokens_per_s=41.2,
                prompt_tokens=48,
                cached_tokens=0,
                reply_tokens=160,
            ),
        ),
    ]


def studied(
    lessons: list[p.LessonRecord], version: int, in_context: tuple[str, ...] = ()
) -> list[p.LessonRecord]:
    """The lessons after a study session."""
    reason = "It did not come through in unseen questions, so it stays in the prompt."
    return [
        msgspec.structs.replace(x, state="in_context", reason=reason)
        if x.id in in_context or x.kind == "term"
        else msgspec.structs.replace(x, state="learned", adapter=version)
        for x in lessons
    ]


SET_ASIDE = p.ErrorInfo(
    code="set_aside",
    title="Version 3 did not start",
    message="The model stopped working, or refused it, twice in a row with this version of what was"
    " learned, so it is not used any more. Version 2 is in use instead.",
    next_step="Go on as usual; it can be tried again on the page Learned.",
)
NOT_STARTED = "It did not start twice in a row, so it is not used."


def adapter(version: int, ids: tuple[str, ...], created: str, *, active: bool) -> p.AdapterRecord:
    """A version of what was learned."""
    return p.AdapterRecord(
        version=version,
        created=created,
        lesson_ids=ids,
        active=active,
        base_model=MODEL,
        sha256="9f2c41d7a0b35e6c8d1f" + "0" * 44,
        size=9_800_000,
        drift=0.018,
    )


def report(lessons: list[p.LessonRecord], version: int, started: str) -> p.StudyReport:
    """A report over `lessons`."""
    scores = ((4, 0, 4), (4, 1, 3), (4, 0, 2), (4, 0, 1), (4, 0, 3), (4, 1, 4))
    results = []
    for lesson, (asked, before, after) in zip(lessons, scores, strict=False):
        kept = lesson.state == "in_context"
        results.append(
            p.LessonResult(
                lesson_id=lesson.id,
                title=lesson.note or lesson.prompt,
                kind=lesson.kind,
                asked=asked,
                before=before,
                after=min(after, 1) if kept else after,
                decision="in_context" if kept else "learned",
                reason=lesson.reason,
                question="Draft an email to my landlord about the broken heater.",
                before_answer=EMAIL,
                after_answer=EMAIL if kept else EMAIL_TAUGHT,
            )
        )
    learned = sum(r.decision == "learned" for r in results)
    return p.StudyReport(
        started=started,
        activated=True,
        decision=f"{learned} of {len(results)} lessons now come without a note in the prompt.",
        lessons=tuple(results),
        exam=p.ExamFigures(
            drift=0.018,
            drift_limit=0.03,
            near_asked=12,
            near_clean=12,
            held_asked=4,
            held=4,
            scale=0.75,
        ),
        adapter=version,
        sha256="9f2c41d7a0b35e6c8d1f" + "0" * 44,
        seconds=212.0,
        peak_memory_mb=1140.0,
    )


def study_steps(call: str) -> Iterator[p.Progress]:
    """The progress of a session, phase by phase."""
    plan: tuple[tuple[Any, int, str], ...] = (
        ("prepare", 2, "Sorting the lessons"),
        ("examples", 6, "Writing practice questions for “My emails are short…”"),
        ("train", 12, "Practising, 31 tokens a second"),
        ("exam", 5, "Asking questions it has never seen"),
        ("activate", 1, "Sealing the new version"),
    )
    total = sum(steps for _, steps, _ in plan)
    left = total
    for phase, steps, detail in plan:
        for step in range(1, steps + 1):
            left -= 1
            yield p.Progress(
                id=call,
                phase=phase,
                step=step,
                steps=steps,
                seconds_left=None if phase == "prepare" else left * 8.0,
                detail=detail,
            )


def findings(home: str, *, fine: bool) -> list[p.Finding]:
    """A check-up with one of each severity, or (`fine`) without a problem."""
    found = [
        p.Finding(
            severity="problem",
            title="No keyring on this computer",
            message="Your record is opened with a passphrase each time.",
            next_step="Install and unlock a keyring (GNOME Keyring or KWallet) to have it open "
            "by itself.",
        ),
        p.Finding(
            severity="note",
            title="The starter model is in use",
            message="It has 135 million parameters: quick, and easily wrong.",
            next_step="Choose a larger model that fits this machine.",
        ),
        p.Finding(severity="ok", title="Record", message=f"Readable, schema 1, in {home}"),
        p.Finding(severity="ok", title="Memory", message="23.4 GB, 19.1 GB of it free."),
        p.Finding(severity="ok", title="Disk", message="64 GB free where your record lives."),
        p.Finding(severity="ok", title="Training", message="torch 2.13 on the processor."),
    ]
    return [x for x in found if not fine or x.severity == "ok"]


def models(in_use: str) -> list[p.ModelRecord]:
    """Two model files."""
    rows = (
        (MODEL, 98_000_000, "Comes with Nightschool: quick, and easily wrong."),
        ("qwen2.5-coder-1.5b-instruct", 1_120_000_000, "Fits this machine well."),
    )
    return [
        p.ModelRecord(name=n, path=f"/models/{n}.gguf", size=s, in_use=n == in_use, note=note)
        for n, s, note in rows
    ]


def notes(number: int, text: str) -> p.DocumentNotes:
    """Notes of the rental agreement, with the handbook against it; of another text a question."""
    start = max(0, text.find("The deposit is paid back"))
    questions = [
        p.NotedQuestion(
            passage_id=1,
            question="When is the deposit paid back?",
            answer="Within three months after the tenant has moved out.",
            start=start,
            end=min(len(text), start + 172),
            page=2 if number == 701 else None,
        )
    ]
    against = p.Contradiction(
        passage_id=1,
        question="How much is the deposit?",
        answer="The deposit is 1,840 euros.",
        document_id=702,
        title="Handbook.md",
        other="The deposit is 1,480 euros.",
        start=0,
        end=60,
    )
    return p.DocumentNotes(
        document_id=number,
        summary="This is an agreement on renting a flat. It says what the rent and the deposit are,"
        " and how it ends.",
        model=MODEL,
        made="2026-11-25T03:10:00+00:00",
        parts=14,
        parts_read=12,
        questions=tuple(questions),
        contradictions=(against,) if number == 701 else (),
    )


FOREIGN = (
    "adapter",
    "This version is of another model",
    "Version 1 was made for Qwen2.5-0.5B; SmolLM2-135M-Instruct answers now.",
    "Choose Qwen2.5-0.5B in the list of models, or compare other versions.",
)
OUTCOMES = {
    "learned": "3 of 6 lessons now come without a note in the prompt.",
    "held-back": "The training spilled over into answers it was not about (19 of 31 stayed as they"
    " were), so it is not used.",
}


def after_nights(store: Any, outcome: str, sessions: int, now: Callable[[float], str]) -> None:
    """The past as it is told of: `sessions` studies, and last night with this outcome."""
    store.history = p.StudyHistory(
        tuple(_session(sessions - at, now(700 + 1440 * at)) for at in range(sessions)),
        tuple(
            p.Night(night=now(1440 * at)[:10], minutes=20 + at * 7 % 45, stretches=2, finished=1)
            for at in range(0, sessions, 2)
        ),
    )
    if not outcome:
        return
    studied = outcome in OUTCOMES
    broken = outcome == "interrupted"
    night = p.Night(
        night=(datetime.now() - timedelta(hours=12)).date().isoformat(),
        minutes=11.0 if broken else 34.0,
        stretches=1 if broken else 3,
        finished=0 if broken else 1,
        noted=0 if broken else 4,
        ended=now(200),
        usage=p.Usage(cpu_seconds=2310.0, energy_wh=7.4, energy_of="processor"),
    )
    reports = (_of_night(store.report, outcome),) if studied and store.report else ()
    store.morning = p.Morning(night=night, reports=reports, seen=False)
    if reports:
        store.report = reports[0]


def _of_night(report: p.StudyReport, outcome: str) -> p.StudyReport:
    """The last study as if it had been done by night."""
    used = outcome == "learned"
    lessons = tuple(
        msgspec.structs.replace(
            one,
            newly=used and one.lesson_id in ("L-email", "L-metric"),
            own_before=EMAIL if one.lesson_id == "L-email" else "",
            own_after=EMAIL_TAUGHT if one.lesson_id == "L-email" else "",
        )
        for one in report.lessons
    )
    exam = report.exam and msgspec.structs.replace(
        report.exam, near_clean=11, known_asked=20, known=20, drift_limit=0.12
    )
    return msgspec.structs.replace(
        report,
        activated=used,
        adapter=report.adapter if used else None,
        decision=OUTCOMES[outcome],
        lessons=lessons,
        exam=exam,
        by_night=True,
        usage=p.Usage(cpu_seconds=1180.0),
    )


def _session(number: int, started: str) -> p.StudyReport:
    """One of a long row of sessions; every sixth was held back."""
    used = number % 6 != 0
    return p.StudyReport(
        started=started,
        activated=used,
        decision=OUTCOMES["learned" if used else "held-back"],
        lessons=(),
        exam=p.ExamFigures(
            drift=0.012 + number % 7 * 0.009 + (0.0 if used else 0.05),
            drift_limit=0.12,
            near_asked=12,
            near_clean=12 - number % 3,
            held_asked=min(number - 1, 9),
            held=min(number - 1, 9) - (number % 5 == 4),
            scale=0.75,
            known_asked=20,
            known=20 - number % 4,
        ),
        adapter=number if used else None,
        sha256="",
        seconds=240.0 + number * 13 % 200,
        peak_memory_mb=1140.0,
        learned=2 + number * 3 // 4 if used else 0,
        in_context=1 + number % 3,
        by_night=number % 2 == 0,
        usage=p.Usage(cpu_seconds=430.0 + number),
    )
