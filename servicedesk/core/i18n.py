"""Which language and time zone a request, mail or job speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_babel import (  # type: ignore[attr-defined]  # Domain is public, but not in __all__
    Babel,
    Domain,
    pgettext,
)
from flask_login import current_user

from servicedesk.config import LOCALES
from servicedesk.core.runtime import runtime

LOCALE_NAMES = {"zh_CN": "中文", "en": "English"}


def select_locale() -> str:
    """The choice of this session, else the user's, else the browser's, else the installation's."""
    default = runtime().settings.locale
    if not has_request_context():
        return default
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    own = getattr(current_user, "locale", "")
    if own in LOCALES:
        return str(own)
    if request.accept_languages:
        for language, _quality in request.accept_languages:
            if language.lower().startswith("zh"):
                return "zh_CN"
            if language.lower().startswith("en"):
                return "en"
    return default


def enumeration(words: Iterable[str]) -> str:
    """Names in a row, as the reader's language separates them."""
    return pgettext("between names in a row", ", ").join(words)


class _KeptCatalogue(Domain):  # type: ignore[misc]  # of a library without types
    """The catalogue of a request, looked up once: a page asks for hundreds of texts.

    Flask-Babel looks it up for every text. It keeps a slot for it (``babel_translations``) that it empties
    whenever the language changes, also for a while (``force_locale``, ``refresh``).
    """

    def get_translations(self) -> Any:
        kept = g.get("_flask_babel") if g else None
        found = getattr(kept, "babel_translations", None)
        if found is None:
            found = super().get_translations()
            kept = g.get("_flask_babel") if g else None
            if kept is not None:
                kept.babel_translations = found
        return found


def keep_catalogue(app: Flask, babel: Babel) -> None:
    """For texts of code and, without detours, of templates."""
    domain = _KeptCatalogue()
    babel.domain_instance = domain  # type: ignore[attr-defined]  # a cached property without types
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the i18n extension
        gettext=lambda text: domain.get_translations().ugettext(text),
        ngettext=lambda one, many, count: domain.get_translations().ungettext(one, many, count),
        pgettext=lambda context, text: domain.get_translations().upgettext(context, text),
        npgettext=lambda context, one, many, count: domain.get_translations().unpgettext(
            context, one, many, count
        ),
        newstyle=True,
    )


def select_timezone() -> str:
    """The installation's; sites have their own for plans and records."""
    return runtime().settings.timezone
