"""Text to tokens and back by the model's chat template; nothing people type is special."""

from __future__ import annotations

import ctypes
import re
import secrets
from collections.abc import Iterator, Sequence
from itertools import pairwise

import jinja2
import llama_cpp as llama
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from app.errors import BadRequestError, ModelError
from app.text import clean
from learner.engine import Turn

_EM_SPACE = "\u2003"  # str.strip takes it off, and no template writes one


class Vocabulary:
    """The tokens of a loaded model and its chat template; reading only."""

    def __init__(self, model: llama.llama_model_p, template: str) -> None:
        """Raises ModelError when the template is not valid Jinja."""
        self._vocab = llama.llama_model_get_vocab(model)
        self.size = llama.llama_vocab_n_tokens(self._vocab)
        self._spm = llama.llama_vocab_type(self._vocab) == llama.LLAMA_VOCAB_TYPE_SPM
        self._specials = self._special_tokens()
        # Gemma lists "<table>" as user defined: only what the template writes can be abused.
        self._special_ids = frozenset(
            token
            for text, token in self._specials.items()
            if text in template or self._has(token, llama.LLAMA_TOKEN_ATTR_CONTROL)
        )
        longest_first = sorted(self._specials, key=len, reverse=True)
        self._special_pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        try:
            self._formatter = Jinja2ChatFormatter(
                template=template,
                bos_token=self._text_of(llama.llama_vocab_bos(self._vocab)),
                eos_token=self._text_of(llama.llama_vocab_eos(self._vocab)),
            )
        except jinja2.TemplateError as error:
            raise _bad_template(str(error)) from error
        self.end_of_turn = self._find_end_of_turn()

    def is_end(self, token: int) -> bool:
        """Whether the model means to end its turn with this token."""
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    def piece(self, token: int) -> bytes:
        """A token's bytes, possibly part of a character; empty for control tokens."""
        buffer = ctypes.create_string_buffer(64)
        length = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, length)]

    def text_tokens(self, text: str) -> list[int]:
        """Tokens of plain text as it stands inside a turn; nothing in it is special."""
        text = clean(text)
        if not self._spm or not text:
            return self._plain(text)
        # SentencePiece models put a space before the start of a text; inside a turn there is
        # none, so the text is read behind a line break whose tokens are dropped again.
        line_break = self._plain("\n")
        whole = self._plain("\n" + text)
        if whole[: len(line_break)] == line_break:
            return whole[len(line_break) :]
        return self._plain(text)

    def chat_tokens(self, turns: Sequence[Turn]) -> list[int]:
        """Tokens of a chat up to and with the assistant's header.

        Special tokens come from the template alone: what people wrote is put in afterwards as
        plain text. Raises BadRequestError when the template refuses the sequence of turns.
        """
        tokens: list[int] = []
        strip_next = False
        for special, text in self._runs(self._render(turns)):
            if special is not None:
                tokens.append(special)
                strip_next = self._has(special, llama.LLAMA_TOKEN_ATTR_RSTRIP)
            elif text:
                tokens += self._plain(text.lstrip() if strip_next else text)
                strip_next = False
        return tokens

    def _render(self, turns: Sequence[Turn]) -> list[tuple[bool, str]]:
        """The rendered chat as (is it the template's own, text) in order.

        Every content is a mark while the template runs. The mark is wrapped in a rare space, so
        that a template that trims contents shows it, and the content is trimmed alike.
        """
        mark = secrets.token_hex(8)
        marked = [
            Turn(turn.role, f"{_EM_SPACE}{mark}x{index}x{_EM_SPACE}")
            for index, turn in enumerate(turns)
        ]
        rendered = self._format(marked)
        parts = re.split(f"({_EM_SPACE}?){mark}x(\\d+)x({_EM_SPACE}?)", rendered)
        pieces = [(True, parts[0])]
        for left, index, right, after in zip(*(parts[i::4] for i in (1, 2, 3, 4)), strict=True):
            content = clean(turns[int(index)].content)
            content = content if left else content.lstrip()
            pieces += [(False, content if right else content.rstrip()), (True, after)]
        return pieces

    def _format(self, turns: Sequence[Turn]) -> str:
        try:
            return self._apply(turns)
        except ValueError:
            # Some templates (Gemma 2) know no system role: it goes before the first question.
            folded = _system_folded(turns)
            if folded is None:
                raise
            return self._apply(folded)

    def _apply(self, turns: Sequence[Turn]) -> str:
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        try:
            return str(self._formatter(messages=messages, enable_thinking=False).prompt)
        except jinja2.TemplateError as error:
            raise _bad_template(str(error)) from error
        except ValueError as error:  # the template's own raise_exception
            raise _RefusedTurnsError(str(error)) from error

    def _runs(self, pieces: Sequence[tuple[bool, str]]) -> Iterator[tuple[int | None, str]]:
        """Special tokens of the template, and between them plain text joined to one run.

        Joined, because merges across the seam between template and content must come out as in
        training.
        """
        plain = ""
        for own, text in pieces:
            if not own:
                plain += text
                continue
            position = 0
            for match in self._special_pattern.finditer(text):
                yield None, plain + text[position : match.start()]
                yield self._specials[match.group()], ""
                plain, position = "", match.end()
            plain += text[position:]
        yield None, plain

    def _plain(self, text: str) -> list[int]:
        """Tokens of text with parse_special off; tokens it still finds special are broken up."""
        tokens = self._tokenise(text)
        if self._special_ids.isdisjoint(tokens):
            return tokens
        # llama.cpp also matches "user defined" tokens in plain text; one that the template may
        # use must not be typed in, so each occurrence is cut after its first character.
        found = [match.start() + 1 for match in self._special_pattern.finditer(text)]
        edges = [0, *found, len(text)]
        return [
            token for start, end in pairwise(edges) for token in self._tokenise(text[start:end])
        ]

    def _tokenise(self, text: str) -> list[int]:
        if not text:
            return []
        raw = text.encode()
        room = len(raw) + 8
        buffer = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocab, raw, len(raw), buffer, room, False, False)
        if count < 0:
            raise BadRequestError(
                "This text cannot be read", "The model's tokenizer refused it.", "Shorten it."
            )
        return list(buffer[:count])

    def _special_tokens(self) -> dict[str, int]:
        wanted = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        found = {}
        for token in range(self.size):
            if self._has(token, wanted):
                text = self._text_of(token)
                if text.strip():
                    found[text] = token
        return found

    def _has(self, token: int, attributes: int) -> bool:
        return bool(llama.llama_vocab_get_attr(self._vocab, token) & attributes)

    def _text_of(self, token: int) -> str:
        if token < 0:
            return ""
        return (llama.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")

    def _find_end_of_turn(self) -> int:
        """The token the template itself writes after an assistant turn; else the vocabulary's."""
        turns = [Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c")]
        seen = 0
        for own, text in self._render(turns):
            seen += not own
            if own and seen == 2:
                match = self._special_pattern.search(text)
                if match and self.is_end(self._specials[match.group()]):
                    return self._specials[match.group()]
        eot = int(llama.llama_vocab_eot(self._vocab))
        return eot if eot >= 0 else int(llama.llama_vocab_eos(self._vocab))


class _RefusedTurnsError(BadRequestError, ValueError):
    """The template does not allow this sequence of turns."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The model cannot take this conversation",
            f"Its chat template refuses it: {reason[:200]}.",
            "Start a new conversation, or choose another model.",
        )


def _system_folded(turns: Sequence[Turn]) -> list[Turn] | None:
    if len(turns) < 2 or turns[0].role != "system" or turns[1].role != "user":
        return None
    joined = Turn("user", f"{turns[0].content}\n\n{turns[1].content}")
    return [joined, *turns[2:]]


def _bad_template(reason: str) -> ModelError:
    return ModelError(
        "The model's chat template is broken",
        f"It could not be applied: {reason[:200]}.",
        "Choose another model.",
    )
