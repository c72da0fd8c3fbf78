"""Pages and files of a site's maps: what is connected to what, and from where power comes."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.errors import NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.typesetting import pdf, pictures
from servicedesk.core.web import document
from servicedesk.equipment import queries
from servicedesk.equipment.topology import drawing, graph
from servicedesk.organisations.models import Site

bp = Blueprint("topology", __name__, url_prefix="/equipment/topology")
MAPS = {"network": _l("Connections"), "power": _l("Power supply")}


def _site(site_id: int, sites: list[Site]) -> Site:
    found = next((site for site in sites if site.id == site_id), None)
    if found is None:
        raise NotFoundError
    return found


def _sites() -> list[Site]:
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    return queries.visible_sites(actor)


def _graph(site: Site, kind: str) -> graph.Graph:
    return graph.power(site) if kind == "power" else graph.connections(site)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The map of one site."""
    sites = _sites()
    kind = "power" if request.args.get("map") == "power" else "network"
    number = whole_number(request.args.get("site"))
    site = _site(number, sites) if number else sites[0] if sites else None
    if site is None:
        return render_template("equipment/topology.html", sites=[], site=None, kind=kind, maps=MAPS)
    found = _graph(site, kind)
    return render_template(
        "equipment/topology.html",
        sites=sites,
        site=site,
        kind=kind,
        maps=MAPS,
        map=drawing.draw(found, power=kind == "power"),
        linked=True,
        listed=drawing.listed(found),
        alone=[row for number, row in found.devices.items() if number not in found.tied],
        cut=found.cut,
        single=drawing.single_feeds(found) if kind == "power" else [],
        unfed=drawing.without_feed(found) if kind == "power" else 0,
    )


@bp.get("/<int:site_id>/<any(network, power):map_kind>.<any(svg, png, pdf):picture>")
@login_required
def file(site_id: int, map_kind: str, picture: str) -> ResponseReturnValue:
    """The map alone, to print or to put into a document."""
    site = _site(site_id, _sites())
    found = _graph(site, map_kind)
    made = drawing.draw(found, power=map_kind == "power")
    svg = render_template("equipment/_map.svg", map=made, linked=False).encode()
    name = f"{site.name} {MAPS[map_kind]}.{picture}"
    if picture == "svg":
        return document(svg, name, mimetype="image/svg+xml")
    if picture == "png":
        return document(pictures([svg])[0], name, mimetype="image/png")
    now = utcnow()
    data = {"title": f"{site.name} · {MAPS[map_kind]}", "note": _("As of %(time)s", time=format_date(now))}
    return document(pdf("map", data, made_at=now, images={"map.svg": svg}), name)
