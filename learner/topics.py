"""Topics: words by which a lesson names a category of the prompt bank, as "mail" names emails."""

from __future__ import annotations

import re
from collections import Counter

from learner.keywords import stem, words

_WORDS = {
    "school": "school pupil pupils student students class classes teacher teachers lesson lessons"
    " children kids",
    "advert": "ad ads advert adverts advertise advertisement advertisements flyer flyers for-sale",
    "advice": "advice advise",
    "animals": "animal animals bird birds insect insects wildlife",
    "cannot": "apologise apologize apologising apologizing sorry refuse refusing unable",
    "career": "job interview cv resume career boss salary application applications",
    "checklist": "checklist checklists packing to-do todo",
    "code": "code coding python program programming script function functions developer software",
    "books": "book books novel novels author authors",
    "compare": "compare comparing comparison comparisons versus",
    "commit": "commit commits changelog docstring docstrings",
    "computer": "computer laptop phone internet screen device",
    "crafts": "craft crafts knitting sewing crochet woodwork pottery photography",
    "customers": "customer customers client clients complaint complaints refund refunds",
    "creative": "describe description slogan caption poem joke",
    "date": "date dates calendar yyyy",
    "debate": "debate debates debating argument arguments pros cons",
    "definition": "definition definitions define term terms meaning meanings",
    "descriptions": "description descriptions slogan slogans tagline taglines label labels",
    "dialogue": "dialogue dialogues conversation conversations roleplay role-play",
    "drinks": "drink drinks wine beer cocktail tea coffee alcohol",
    "email": "email emails mail mails e-mail e-mails",
    "event": "invitation invitations agenda agendas speech speeches party",
    "explain": "explain explains explanation explanations explaining why",
    "feelings": "feeling feelings emotion emotions grief",
    "films": "film films movie movies series game games",
    "firstaid": "first-aid burn burns wound wounds sting stings bandage",
    "garden": "garden gardening plant plants flower flowers vegetable",
    "geography": "geography country countries river rivers mountain mountains",
    "grammar": "grammar tense tenses pronunciation",
    "health": "health healthy medicine medicines medical pill pills tablet tablets doctor nurse"
    " pain ache headache symptom symptoms pharmacist therapy ill illness aspirin dose doses dosage"
    " patient patients ward medication",
    "history": "history historical war century",
    "home": "home household cleaning plumbing plumber pipe pipes tap taps sink drain toilet",
    "homework": "homework maths math grammar exercise exercises",
    "howto": "instructions howto how-to steps step",
    "ideas": "idea ideas brainstorm brainstorming gift gifts present presents",
    "javascript": "javascript js node typescript",
    "joke": "joke jokes riddle riddles pun puns",
    "kids": "kid kids child children daughter son grandchildren",
    "legal": "contract contracts contractual clause clauses legal law lawyer tenant",
    "letter": "letter letters",
    "list": "list lists listing name names naming enumerate enumeration",
    "manners": "polite politeness etiquette",
    "meal": "meal meals dinner lunch breakfast food foods eat eating snack snacks dish dishes"
    " dessert desserts cook peanuts almonds butter sugar lactose cheese meat fish vegan vegetarian"
    " allergic allergy allergens nuts dairy gluten pork menu kitchen pasta",
    "measure": "distance distances temperature temperatures kilometre kilometres kilometer"
    " kilometers miles celsius fahrenheit metric imperial length weight weights height units unit"
    " metres feet inches measurement measurements litres gallons kilograms pounds"
    " milligrams micrograms mg",
    "message": "message messages text texts sms whatsapp post posts chat",
    "money": "money budget finance finances bank savings expenses income accounts accounting"
    " invoice invoices tax taxes",
    "music": "music musical chord chords melody song songs piano guitar violin accordion",
    "names": "naming",
    "notices": "notice notices sign signs certificate certificates clause clauses",
    "number": "number numbers digit digits calculate calculation sum sums result results decimal",
    "people": "biography biographies famous",
    "pets": "pet pets dog dogs cat cats",
    "plan": "plan plans planning schedule schedules timetable itinerary",
    "price": "price prices pricing cost costs expensive cheap euro euros dollar dollars franc"
    " francs pounds currency currencies chf usd eur gbp yen rupees crowns kroner pay",
    "profile": "bio bios profile profiles",
    "programming": "java rust kotlin ruby php swift golang c++ c#",
    "quiz": "quiz quizzes test tests exam exams worksheet worksheets",
    "recipe": "recipe recipes ingredient ingredients baking cooking bake"
    " flour dough biscuit biscuits cake cakes oven bowl",
    "recommend": "recommend recommends recommendation recommendations film films movie movies"
    " music series podcast",
    "repair": "repair repairs repairing mend mending fix fixing plumbing plumber pipe pipes tap"
    " taps",
    "reports": "report reports handover handovers standup",
    "reviews": "review reviews testimonial testimonials feedback",
    "rewrite": "rewrite rewriting proofread proofreading correct correcting",
    "science": "science scientific physics chemistry biology astronomy",
    "shell": "shell bash terminal linux cli unix",
    "shopping": "buy buying purchase purchases shopping shop product products",
    "smalltalk": "hello greeting greetings",
    "sport": "sport sports training workout exercise fitness",
    "spreadsheet": "spreadsheet spreadsheets excel formula formulas",
    "sql": "sql query queries database databases",
    "story": "story stories tale tales bedtime poem poems poetry haiku haikus verse verses"
    " lyric lyrics chorus stanza stanzas",
    "summary": "summary summaries summarise summarize summarising summarizing shorten",
    "time": "clock am pm o'clock times hour hours 24h 24-hour 12-hour sunrise sunset schedule",
    "tips": "tip tips",
    "title": "title titles headline headlines",
    "translate": "translate translation translations translating language languages french german"
    " spanish italian",
    "transport": "transport driving traffic commute",
    "travel": "travel travelling trip trips holiday holidays vacation city cities hotel",
    "vocabulary": "vocabulary synonym synonyms rhyme rhymes idiom idioms antonym antonyms",
    "weather": "weather forecast forecasts wind rain snow storm",
    "web": "html css web website webpage",
    "wishes": "wish wishes congratulate congratulation congratulations birthday card toast thank"
    " condolence greeting",
    "yesno": "yes yes/no yes-or-no",
}
_KINDS = (
    "code commit date email event health history javascript joke letter meal measure message names"
    " notices plan price programming recipe shell sql story summary tips title translate web wishes"
).split()
"""Categories that are kinds of request or of answer; what others name, any may be about."""

_STEMS = {
    category: frozenset(map(stem, names.split())) | {stem(category)}
    for category, names in _WORDS.items()
}


_LISTS_OF = re.compile(r"\b(packing|to-?do|check)[- ]lists?\b", re.I)


def named_in(text: str) -> Counter[str]:
    """The categories of the bank that a text names, and by how many different words."""
    text = _LISTS_OF.sub(r"\1", text)
    said = {stem(word.casefold()) for word in text.replace("/", " / ").split()}
    said.update(map(stem, words(text)))
    return Counter({category: len(stems & said) for category, stems in _STEMS.items()})


def names_a_kind(text: str) -> bool:
    """Whether a text names a kind of request, as "emails" or "stories" do."""
    named = named_in(text)
    return any(named[kind] for kind in _KINDS)
