"""Lessons are shown where they matter, and only there."""

from app.matching import closest, content_words, matching, subject
from app.protocol import KindName, LessonRecord


def lesson(kind: KindName, prompt: str, note: str = "") -> LessonRecord:
    return LessonRecord(
        id=prompt,
        kind=kind,
        prompt=prompt,
        rejected="",
        corrected="x",
        note=note,
        created="",
        state="new",
    )


def test_a_manner_lesson_is_always_shown() -> None:
    manner = lesson("manner", "Write an email.")
    assert matching([manner], "What is 2 + 2?") == [manner]


def test_other_kinds_need_a_shared_word_in_any_form() -> None:
    deploy = lesson("procedure", "How do I deploy the website?")
    assert matching([deploy], "deploying websites: what do I run?") == [deploy]
    assert matching([deploy], "How do I boil an egg?") == []


def test_the_turn_before_counts() -> None:
    term = lesson("term", "What is Bluebird?")
    assert matching([term], "And who owns it?", recent="What does Bluebird do?") == [term]


def test_a_question_about_the_time_is_about_what_was_asked_before_it() -> None:
    asked = ["And who was it before?", "Since when?", "Who is my dentist?", "What is Bluebird?"]
    assert subject(asked) == "Who is my dentist?"
    assert subject(asked[:2]) == ""


def test_the_closest_lesson_is_the_one_that_is_asked_about() -> None:
    who, opens = lesson("fact", "Who is my dentist?"), lesson("fact", "When does my dentist open?")
    assert closest([who, opens], "Who is my dentist?") == [who]
    assert closest([who, opens], "And since when?", "When does the dentist open?") == [opens]
    assert closest([who, who], "Since when?", "Which dentist?") == [who, who]
    assert closest([], "Since when?") == []


def test_words_of_any_script() -> None:
    assert content_words("Где живёт моя сестра?") & content_words("сестра")
