"""The check-up page: findings in order of urgency, looking again, and the copy as text."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.page_steps import page, page_by_key, said, unnamed
from tests.ui.steps import click, clipboard
from ui.checkup_page import CheckupPage
from ui.window import MainWindow


def checked(qtbot: QtBot, window: MainWindow) -> CheckupPage:
    made = page(qtbot, window, "checkup", CheckupPage)
    qtbot.waitUntil(lambda: made.rows != [])
    return made


def test_problems_come_first_and_name_their_remedy(qtbot: QtBot, window: MainWindow) -> None:
    checkup = checked(qtbot, window)
    order = [row.finding.severity for row in checkup.rows]
    assert order == ["problem", "note", "ok", "ok", "ok", "ok"]
    first = said(checkup.rows[0])
    assert "No keyring on this computer" in first
    assert "Your record is opened with a passphrase each time." in first
    assert "Install and unlock a keyring" in first
    assert checkup.verdict.text() == "1 thing needs your attention"
    assert checkup.rows[0].accessibleName().startswith("Problem. No keyring")
    assert unnamed(checkup) == []


def test_it_opens_by_its_key(window: MainWindow) -> None:
    assert isinstance(page_by_key(window, "checkup"), CheckupPage)


def test_all_is_well(qtbot: QtBot, open_app: Opener) -> None:
    checkup = checked(qtbot, open_app("--fine").window)
    assert checkup.verdict.text() == "Everything is in order"


def test_looking_again_replaces_the_findings(qtbot: QtBot, window: MainWindow) -> None:
    checkup = checked(qtbot, window)
    before = checkup.rows
    click(checkup.again)
    assert not checkup.again.isEnabled()
    qtbot.waitUntil(lambda: checkup.rows is not before)
    assert len(checkup.rows) == len(before)
    assert checkup.again.isEnabled()


def test_it_is_copied_as_text(qtbot: QtBot, window: MainWindow) -> None:
    checkup = checked(qtbot, window)
    click(checkup.copy)
    lines = clipboard().splitlines()
    assert lines[0].startswith("[Problem] No keyring on this computer: Your record")
    assert lines[1].startswith("    What to do: Install and unlock")
    assert len([line for line in lines if line.startswith("[")]) == 6
    assert checkup.copy.text() == "Copied"


def test_a_check_up_that_fails_says_so(qtbot: QtBot, open_app: Opener) -> None:
    checkup = page(qtbot, open_app("--fail", "doctor").window, "checkup", CheckupPage)
    qtbot.waitUntil(checkup.trouble.isVisible)
    told = said(checkup.trouble)
    assert "Your record could not be read" in told
    assert "Free some space, then try again." in told
    assert checkup.again.isEnabled()
    assert not checkup.copy.isEnabled()


def test_it_looks_again_by_itself_when_the_service_is_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    checkup = checked(qtbot, window)
    before = checkup.rows
    process = checkup.session.backend._process
    assert process is not None
    process.kill()
    qtbot.waitUntil(lambda: checkup.rows is not before, timeout=15_000)
    assert not checkup.trouble.isVisible()
