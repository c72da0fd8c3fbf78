"""Which language and time zone a request, mail or job speaks."""

from __future__ import annotations

from flask import has_request_context, request, session
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


def select_timezone() -> str:
    """The installation's; sites have their own for plans and records."""
    return runtime().settings.timezone
