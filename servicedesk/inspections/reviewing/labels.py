"""Words of reviews."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from servicedesk.inspections.reviewing.models import ACCEPTED, HANDED_BACK, OPEN, RecordReview

STATES: dict[str, LazyString] = {
    OPEN: _l("under review"),
    ACCEPTED: lazy_pgettext("inspection", "accepted"),
    HANDED_BACK: _l("handed back"),
}


def sample_words(review: RecordReview) -> str:
    """How a review looked at its record, in one sentence."""
    return _(
        "%(state)s: %(sampled)s items, of them %(abnormal)s abnormal (all there were), the others drawn from"
        " %(population)s by the seed %(seed)s; %(objected)s objections",
        state=str(STATES[review.state]),
        sampled=review.sampled,
        abnormal=review.abnormal,
        population=review.population,
        seed=review.seed,
        objected=review.objected,
    )
