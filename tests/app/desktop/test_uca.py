"""Thunar's list of actions: ours comes and goes, everything else stays to the byte."""

from __future__ import annotations

import re

import pytest

from app.desktop import uca

LISTS = {
    "empty": uca.EMPTY,
    "closed at once": b"<?xml version='1.0'?>\n<actions/>\n",
    "closed at once, with space": b"<actions />",
    "no declaration": b"<actions></actions>",
    "comments": b"<!-- <action> --><actions><!-- </actions> -->\n  </actions><!-- end -->\n",
    "windows line ends": b"<actions>\r\n<action>\r\n<name>A</name>\r\n</action>\r\n</actions>\r\n",
    "latin": "<?xml version='1.0' encoding='iso-8859-1'?><actions><action><name>Öffnen é"
    "</name></action></actions>".encode("latin-1"),
    "mark": b"\xef\xbb\xbf<actions>\n</actions>",
    "entities": b"<actions><action><name>&lt;a&gt; &amp;</name><command>x &gt; y</command>"
    b"</action></actions>",
    "cdata": b"<actions><action><name><![CDATA[</action></actions>]]></name></action></actions>",
    "unknown": b"<actions>\n\t<action new='1'><later><action/></later></action>\n</actions>",
}


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS.keys())
def test_what_was_there_is_kept_and_comes_back(content: bytes) -> None:
    added = uca.with_action(content, "Teach é", "'/opt/a & b <c>/x' -- %F")
    action = uca.our_action(added)
    assert action is not None
    assert (action.name, action.command) == ("Teach é", "'/opt/a & b <c>/x' -- %F")
    left = uca.without_action(added)
    opened = re.sub(rb"<actions ?/>", b"<actions>\n</actions>", content)
    assert left == opened


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS.keys())
def test_ours_is_replaced_in_its_place(content: bytes) -> None:
    once = uca.with_action(content, "Teach", "old %F")
    twice = uca.with_action(once, "Teach", "new %F")
    assert twice == once.replace(b"old %F", b"new %F")
    assert uca.with_action(twice, "Teach", "new %F") == twice


@pytest.mark.parametrize(
    "content",
    [b"", b"<actions>", b"<actions></other>", b"not xml", b"<a/>", "<actions/>".encode("utf-16")],
)
def test_a_file_that_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(uca.UcaError):
        uca.with_action(content, "Teach", "x %F")
