"""Mail to a server (RFC 5321). A message that was handed over without an answer is never repeated."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from servicedesk.core.sentences import N_
from servicedesk.notifications.channels.outcome import (
    DEADLINE_S,
    TIMEOUT_S,
    Outcome,
    Watchdog,
    failed,
    retry,
    sent,
    uncertain,
)

_LINE_DOT = re.compile(rb"(?m)^\.")  # a dot that begins a line is doubled (RFC 5321, 4.5.2)
PLAIN, STARTTLS, TLS = "plain", "starttls", "tls"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """``security``: plain, starttls, tls. ``ca`` is a PEM text of one's own authority; certificates count."""

    host: str
    port: int
    security: str = STARTTLS
    username: str = ""
    password: str = ""
    ca: str = ""
    greeting: str = ""  # the name we introduce ourselves with; looking up our own takes time in some networks
    timeout_s: float = TIMEOUT_S
    deadline_s: float = DEADLINE_S

    def __repr__(self) -> str:
        """Without the password: it must not end up in a log."""
        return f"SmtpServer({self.host}:{self.port}, {self.security})"


def tls_context(ca: str) -> ssl.SSLContext:
    """Certificates are verified, by the system's authorities and by one's own."""
    context = ssl.create_default_context()
    if ca.strip():
        context.load_verify_locations(cadata=ca)
    return context


def send_mail(server: SmtpServer, message: EmailMessage, *, sender: str, recipient: str) -> Outcome:
    """One try to hand a message over to one recipient."""
    with Watchdog(server.deadline_s).running() as watchdog:
        smtp = _client(server)
        try:
            _connect(smtp, server, watchdog)
            refusal = _introduce(smtp, sender, recipient)
            outcome = refusal or _hand_over(smtp, message, utf8=_needs_utf8(sender, recipient))
            _say_goodbye(smtp)
        except smtplib.SMTPNotSupportedError as error:
            return failed(N_("The mail server cannot do what the settings ask for."), error)
        except smtplib.SMTPAuthenticationError as error:
            return retry(N_("The mail server refuses the user name or the password."), error.smtp_error)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except ssl.SSLCertVerificationError as error:
            return retry(N_("The certificate of the mail server cannot be trusted."), error.verify_message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return retry(N_("The mail server cannot be reached."), error)
        else:
            return outcome
        finally:
            smtp.close()


def _client(server: SmtpServer) -> smtplib.SMTP:
    name = server.greeting or None
    if server.security == TLS:
        context = tls_context(server.ca)
        return smtplib.SMTP_SSL(local_hostname=name, timeout=server.timeout_s, context=context)
    return smtplib.SMTP(local_hostname=name, timeout=server.timeout_s)


def _connect(smtp: smtplib.SMTP, server: SmtpServer, watchdog: Watchdog) -> None:
    smtp._host = server.host  # type: ignore[attr-defined]  # TLS asks for this name; only __init__ sets it
    watchdog.watch(lambda: smtp.sock)
    code, answer = smtp.connect(server.host, server.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, answer)
    smtp.ehlo_or_helo_if_needed()
    if server.security == STARTTLS:
        smtp.starttls(context=tls_context(server.ca))
        smtp.ehlo_or_helo_if_needed()
    if server.username:
        smtp.login(server.username, server.password)


def _needs_utf8(sender: str, recipient: str) -> bool:
    return not (sender.isascii() and recipient.isascii())


def _introduce(smtp: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
    """Sender, recipient and the start of the text; an outcome when one of them is refused."""
    options = []
    if _needs_utf8(sender, recipient):
        if not smtp.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError("SMTPUTF8")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    for code, answer in _commands(smtp, sender, recipient, options):
        if code not in (250, 251, 252, 354):
            return _refused(code, answer)
    return None


def _commands(
    smtp: smtplib.SMTP, sender: str, recipient: str, options: list[str]
) -> Iterator[tuple[int, bytes]]:
    yield smtp.mail(sender, options)
    yield smtp.rcpt(recipient)
    yield smtp.docmd("DATA")


def _refused(code: int, answer: bytes | str) -> Outcome:
    text = f"{code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}"
    if 400 <= code < 500:
        return retry(N_("The mail server asks to try again later."), text)
    if 500 <= code < 600:
        return failed(N_("The mail server refuses the message."), text)
    return retry(N_("The mail server cannot be understood."), text)


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage, *, utf8: bool) -> Outcome:
    """The text itself. From its final dot on the server may have it, whatever we hear."""
    policy = (SMTPUTF8 if utf8 else SMTP).clone(cte_type="8bit" if utf8 else "7bit")
    content = message.as_bytes(policy=policy)
    stuffed = _LINE_DOT.sub(b"..", content)
    if not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    try:
        smtp.send(stuffed)
    except (smtplib.SMTPException, OSError) as error:
        # Without its final dot no server keeps a message (RFC 5321, 4.1.1.4).
        smtp.close()
        return retry(N_("The connection to the mail server broke within the message."), error)
    try:
        smtp.send(b".\r\n")
        code, answer = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        smtp.close()
        return uncertain(N_("The mail server did not say whether it took the message."), error)
    return sent(f"{code} {answer.decode('utf-8', 'replace')}") if code == 250 else _refused(code, answer)


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    """What came of the message is known already; a server that fell silent is not waited for again."""
    if smtp.sock is not None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
