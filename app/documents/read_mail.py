"""Reading mail: who wrote to whom, when and about what, and the text of the message."""

from __future__ import annotations

import email
import email.errors
import email.header
import email.message
import email.policy

from app.documents import refusals
from app.documents.draft import Draft, line_of
from app.documents.read_html import write_html
from app.documents.read_text import decoded

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_LOCKED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def read_mail(data: bytes, draft: Draft) -> None:
    """An EML file; attachments are named, not read. Raises DocumentError."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        parts = [part for part in message.walk() if not part.is_multipart()]
    except RecursionError as error:
        raise refusals.damaged("its parts are nested too deeply") from error
    if message.get_content_type() in _LOCKED and message.get_param("smime-type") != "signed-data":
        raise refusals.locked()
    draft.title = _header(message, "Subject")
    heads = [f"{name}: {_header(message, name)}" for name in _HEADERS if message.get(name)]
    names = [line_of(part.get_filename() or "") for part in parts]
    attached = ", ".join(filter(None, names))
    draft.paragraph("\n".join([*heads, *([f"Attachments: {attached}"] if attached else [])]))
    texts = [part for part, name in zip(parts, names, strict=True) if not name]
    plain = [_text(part) for part in texts if part.get_content_type() == "text/plain"]
    if any(text.strip() for text in plain):
        for text in plain:
            draft.paragraph(text)
        return
    for part in texts:
        if part.get_content_type() == "text/html":
            write_html(_text(part), draft)


def _text(part: email.message.Message) -> str:
    data = part.get_payload(decode=True)
    return decoded(data, part.get_content_charset() or "") if isinstance(data, bytes) else ""


def _header(message: email.message.Message, name: str) -> str:
    value = str(message.get(name, ""))
    try:
        return line_of(str(email.header.make_header(email.header.decode_header(value))))
    except (LookupError, UnicodeError, ValueError, email.errors.MessageError):
        return line_of(value)
