"""Forms of preferences and channels."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, PasswordField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.core.i18n import LOCALE_NAMES
from servicedesk.notifications import rules
from servicedesk.notifications.channel_settings import KINDS

_SECURITIES = (("tls", "TLS"), ("starttls", "STARTTLS"), ("plain", _l("none (own network only)")))


class PreferencesForm(Form):
    """The matrix is read by its names: ``mode_<group>_<channel>``."""

    quiet_from = Text(_l("Quiet from"), max_length=5)
    quiet_to = Text(
        _l("Quiet until"),
        max_length=5,
        description=_l("Mail waits until then; what is critical does not. Leave both empty for none."),
    )
    digest_at = Text(_l("Time of the digest"), validators=[DataRequired()], max_length=5)
    timezone = Text(
        _l("Time zone"),
        max_length=64,
        description=_l("Empty: the time zone of the site. Example: Asia/Shanghai."),
    )


class ChannelForm(Form):
    """All secret fields are write-only: a stored secret is never sent to a page."""

    client_id = Choice(_l("Client"))
    name = Text(_l("Name"), validators=[DataRequired()], max_length=100)
    kind = SelectField(_l("Kind"), choices=options(KINDS.items()))
    active = BooleanField(_l("In use"), default=True)
    host = Text(_l("Server"), max_length=253)
    port = IntegerField(_l("Port"), validators=[Optional(), NumberRange(1, 65535)])
    security = SelectField(_l("Encryption"), choices=options(_SECURITIES))
    username = Text(_l("User name"), max_length=200)
    password = PasswordField(_l("Password"), validators=[Length(max=500)])
    ca = LongText(
        _l("Certificate of one's own authority"),
        max_length=20_000,
        description=_l("PEM text, only when the server's certificate is none of a public authority."),
    )
    sender = Text(
        _l("Mail address"),
        max_length=254,
        description=_l("Mails come from here; people write to it where it is a mailbox."),
    )
    sender_name = Text(_l("Name of the sender"), max_length=100)
    folder = Text(_l("Folder"), max_length=100, default="INBOX")
    unknown = SelectField(
        _l("Mail of unknown people"),
        choices=options([("refuse", _l("only note it")), ("create", _l("register a ticket"))]),
    )
    domains = Text(
        _l("Mail domains of the client"),
        max_length=500,
        description=_l("Unknown people of these domains may register tickets. Example: bureau.example.cn"),
    )
    url = PasswordField(_l("Address of the robot or webhook"), validators=[Length(max=1000)])
    key = PasswordField(_l("Signing key"), validators=[Length(max=200)])
    groups = SelectMultipleField(
        _l("What is posted"),
        choices=options((name, group.label) for name, group in rules.GROUPS.items()),
    )
    locale = SelectField(_l("Language"), choices=options([("", _l("Default")), *LOCALE_NAMES.items()]))
