"""What may stand in a mail: every character set, every sort, every trap."""

from __future__ import annotations

import base64
import contextlib
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.notifications.inbound.charsets import decode, header_text, text_of_html, trim_quoted
from servicedesk.notifications.inbound.parsing import UnreadableError, parse

HEAD = b"From: Rita <Rita@Example.com>\r\nTo: desk@example.com\r\nMessage-ID: <1@x>\r\n"


def plain(body: bytes, charset: str = "utf-8", extra: bytes = b"") -> bytes:
    kind = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
    return HEAD + extra + b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n" + kind + body


def test_a_plain_mail() -> None:
    found = parse(plain("打印机坏了".encode(), extra=b"Subject: Hello\r\n"))
    assert (found.kind, found.sender, found.sender_name) == ("person", "rita@example.com", "Rita")
    assert (found.subject, found.text, found.files) == ("Hello", "打印机坏了", ())


@pytest.mark.parametrize(
    "declared", ["gbk", "GB2312", "gb18030", "utf-8", "us-ascii", "x-unknown", '"', "hex"]
)
def test_chinese_in_gbk_is_read_whatever_is_declared(declared: str) -> None:
    assert parse(plain("网络不通，请处理".encode("gb18030"), declared)).text == "网络不通，请处理"


@pytest.mark.parametrize(
    "subject",
    [
        "打印机".encode("gbk"),
        "打印机".encode(),
        b"=?gb2312?B?" + base64.b64encode("打印机".encode("gbk")) + b"?=",
        b"=?UTF-8?q?=E6=89=93=E5=8D=B0?=\r\n =?utf-8?B?" + base64.b64encode("机".encode()) + b"?=",
        b"=?utf-8*zh?B?" + base64.b64encode("打印机".encode()).rstrip(b"=") + b"?=",
    ],
)
def test_headers_encoded_or_raw(subject: bytes) -> None:
    assert parse(plain(b"x", extra=b"Subject: " + subject + b"\r\n")).subject == "打印机"


def test_an_encoded_word_hides_no_line_end() -> None:
    found = parse(plain(b"x", extra=b"Subject: =?utf-8?q?a=0D=0ABcc:_x=40y=00?=\r\n"))
    assert found.subject == "a Bcc: x@y"


@pytest.mark.parametrize(
    "word", ["=?utf-8?B?***?=", "=?none?q?a?=", "=?utf-8?b?", "=?rot13?q?nop?=", "=??q?x?="]
)
def test_broken_encoded_words_end_in_some_text(word: str) -> None:
    assert isinstance(header_text(word), str)


def test_no_character_set_unpacks_what_was_sent() -> None:
    assert decode(b"4142", "hex") == "4142"
    assert decode(b"nop", "rot13") == "nop"


NAMES = {
    "rfc2231": b"filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf",
    "continued": b"filename*0*=utf-8''%E6%8A%A5;\r\n filename*1*=%E5%91%8A.pdf",
    "encoded word": b'filename="=?utf-8?B?' + base64.b64encode("报告.pdf".encode()) + b'?="',
    "raw": 'filename="报告.pdf"'.encode(),
    "gbk": 'filename="报告.pdf"'.encode("gbk"),
}


@pytest.mark.parametrize("form", NAMES)
def test_names_of_files(form: str) -> None:
    part = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; " + NAMES[form]
    raw = HEAD + (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b\r\n"
        + part
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
    )
    found = parse(raw)
    assert found.files == (("报告.pdf", b"%PDF"),)
    assert found.text == "see"


def test_html_alone_becomes_its_words() -> None:
    page = "<html><head><style>p{}</style></head><body><p>Hello<br>you</p><script>alert(1)</script></body>"
    assert text_of_html(page) == "Hello\nyou"
    raw = HEAD + b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
    assert parse(raw).text == "Hello\nyou"


QUOTED = {
    "outlook": "好的\n\n-----Original Message-----\nFrom: desk\nold",
    "outlook zh": "好的\n\n发件人: 服务台 <desk@example.com>\n发送时间: 2026年11月24日\n主题: x\n\nold",
    "gmail": "好的\n\nOn Tue, Nov 24, 2026 at 9:00 AM Desk <desk@example.com>\nwrote:\n> old",
    "foxmail": "好的\n\n------------------ 原始邮件 ------------------\nold",
    "thunderbird zh": "好的\n\n在 2026/11/24 9:00, 服务台 写道:\n> old",
    "signature": "好的\n-- \n张三\nold",
    "line": "好的\n________________________________\nold",
    "marks": "> old\n好的\n> old",
}


@pytest.mark.parametrize("program", QUOTED)
def test_the_quoted_mail_is_not_the_answer(program: str) -> None:
    assert trim_quoted(QUOTED[program]) == "好的"


def test_a_mail_that_is_all_quotation_is_kept() -> None:
    assert trim_quoted("> only this") == "> only this"


SORTS = {
    "vacation": (b"Auto-Submitted: auto-replied\r\n", "auto_reply"),
    "no": (b"Auto-Submitted: no\r\n", "person"),
    "bulk": (b"Precedence: bulk\r\n", "auto_reply"),
    "exchange": (b"X-Auto-Response-Suppress: All\r\n", "auto_reply"),
    "list": (b"List-Id: <l.example.com>\r\n", "auto_reply"),
    "nobody": (b"Return-Path: <>\r\n", "auto_reply"),
    "somebody": (b"Return-Path: <rita@example.com>\r\n", "person"),
}


@pytest.mark.parametrize("sort", SORTS)
def test_automatic_mail_is_recognised(sort: str) -> None:
    extra, kind = SORTS[sort]
    assert parse(plain(b"x", extra=extra)).kind == kind


@pytest.mark.parametrize(
    "sender",
    [
        *(
            b"",
            b"From: \r\n",
            b"From: nobody\r\n",
            b"From: a@b.c, d@e.f\r\n",
            b"From: a@b.c\r\nFrom: d@e.f\r\n",
        ),
        *(b"From: <a@b.c\r\n\td@e.f>\r\n", b"From: " + b"a" * 300 + b"@b.c\r\n"),
    ],
)
def test_a_mail_without_exactly_one_sender_is_refused(sender: bytes) -> None:
    with pytest.raises(UnreadableError):
        parse(sender + b"Subject: x\r\n\r\nx")


def nested(depth: int) -> bytes:
    body = b"Content-Type: text/plain\r\n\r\nx\r\n"
    for number in range(depth):
        mark = f"b{number}".encode()
        body = (
            (b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + body)
            + b"\r\n--"
            + mark
            + b"--\r\n"
        )
    return HEAD + b"MIME-Version: 1.0\r\n" + body


def test_mail_within_mail_without_end_is_refused_at_once() -> None:
    assert parse(nested(5)).text == "x"
    for depth in (40, 2000):
        with pytest.raises(UnreadableError, match="nested"):
            parse(nested(depth))


def test_ten_thousand_parts_are_refused() -> None:
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000
    kind = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    with pytest.raises(UnreadableError, match="too many parts"):
        parse(HEAD + kind + parts + b"--b--\r\n")


def test_an_attached_mail_is_a_file_and_its_words_are_not_the_senders() -> None:
    inner = EmailMessage()
    inner["From"] = "boss@example.com"
    inner.set_content("inner words")
    outer = EmailMessage()
    outer["From"], outer["To"] = "rita@example.com", "desk@example.com"
    outer.set_content("see attached")
    outer.add_attachment(inner)
    found = parse(outer.as_bytes())
    assert found.text == "see attached"
    assert found.files[0][0] == "message.eml"
    assert b"inner words" in found.files[0][1]


@settings(max_examples=150)
@given(st.binary(max_size=2000))
def test_any_bytes_end_in_a_mail_or_in_a_sentence(content: bytes) -> None:
    for raw in (content, HEAD + content, HEAD + b"\r\n" + content, plain(content)):
        with contextlib.suppress(UnreadableError):
            assert parse(raw).kind in ("person", "auto_reply", "bounce")


@pytest.mark.parametrize(
    "line", [" " * 190_000, "-" * 190_000, "_" * 190_000 + "x", "on " + "x" * 190_000, "写" * 99_000]
)
def test_no_line_makes_the_trimming_slow(line: str) -> None:
    begin = time.process_time()
    trim_quoted(line)
    # Bounded by a factor of a thousand against what a backtracking pattern would take, not by a stopwatch.
    assert time.process_time() - begin < 20
