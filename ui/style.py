"""Style: the one stylesheet, written from the tokens; widgets choose a rule by their `role`."""

from __future__ import annotations

from ui.icons import FOLDER
from ui.tokens import RADIUS, RADIUS_LARGE, Look


def stylesheet(look: Look) -> str:
    """The application's stylesheet for one look."""
    return "\n".join(
        part(look) for part in (_base, _labels, _buttons, _fields, _cards, _lists, _small_parts)
    )


def _base(look: Look) -> str:
    p, t = look.palette, look.type
    return f"""
QWidget {{ color: {p.text}; font-size: {t.body}px; }}
QMainWindow, QWidget[role="page"], QStackedWidget {{ background: {p.surface}; }}
QWidget[role="sidebar"] {{ background: {p.window}; border-right: 1px solid {p.line}; }}
QScrollArea, QScrollArea > QWidget > QWidget[role="clear"] {{ background: transparent; border: 0; }}
QWidget[role="clear"] {{ background: transparent; }}
QToolTip {{ background: {p.text}; color: {p.surface}; border: 0; border-radius: 6px;
  padding: 5px 8px; font-size: {t.caption}px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle {{ background: {p.line_strong}; border-radius: 4px; }}
QScrollBar::handle:vertical {{ min-height: 36px; }}
QScrollBar::handle:horizontal {{ min-width: 36px; }}
QScrollBar::handle:hover {{ background: {p.text_faint}; }}
QScrollBar[role="idle"]::handle {{ background: transparent; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: transparent; border: 0; width: 0; height: 0; }}
QMenu {{ background: {p.raised}; border: 1px solid {p.line_strong}; border-radius: {RADIUS}px;
  padding: 5px; }}
QMenu::item {{ padding: 7px 26px 7px 12px; border-radius: 5px; font-size: {t.small}px; }}
QMenu::item:selected {{ background: {p.hover}; color: {p.text}; }}
QMenu::item:disabled {{ color: {p.text_faint}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {p.line}; margin: 5px 6px; }}
"""


def _labels(look: Look) -> str:
    p, t = look.palette, look.type
    return f"""
QLabel {{ background: transparent; }}
QLabel[role="display"] {{ font-size: {t.display}px; font-weight: 650; }}
QLabel[role="heading"] {{ font-size: {t.heading}px; font-weight: 650; }}
QLabel[role="title"] {{ font-size: {t.title}px; font-weight: 600; }}
QLabel[role="strong"] {{ font-size: {t.body}px; font-weight: 600; }}
QLabel[role="soft"] {{ color: {p.text_soft}; }}
QLabel[role="small"] {{ color: {p.text_soft}; font-size: {t.small}px; }}
QLabel[role="small-strong"] {{ color: {p.text}; font-size: {t.small}px; font-weight: 600; }}
QLabel[role="example"] {{ font-size: {t.small}px; font-weight: 500; }}
QLabel[role="caption"] {{ color: {p.text_faint}; font-size: {t.caption}px; }}
QLabel[role="caption-strong"] {{ color: {p.text_soft}; font-size: {t.caption}px;
  font-weight: 600; }}
QLabel[role="overline"] {{ color: {p.text_faint}; font-size: {t.caption}px; font-weight: 600; }}
QLabel[role="learn"] {{ color: {p.learn_text}; font-size: {t.small}px; font-weight: 600; }}
QLabel[role="good"] {{ color: {p.good}; font-size: {t.small}px; font-weight: 600; }}
QLabel[role="bad"] {{ color: {p.bad}; font-size: {t.small}px; }}
QLabel[role="figure"] {{ font-size: {t.title}px; font-weight: 600; }}
QLabel[role="wordmark"] {{ font-size: {t.title}px; font-weight: 650; }}
QLabel[role="key"] {{ background: {p.sunken}; border: 1px solid {p.line_strong};
  border-bottom-width: 2px; border-radius: 5px; padding: 2px 8px; font-size: {t.caption}px;
  font-weight: 600; color: {p.text_soft}; }}
"""


def _buttons(look: Look) -> str:
    p, t = look.palette, look.type
    return f"""
QPushButton {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line_strong};
  border-radius: {RADIUS}px; padding: 7px 14px; font-size: {t.small}px; font-weight: 550; }}
QPushButton:hover {{ background: {p.hover}; }}
QPushButton:pressed {{ background: {p.pressed}; }}
QPushButton:focus {{ border: 2px solid {p.accent}; padding: 6px 13px; }}
QPushButton:disabled {{ color: {p.text_faint}; background: {p.sunken}; border-color: {p.line}; }}
QPushButton[role="primary"] {{ background: {p.accent}; color: {p.on_accent};
  border: 1px solid {p.accent}; font-weight: 600; padding: 8px 18px; }}
QPushButton[role="primary"]:hover {{ background: {p.accent_hover}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {p.text}; padding: 7px 17px; }}
QPushButton[role="primary"]:disabled {{ background: {p.pressed}; color: {p.text_faint};
  border-color: {p.pressed}; }}
QPushButton[role="learn"] {{ background: {p.learn}; color: {p.on_learn};
  border: 1px solid {p.learn}; font-weight: 600; padding: 8px 18px; }}
QPushButton[role="learn"]:hover {{ border-color: {p.on_learn}; }}
QPushButton[role="learn"]:focus {{ border: 2px solid {p.text}; padding: 7px 17px; }}
QPushButton[role="learn"]:disabled {{ background: {p.pressed}; color: {p.text_faint};
  border-color: {p.pressed}; }}
QPushButton[role="danger"] {{ background: {p.bad}; color: {p.surface};
  border: 1px solid {p.bad}; font-weight: 600; }}
QPushButton[role="danger"]:focus {{ border: 2px solid {p.text}; }}
QPushButton[role="danger"]:disabled {{ background: {p.pressed}; color: {p.text_faint};
  border-color: {p.pressed}; }}
QPushButton[role="danger-quiet"] {{ background: transparent; color: {p.bad};
  border: 1px solid {p.bad_line}; }}
QPushButton[role="danger-quiet"]:hover {{ background: {p.bad_tint}; }}
QPushButton[role="danger-quiet"]:focus {{ border: 2px solid {p.bad}; padding: 6px 13px; }}
QPushButton[role="link"] {{ background: transparent; border: 2px solid transparent;
  color: {p.accent}; padding: 2px 4px; border-radius: 5px; }}
QPushButton[role="link"]:hover {{ background: {p.accent_tint}; }}
QPushButton[role="link"]:focus {{ border-color: {p.accent}; }}
QPushButton[role="link-small"] {{ background: transparent; border: 2px solid transparent;
  color: {p.accent}; padding: 0 3px; border-radius: 5px; font-size: {t.caption}px; }}
QPushButton[role="link-small"]:hover {{ background: {p.accent_tint}; }}
QPushButton[role="link-small"]:focus {{ border-color: {p.accent}; }}
QPushButton[role="source"] {{ background: {p.accent_tint}; border: 2px solid {p.accent_tint};
  color: {p.accent}; padding: 2px 9px; border-radius: 11px; font-size: {t.caption}px;
  font-weight: 600; }}
QPushButton[role="source"]:hover, QPushButton[role="source"]:focus {{ border-color: {p.accent}; }}
QPushButton[role="source"]:disabled {{ background: {p.sunken}; border-color: {p.line};
  color: {p.text_faint}; }}
QPushButton[role="quiet"], QToolButton[role="quiet"] {{ background: transparent;
  border: 2px solid transparent; color: {p.text_soft}; padding: 3px 7px; border-radius: 6px;
  font-size: {t.caption}px; font-weight: 500; }}
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover {{ background: {p.hover};
  color: {p.text}; }}
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus {{ border-color: {p.accent}; }}
QPushButton[role="quiet"]:checked {{ background: {p.accent_tint}; color: {p.accent}; }}
QPushButton[role="quiet"]:disabled, QToolButton[role="quiet"]:disabled {{
  background: transparent; color: {p.text_faint}; }}
QPushButton[role="quiet-learn"] {{ background: transparent; border: 2px solid transparent;
  color: {p.learn_text}; padding: 3px 8px; border-radius: 6px; font-size: {t.caption}px;
  font-weight: 600; }}
QPushButton[role="quiet-learn"]:hover {{ background: {p.learn_tint}; }}
QPushButton[role="quiet-learn"]:focus {{ border-color: {p.learn_text}; }}
QPushButton[role="nav"] {{ background: transparent; border: 2px solid transparent;
  color: {p.text_soft}; text-align: left; padding: 7px 10px; border-radius: {RADIUS}px;
  font-size: {t.small}px; font-weight: 550; }}
QPushButton[role="nav"]:hover {{ background: {p.hover}; color: {p.text}; }}
QPushButton[role="nav"]:checked {{ background: {p.pressed}; color: {p.text}; }}
QPushButton[role="nav"]:focus {{ border-color: {p.accent}; }}
QPushButton[role="example"] {{ background: {p.raised}; border: 1px solid {p.line};
  border-radius: {RADIUS_LARGE}px; padding: 14px 16px; text-align: left; color: {p.text};
  font-size: {t.small}px; font-weight: 500; }}
QPushButton[role="example"]:hover {{ border-color: {p.accent}; background: {p.raised}; }}
QPushButton[role="example"]:focus {{ border: 2px solid {p.accent}; padding: 13px 15px; }}
QPushButton[role="send"] {{ background: {p.accent}; border: 2px solid {p.accent}; padding: 0;
  border-radius: 17px; }}
QPushButton[role="send"]:hover {{ background: {p.accent_hover}; border-color: {p.accent_hover}; }}
QPushButton[role="send"]:focus {{ border: 2px solid {p.text}; }}
QPushButton[role="send"]:disabled {{ background: {p.pressed}; border-color: {p.pressed}; }}
QPushButton[role="segment"] {{ background: transparent; border: 2px solid transparent;
  color: {p.text_soft}; padding: 4px 10px; border-radius: 6px; font-size: {t.caption}px;
  font-weight: 550; }}
QPushButton[role="segment"]:hover {{ color: {p.text}; }}
QPushButton[role="segment"]:checked {{ background: {p.raised}; color: {p.text};
  border: 1px solid {p.line_strong}; padding: 5px 11px; }}
QPushButton[role="segment"]:focus {{ border: 2px solid {p.accent}; padding: 4px 10px; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
"""


def _fields(look: Look) -> str:
    p, t = look.palette, look.type
    tick = (FOLDER / ("tick-dark.svg" if look.dark else "tick-light.svg")).as_posix()
    drop = (FOLDER / ("drop-dark.svg" if look.dark else "drop-light.svg")).as_posix()
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDateEdit, QTimeEdit {{ background: {p.raised};
  color: {p.text}; border: 1px solid {p.line_strong}; border-radius: {RADIUS}px; padding: 7px 10px;
  selection-background-color: {p.accent}; selection-color: {p.on_accent}; }}
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDateEdit:focus, QTimeEdit:focus {{
  border: 2px solid {p.accent}; padding: 6px 9px; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QDateEdit:disabled,
QSpinBox:disabled, QTimeEdit:disabled {{
  background: {p.sunken}; color: {p.text_faint}; }}
QLineEdit[role="search"] {{ background: {p.surface}; border: 1px solid {p.line};
  font-size: {t.small}px; padding: 6px 10px; }}
QLineEdit[role="search"]:focus {{ border: 2px solid {p.accent}; padding: 5px 9px; }}
QLineEdit[role="search-none"], QLineEdit[role="search-none"]:focus {{ background: {p.surface};
  border: 2px solid {p.bad}; font-size: {t.small}px; padding: 5px 9px; }}
QLineEdit[role="wrong"] {{ border: 2px solid {p.bad}; padding: 6px 9px; }}
QPlainTextEdit[role="bare"], QTextBrowser[role="bare"], QPlainTextEdit[role="bare"]:focus {{
  background: transparent; border: 0; padding: 0; border-radius: 0; }}
QPlainTextEdit[role="code"], QPlainTextEdit[role="code"]:focus {{ background: transparent;
  border: 0; padding: 0; border-radius: 0; }}
QCheckBox, QRadioButton {{ spacing: 10px; font-size: {t.small}px; padding: 2px; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 16px; height: 16px;
  border: 1px solid {p.line_strong}; background: {p.raised}; border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {p.accent};
  width: 14px; height: 14px; }}
QCheckBox::indicator:checked {{ background: {p.accent}; border-color: {p.accent};
  image: url({tick}); }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {p.text_faint}; }}
QCheckBox::indicator:checked:disabled {{ background: {p.pressed}; border-color: {p.pressed}; }}
QRadioButton::indicator:checked {{ border: 5px solid {p.accent}; width: 8px; height: 8px;
  background: {p.raised}; }}
QRadioButton:focus, QCheckBox:focus {{ color: {p.accent}; }}
QSpinBox::up-button, QSpinBox::down-button, QTimeEdit::up-button,
QTimeEdit::down-button {{ width: 0; border: 0; }}
QDateEdit::drop-down {{ width: 28px; border: 0; }}
QDateEdit::down-arrow {{ image: url({drop}); width: 16px; height: 16px; }}
QCalendarWidget {{ border: 1px solid {p.line_strong}; }}
QCalendarWidget QWidget {{ background: {p.raised}; alternate-background-color: {p.sunken};
  font-size: {t.small}px; }}
QCalendarWidget QToolButton {{ background: transparent; border: 0; border-radius: 6px;
  color: {p.text}; padding: 5px 8px; }}
QCalendarWidget QToolButton:hover {{ background: {p.hover}; }}
QCalendarWidget QAbstractItemView {{ border: 0; outline: 0; selection-background-color: {p.accent};
  selection-color: {p.on_accent}; }}
QCalendarWidget QAbstractItemView:disabled {{ color: {p.text_faint}; }}
"""


def _cards(look: Look) -> str:
    p = look.palette
    return f"""
QFrame[role="card"] {{ background: {p.raised}; border: 1px solid {p.line};
  border-radius: {RADIUS_LARGE}px; }}
QFrame[role="row"] {{ background: {p.raised}; border: 1px solid {p.line};
  border-radius: {RADIUS_LARGE}px; padding: 1px; }}
QFrame[role="row"]:hover {{ border-color: {p.line_strong}; }}
QFrame[role="row"]:focus {{ border: 2px solid {p.accent}; padding: 0; }}
QFrame[role="quiet-card"] {{ background: {p.sunken}; border: 1px solid {p.line};
  border-radius: {RADIUS_LARGE}px; }}
QFrame[role="learn-card"] {{ background: {p.learn_tint}; border: 1px solid {p.learn_line};
  border-radius: {RADIUS_LARGE}px; }}
QFrame[role="bad-card"] {{ background: {p.bad_tint}; border: 1px solid {p.bad_line};
  border-radius: {RADIUS_LARGE}px; }}
QFrame[role="accent-card"] {{ background: {p.accent_tint}; border: 1px solid {p.accent_tint};
  border-radius: {RADIUS_LARGE}px; }}
QFrame[role="bubble"] {{ background: {p.bubble}; border: 0; border-radius: 16px;
  border-bottom-right-radius: 5px; }}
QFrame[role="composer"] {{ background: {p.raised}; border: 1px solid {p.line_strong};
  border-radius: 16px; }}
QFrame[role="composer-active"] {{ background: {p.raised}; border: 1px solid {p.accent};
  border-radius: 16px; }}
QFrame[role="code-card"] {{ background: {p.sunken}; border: 1px solid {p.line};
  border-radius: 10px; }}
QFrame[role="code-head"] {{ background: transparent; border: 0;
  border-bottom: 1px solid {p.line}; border-radius: 0; }}
QFrame[role="segments"] {{ background: {p.sunken}; border: 1px solid {p.line};
  border-radius: {RADIUS}px; }}
QFrame[role="sheet"] {{ background: {p.raised}; border: 1px solid {p.line_strong};
  border-radius: 16px; }}
QFrame[role="rule"] {{ background: {p.line}; border: 0; }}
QFrame[role="edge"] {{ background: {p.surface}; border: 0; border-bottom: 1px solid {p.line}; }}
"""


def _lists(look: Look) -> str:
    p, t = look.palette, look.type
    return f"""
QListView {{ background: transparent; border: 2px solid transparent; border-radius: {RADIUS}px;
  outline: 0; font-size: {t.small}px; }}
QListView:focus {{ border-color: {p.accent}; }}
QListView::item {{ padding: 7px 10px; border-radius: {RADIUS}px; color: {p.text_soft}; }}
QListView::item:hover {{ background: {p.hover}; color: {p.text}; }}
QListView::item:selected {{ background: {p.pressed}; color: {p.text}; }}
QTableWidget {{ background: {p.raised}; border: 1px solid {p.line}; border-radius: {RADIUS}px;
  outline: 0; font-size: {t.caption}px; }}
QTableWidget:focus {{ border: 2px solid {p.accent}; }}
QTableWidget::item {{ padding: 4px 8px; color: {p.text_soft}; }}
QTableWidget::item:selected {{ background: {p.pressed}; color: {p.text}; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{ background: {p.sunken}; color: {p.text_faint}; border: 0;
  border-bottom: 1px solid {p.line}; padding: 6px 8px; font-size: {t.caption}px;
  font-weight: 600; }}
"""


def _small_parts(look: Look) -> str:
    p, t = look.palette, look.type
    chip = f"border-radius: 8px; padding: 1px 8px; font-size: {t.caption}px; font-weight: 600;"
    return f"""
QLabel[role="chip"] {{ {chip} background: {p.hover}; color: {p.text_soft}; }}
QLabel[role="chip-new"] {{ {chip} background: {p.learn_tint}; color: {p.learn_text};
  border: 1px solid {p.learn_line}; }}
QLabel[role="chip-learned"] {{ {chip} background: {p.good_tint}; color: {p.good}; }}
QLabel[role="chip-context"] {{ {chip} background: {p.accent_tint}; color: {p.accent}; }}
QLabel[role="chip-bad"] {{ {chip} background: {p.bad_tint}; color: {p.bad}; }}
QLabel[role="badge"] {{ background: {p.learn}; color: {p.on_learn}; border-radius: 8px;
  padding: 1px 7px; font-size: {t.caption}px; font-weight: 700; }}
QProgressBar {{ background: {p.hover}; border: 0; border-radius: 3px; height: 6px;
  max-height: 6px; }}
QProgressBar::chunk {{ background: {p.learn}; border-radius: 3px; }}
QSplitter::handle {{ background: {p.line}; }}
"""
