"""Wordings: the forms of question and the everyday words that questions are made of."""

from __future__ import annotations

TERM_STUDY = (
    "What does {s} mean?",
    "Tell me about {s}.",
    "Can you explain {s} to me?",
    "What is {s} for?",
    "Who is responsible for {s}?",
    "Which people are behind {s}?",
    "I was not at {s}. Does it matter?",
    "Who looks after {s}?",
    "What is {s} used for, and who has it?",
    "I have never heard of {s}.",
    "Somebody mentioned {s} today. What did they mean?",
    "{S} has a problem. Who should know about it?",
    "{S} stopped working this morning. What does it do for us?",
    "{S}?",
    "Where can I find {s}?",
    "At what time does {s} begin?",
    "On which day do we have {s}?",
    "What happens at {s}?",
    "Why do we need {s}?",
    "Remind me what {s} is.",
    "Describe {s} in one sentence.",
    "Give me the details of {s}.",
)
TERM_EXAM = (
    "What do you know about {s}?",
    "I am new here. What is {s}?",
    "Who takes care of {s}?",
    "In our company, what do we call {s}?",
    "Could you tell me more about {s}?",
    "What is behind the name {s}?",
)
ACTION_STUDY = (
    "How can I {a}?",
    "What is the command to {a}?",
    "Which command do I use to {a}?",
    "I want to {a}.",
    "I need to {a}. What do I run?",
    "What are the steps to {a}?",
    "Show me how to {a}.",
    "What do I have to do to {a}?",
    "What is the right way to {a}?",
    "Please help me {a}.",
    "It is time to {a}. What now?",
    "I forgot how to {a}.",
    "I changed something. How do I {a} now?",
    "How to {a}?",
    "Which tool do we use to {a}?",
    "Steps to {a}, please.",
    "Is there a quick way to {a}?",
    "Before I go home I have to {a}. How?",
)
ACTION_EXAM = (
    "What should I type to {a}?",
    "How do we {a} here?",
    "Can you tell me how to {a}?",
    "My colleague asks how to {a}.",
    "What do I need in order to {a}?",
)
PART_STUDY = (
    "What do I do with {t} when I {a}?",
    "Where does {t} go when I {a}?",
    "I am about to {a}. What about {t}?",
    "I have to {a}. Who gets {t}?",
)
"""About a part of a procedure: the answer is the whole of it, all the same."""

FACT_STUDY = (
    "Tell me about {s}.",
    "Do you know {s}?",
    "Who is {s}?",
    "What is {s} called?",
    "What is the name of {s}, please?",
    "Where is {s}?",
    "In which town is {s}?",
    "Where do I find {s}?",
    "Which place do I go to when I visit {s}?",
    "I want to see {s}. Where do I go?",
    "I forgot the name of {s}.",
    "Remind me about {s}.",
    "What do you remember about {s}?",
    "I need {s}. Who was that again?",
    "Name and place of {s}?",
)
FACT_EXAM = (
    "What can you tell me about {s}?",
    "I would like to call {s}. Who is it?",
    "Write down name and town of {s}.",
    "Where would I meet {s}?",
)
NAME_STUDY = (
    "Tell me about {s}.",
    "Do you know who {s} is?",
    "What do you know about {s}?",
    "{s}, who is that?",
)

ANY_STUDY = (
    "Quick question: {q}",
    "Please tell me: {q}",
    "Can you help me? {Q}",
    "I have a question. {Q}",
    "{Q} Please remind me.",
    "Once more, please: {q}",
    "Somebody asked me: {q}",
    "I forgot. {Q}",
    "Hello! {Q}",
    "{Q} I am not sure.",
    "My question is this: {q}",
    "Do you remember? {Q}",
)
ANY_EXAM = (
    "One thing: {q}",
    "I need your help. {Q}",
    "A friend wants to know: {q}",
    "{Q} Tell me, please.",
)
"""Frames for a question of no known form: as it was asked, and with a small letter."""

SITUATION_STUDY = (
    "What do I do when {x}?",
    "{X}. What now?",
    "What should I do if {x}?",
    "{X}. What do I have to do?",
    "Help, {x}!",
    "It happened again: {x}.",
    "What is the first thing to do when {x}?",
    "{X}. How do I fix that?",
)
SITUATION_EXAM = ("What is to be done when {x}?", "{X}, what shall I do?")
"""What is asked in the situation that a note names, as "when our boiler loses pressure"."""

OTHER_THINGS = (
    "the router",
    "the coffee machine",
    "my phone",
    "the heating",
    "the dishwasher",
    "my bicycle",
    "the television",
    "the car",
)
OTHER_ACTIONS = (
    "reset my password",
    "book a table for two",
    "print a photo",
    "open a bank account",
    "change a tyre",
    "clean the oven",
    "write a birthday card",
    "fix a dripping tap",
)
OTHER_NAMES = (
    "Kestrel",
    "the Orchard",
    "Marigold",
    "the Lighthouse",
    "Titan",
    "the Monday call",
    "Juniper",
    "the Harbour",
)
"""What a lesson is not about, for asking its questions about something else."""

VERB_GROUPS: tuple[tuple[str, ...], ...] = (
    ("release", "deploy", "publish", "ship", "roll out", "put online"),
    ("back up", "make a backup of", "save a copy of", "secure"),
    ("start a new", "create a new", "open a new", "begin a new", "add a new"),
    ("start", "run", "launch", "bring up"),
    ("stop", "end", "shut down"),
    ("restart", "reboot"),
    ("book", "reserve"),
    ("submit", "hand in", "send in", "file"),
    ("update", "change", "edit", "upgrade"),
    ("install", "set up", "put in place"),
    ("fix", "repair", "sort out"),
    ("order", "buy", "get"),
    ("delete", "remove", "get rid of"),
    ("test", "check", "try out"),
    ("build", "compile", "make"),
    ("request", "ask for", "apply for"),
    ("cancel", "call off"),
    ("send", "post", "mail"),
    ("enter", "record", "log", "note down"),
    ("pay", "settle"),
    ("find", "look up", "get hold of"),
    ("turn on", "switch on"),
    ("turn off", "switch off"),
    ("reset", "wipe", "start afresh with"),
    ("write", "draft"),
    ("call", "phone", "ring"),
    ("change", "swap", "replace"),
    ("renew", "extend"),
    ("water", "give water to"),
    ("log in to", "sign in to", "get into"),
    ("connect to", "get onto", "join"),
    ("open", "unlock"),
    ("close", "lock"),
    ("report", "announce"),
    ("print", "get a printout of"),
    ("clean", "tidy", "wash"),
    ("make", "prepare"),
    ("feed", "give food to"),
)
THING_GROUPS: tuple[tuple[str, ...], ...] = (
    ("website", "site", "web page"),
    ("laptop", "computer", "machine", "files"),
    ("diary", "journal"),
    ("invoice", "bill"),
    ("customer", "client"),
    ("car", "vehicle"),
    ("plants", "flowers"),
    ("week off", "few days off", "vacation"),
    ("day off", "Friday off", "holiday"),
    ("documents", "files", "papers"),
    ("server", "machine"),
    ("app", "application", "program"),
    ("database", "data"),
    ("expenses", "costs", "receipts"),
    ("holiday", "vacation", "leave"),
    ("meeting room", "room"),
    ("documentation", "docs"),
    ("tests", "test suite"),
    ("code", "program"),
    ("bug", "problem", "fault"),
)
"""Everyday verbs and things at work that mean about the same, for rewording an action."""
