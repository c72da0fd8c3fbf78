"""Finds the checks."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import collectors.checks as package
from collectors.checks.spec import CheckSpec
from collectors.errors import CollectorError

_OWN_MODULES = frozenset({"spec", "discovery", "judging"})


@cache
def discover() -> tuple[Mapping[str, CheckSpec], tuple[str, ...]]:
    """Look through the package.

    Returns:
        checks by name, and one sentence for each module that could not be used: an error in one
        family takes no other with it, and is not lost.
    """
    found: dict[str, CheckSpec] = {}
    problems: list[str] = []
    for module_info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        name = module_info.name
        if module_info.ispkg or name.removeprefix(f"{package.__name__}.") in _OWN_MODULES:
            continue
        try:
            checks = importlib.import_module(name).CHECKS
        except Exception as error:  # noqa: BLE001 - a broken plug-in may raise anything
            problems.append(f"{name}: {type(error).__name__}: {error}")
            continue
        for spec in checks:
            if spec.name in found:
                problems.append(f"{name}: the check {spec.name} exists already")
            else:
                found[spec.name] = spec
    return found, tuple(problems)


def catalogue() -> Mapping[str, CheckSpec]:
    """Every check by name.

    Raises:
        CollectorError: a module of checks is broken; the sentence names it.
    """
    found, problems = discover()
    if problems:
        raise CollectorError("; ".join(problems))
    return found
