"""Quantities and sums of money as people type them: decimals to the cent, never floats."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError

CENT = Decimal("0.01")
MAX_QUANTITY, MAX_PRICE = Decimal(100_000), Decimal(100_000_000)


def parse_amount(text: str, field: str, *, least: Decimal, most: Decimal) -> Decimal:
    """A number between two others; commas group its digits.

    Raises:
        InvalidError: beside ``field``.
    """
    try:
        value = Decimal(text.strip().replace(",", "")).quantize(CENT)
    except InvalidOperation:
        raise InvalidError(_("Give a number, for example 12.50."), field) from None
    if not value.is_finite() or not least <= value <= most:
        raise InvalidError(_("Give a number from %(least)s to %(most)s.", least=least, most=most), field)
    return value


def parse_quantity(text: str) -> Decimal:
    """How many, or how much, of a line of costs."""
    return parse_amount(text, "quantity", least=CENT, most=MAX_QUANTITY)


def parse_price(text: str) -> Decimal:
    """What one of it costs; nothing typed is nothing to pay."""
    return parse_amount(text or "0", "unit_price", least=Decimal(0), most=MAX_PRICE)
