"""Which platform a device is, and what it says of itself: vendor, model, serial number, version."""

from __future__ import annotations

from dataclasses import replace

from collectors.model import Component, Identity
from collectors.platforms.definitions import Definition, Source
from collectors.platforms.snmp import additions_for, detect_definition, parts_of
from collectors.snmprec import Walk


def definitions_of(walk: Walk, identity: Identity) -> tuple[Definition, ...]:
    """The platform's definition with all it includes (first), then additions the device answers."""
    platform = detect_definition(identity.object_id, identity.description, walk.has)
    parts = () if platform is None else tuple(parts_of(platform))
    name = "" if platform is None else platform.name
    # A maker's own tables tell the same better than the standard ones, where the device answers them.
    answers_own = any(walk.has(table.value) for part in parts for table in part.sensors)
    without = {unwanted for part in parts for unwanted in part.without if answers_own}
    additions = (
        addition
        for addition in additions_for(name)
        if addition.name not in without and any(map(walk.has, addition.present))
    )
    return (*parts, *additions)


def identify(
    walk: Walk, identity: Identity, parts: tuple[Definition, ...], inventory: tuple[Component, ...]
) -> Identity:
    """Fill what the platform knows of itself: vendor, platform, model, serial and version."""
    platform = next((part for part in parts if not part.addition), None)
    chassis = main_component(inventory)
    found: dict[str, str] = {}
    for field in ("vendor", "model", "serial", "version"):
        sources = (source for part in parts for source in part.identity.get(field, ()))
        texts = (_clean(_read(source, walk, identity, chassis)) for source in sources)
        found[field] = next((text for text in texts if text), "")
    if platform is None and chassis is not None:
        found["model"] = found["model"] or chassis.model
        found["serial"] = found["serial"] or chassis.serial
        found["version"] = found["version"] or chassis.software
    if not found["vendor"]:
        found["vendor"] = next((part.vendor for part in parts if part.vendor), "")
    if not found["vendor"] and chassis is not None:
        found["vendor"] = chassis.vendor
    return replace(
        identity,
        platform="" if platform is None else platform.name,
        vendor=found["vendor"],
        model=found["model"],
        serial=found["serial"],
        version=found["version"],
    )


def main_component(inventory: tuple[Component, ...]) -> Component | None:
    """The chassis; of a stack the first; else the first piece that has a serial number."""
    for kind in ("chassis", "stack", "module", ""):
        for component in inventory:
            if (component.kind == kind or not kind) and (component.serial or component.model):
                return component
    return None


def _read(source: Source, walk: Walk, identity: Identity, chassis: Component | None) -> str:
    if source.entity:
        text = "" if chassis is None else str(getattr(chassis, source.entity))
    elif source.oid == "object_id":
        text = identity.object_id
    elif source.oid:
        value = walk.scalar(source.oid) or next(
            (one for one in walk.column(source.oid).values() if one.text), None
        )
        text = "" if value is None else value.text
    else:
        text = identity.description
    text = _matched(source, text, identity.description)
    return source.values.get(text, "") if source.values else text


def _matched(source: Source, text: str, description: str) -> str:
    pattern = source.pattern
    if source.then is not None:
        if pattern is not None and pattern.search(text) is None:
            return ""
        pattern, text = source.then, description
    if pattern is None:
        return source.template.format(text) if source.template and text else text
    match = pattern.search(text)
    if match is None:
        return ""
    if source.template:
        return source.template.format(text, *(group or "" for group in match.groups()))
    return match[1] or ""


def _clean(text: str) -> str:
    """Without blanks at the ends, quotes and words for "nothing"."""
    text = " ".join(text.split()).strip('" ')
    return "" if text.lower() in ("n/a", "none", "null", "unknown", "not specified", "-") else text
