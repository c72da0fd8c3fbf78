"""Text of mails: what is declared, what it is, and something readable in any case. Pure."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from html.parser import HTMLParser

_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9._-]{1,40})(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
# Programs declare the small set and write the large one.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "hz", "us-ascii": "utf-8", "ascii": "utf-8"}


def decode(content: bytes, declared: str = "") -> str:
    """The declared character set if it fits, else UTF-8, else GB 18030, else what can be read of it."""
    name = _WIDER.get(declared.strip().strip("\"'").lower(), declared.strip().strip("\"'"))
    for charset in (name, "utf-8", "gb18030"):
        try:
            # codecs like "hex" or "zlib" are no character sets: they would unpack what was sent.
            if charset and codecs.lookup(charset)._is_text_encoding:
                return content.decode(charset).replace("\x00", "")
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1", "replace").replace("\x00", "")


def header_text(raw: object) -> str:
    """A header as people read it: encoded words decoded, raw 8-bit text guessed, one line."""
    text = repaired(str(raw or ""))
    text = _BETWEEN_WORDS.sub("", text[:10_000])
    text = _ENCODED_WORD.sub(lambda found: _word(found[1], found[2], found[3]), text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def repaired(text: str) -> str:
    """Bytes that were hidden in surrogates, read as what they probably are."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        return decode(text.encode("utf-8", "surrogateescape"))
    return text


def _word(charset: str, encoding: str, text: str) -> str:
    try:
        if encoding.lower() == "b":
            content = base64.b64decode(text + "=" * (-len(text) % 4))
        else:
            content = quopri.decodestring(text.replace("_", " ").encode("ascii", "replace"), header=True)
    except (binascii.Error, ValueError):
        return text
    return decode(content, charset)


class _Text(HTMLParser):
    """The words of a page."""

    _BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "blockquote"})
    _HIDDEN = frozenset({"script", "style", "head", "title", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN:
            self._hidden += 1
        elif tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN:
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def text_of_html(page: str) -> str:
    """Plain text of the HTML part of a mail that has no other."""
    reader = _Text()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


_QUOTE_BEGINS = re.compile(
    r"(?im)^[ \t]{0,20}(?:"
    r"-{3,}[ \t]*(?:original message|forwarded message|原始邮件|原始郵件|转发邮件|回复的原邮件).*"
    r"|_{20,}[ \t]*"
    r"|on [^\n]{5,200}(?:\n[^\n]{0,120})?wrote:[ \t]*"
    r"|(?:在|于)[^\n]{4,200}(?:写道|寫道)[：:][ \t]*"
    r"|[^\n]{4,200}(?:写道|寫道)[：:][ \t]*"
    r"|(?:from|发件人|寄件者)[ \t]{0,20}[:：][^\n]*\n"
    r"[ \t]{0,20}(?:sent|date|to|发送时间|日期|收件人|寄件日期)[ \t]{0,20}[:：].*"
    r"|--[ \t]?"
    r")$"
)


def trim_quoted(text: str) -> str:
    """What the sender wrote now, without the mail they answer to and their signature.

    All of it when nothing would be left, since then the quotation is what they want to show.
    """
    bounded = text[:200_000]
    found = _QUOTE_BEGINS.search(bounded)
    kept = bounded[: found.start()] if found else bounded
    lines = [line for line in kept.splitlines() if not line.lstrip().startswith(">")]
    trimmed = "\n".join(lines).strip()
    return trimmed or bounded.strip()


_PREFIXES = re.compile(r"^(?:\s{0,5}(?:re|fw|fwd|aw|回复|答复|转发)\s{0,5}[:：])+\s*", re.IGNORECASE)


def plain_subject(subject: str) -> str:
    """Without "Re:" and its relatives."""
    return _PREFIXES.sub("", subject)
