"""Forms of the knowledge base."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import DataRequired

from servicedesk.core.forms import NONE_CHOSEN, Choice, Form, LongText, Text, options
from servicedesk.core.i18n import LOCALE_NAMES
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.knowledge.handbooks import HandbookData
from servicedesk.knowledge.labels import AUDIENCES
from servicedesk.knowledge.service import MAX_BODY, Content
from servicedesk.tickets.lists import entries, name_in
from servicedesk.tickets.workflows import WORKFLOWS


class NewArticleForm(Form):
    """Where it holds and what it is called; all else is written in the editor."""

    place = SelectField(_l("Where it holds"))
    language = SelectField(_l("Language"), choices=options(LOCALE_NAMES.items()))
    title = Text(_l("Title"), validators=[DataRequired()])


class ArticleForm(Form):
    """One draft."""

    title = Text(_l("Title"), validators=[DataRequired()])
    body = LongText(
        _l("Text"),
        max_length=MAX_BODY,
        description=_l("Markdown: # heading, - list, 1. list, **bold**, `command`, tables and links."),
    )
    audience = SelectField(
        _l("For whom"), choices=options((name, label) for name, (label, _icon) in AUDIENCES.items())
    )
    language = SelectField(_l("Language"), choices=options(LOCALE_NAMES.items()))
    category = SelectField(_l("Category"))
    cause_id = Choice(_l("Cause category"))
    classes = SelectMultipleField(_l("Device classes"), choices=options(DEVICE_CLASSES.items()))
    words = Text(
        _l("Other words"),
        max_length=500,
        description=_l("What people call it who do not know the right word. They find it by these too."),
    )

    def offer(self, client_id: int | None) -> None:
        """Categories and causes to choose from."""
        named = ((name, workflow.label) for name, workflow in WORKFLOWS.items())
        self.category.choices = options([("", NONE_CHOSEN), *named])
        keep = [self.cause_id.data] if self.cause_id.data else []
        causes = entries(("cause",), client_id or 0, keep=keep)["cause"]
        self.cause_id.offer([(entry.id, name_in(entry)) for entry in causes], empty=NONE_CHOSEN)

    def content(self) -> Content:
        """What was written."""
        return Content(
            title=self.title.data or "",
            body=self.body.data or "",
            language=self.language.data,
            audience=self.audience.data,
            category=self.category.data or "",
            classes=tuple(self.classes.data or ()),
            cause_id=self.cause_id.data,
            words=self.words.data or "",
        )


class HandbookForm(Form):
    """The cover. ``place`` is asked for a new one alone."""

    place = SelectField(_l("Where it holds"), validate_choice=False)
    title = Text(_l("Title"), validators=[DataRequired()])
    subtitle = Text(_l("Second line of the cover"), max_length=300)
    language = SelectField(_l("Language"), choices=options(LOCALE_NAMES.items()))
    audience = SelectField(
        _l("For whom"), choices=options((name, label) for name, (label, _icon) in AUDIENCES.items())
    )

    def cover(self) -> HandbookData:
        """What was written."""
        return HandbookData(
            self.title.data or "", self.subtitle.data or "", self.language.data, self.audience.data
        )
