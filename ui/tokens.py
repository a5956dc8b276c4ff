"""Design tokens: the two palettes, the type scale, spacing and corner radii every widget uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Named colours as #RRGGBB; indigo means "do", amber means "learned"."""

    window: str
    surface: str
    raised: str
    sunken: str
    hover: str
    pressed: str
    line: str
    line_strong: str
    text: str
    text_soft: str
    text_faint: str
    accent: str
    accent_hover: str
    accent_tint: str
    on_accent: str
    learn: str
    learn_text: str
    learn_tint: str
    learn_line: str
    on_learn: str
    good: str
    good_tint: str
    bad: str
    bad_tint: str
    bad_line: str
    bubble: str
    scrim: str
    code_keyword: str
    code_string: str
    code_number: str
    code_comment: str
    code_name: str
    code_type: str


LIGHT = Palette(
    window="#F3F3F8",
    surface="#FDFDFE",
    raised="#FFFFFF",
    sunken="#F6F6FA",
    hover="#EAEAF2",
    pressed="#DFDFEA",
    line="#E5E5EE",
    line_strong="#CECEDC",
    text="#1B1C2B",
    text_soft="#4F5165",
    text_faint="#6A6C81",
    accent="#4744B8",
    accent_hover="#3A379F",
    accent_tint="#ECEBFA",
    on_accent="#FFFFFF",
    learn="#F0B23E",
    learn_text="#7F5206",
    learn_tint="#FFF6E2",
    learn_line="#F1DBA8",
    on_learn="#2B1D02",
    good="#1C7548",
    good_tint="#E5F4EB",
    bad="#AE2F2A",
    bad_tint="#FCEEED",
    bad_line="#F0C9C6",
    bubble="#ECEBF7",
    scrim="#1B1C2B66",
    code_keyword="#7A2FA8",
    code_string="#1C7548",
    code_number="#A2490C",
    code_comment="#737589",
    code_name="#2B4FB8",
    code_type="#8A5A00",
)

DARK = Palette(
    window="#10121A",
    surface="#161822",
    raised="#1E212D",
    sunken="#12141C",
    hover="#252936",
    pressed="#2E3342",
    line="#282C3A",
    line_strong="#3C4154",
    text="#ECECF3",
    text_soft="#B4B7C8",
    text_faint="#8B8FA5",
    accent="#9C9BFF",
    accent_hover="#B3B2FF",
    accent_tint="#262748",
    on_accent="#12122B",
    learn="#F2B94F",
    learn_text="#F0C878",
    learn_tint="#292316",
    learn_line="#4C4023",
    on_learn="#241903",
    good="#62CE95",
    good_tint="#15291F",
    bad="#FF8F86",
    bad_tint="#331C1E",
    bad_line="#5A2F30",
    bubble="#262A3D",
    scrim="#05060A99",
    code_keyword="#C792EA",
    code_string="#8FD6A4",
    code_number="#F7A76C",
    code_comment="#7F849B",
    code_name="#8AB4FF",
    code_type="#F2C678",
)


@dataclass(frozen=True)
class TypeScale:
    """Font families in order of preference and sizes in device-independent pixels."""

    families: tuple[str, ...]
    mono: tuple[str, ...]
    caption: int = 12
    small: int = 13
    body: int = 15
    title: int = 17
    heading: int = 24
    display: int = 30

    def scaled(self, factor: float) -> TypeScale:
        """The same scale for a person whose system text is `factor` times the usual size."""
        return TypeScale(
            families=self.families,
            mono=self.mono,
            caption=round(self.caption * factor),
            small=round(self.small * factor),
            body=round(self.body * factor),
            title=round(self.title * factor),
            heading=round(self.heading * factor),
            display=round(self.display * factor),
        )


SANS = (
    "Segoe UI Variable Text",
    "Segoe UI",
    ".AppleSystemUIFont",
    "SF Pro Text",
    "Adwaita Sans",
    "Inter",
    "Cantarell",
    "Ubuntu",
    "Noto Sans",
    "DejaVu Sans",
)
MONO = (
    "Cascadia Mono",
    "SF Mono",
    "Menlo",
    "Consolas",
    "Adwaita Mono",
    "JetBrains Mono",
    "Ubuntu Mono",
    "Noto Sans Mono",
    "DejaVu Sans Mono",
)
EMOJI = ("Segoe UI Emoji", "Apple Color Emoji", "Noto Color Emoji")

UNIT = 8
"""Everything is spaced in multiples (or halves) of this."""

COLUMN = 720
"""The widest a column of reading text becomes."""

GUTTER = 24
"""Room between a page's content and its edges."""

WIDE_COLUMN = 1040
"""The widest two answers side by side become."""

SIDEBAR = 264
RADIUS = 8
RADIUS_LARGE = 12
"""Corner radii of controls, and of cards, bubbles and sheets."""


@dataclass(frozen=True)
class Look:
    """One complete look: a palette, a type scale, and whether it is the dark one."""

    palette: Palette
    type: TypeScale
    dark: bool
