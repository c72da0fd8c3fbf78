"""Two texts side by side."""

from __future__ import annotations

from servicedesk.core.differences import MANY, differences


def test_a_difference_has_the_lines_around_it() -> None:
    before = "\n".join(f"line {n}" for n in range(40))
    after = before.replace("line 20", "line twenty")
    found = list(differences(before, after))
    around = ["same"] * 3
    assert [line.kind for line in found] == ["gap", *around, "removed", "added", *around]
    assert (found[4].old, found[4].new, found[5].old, found[5].new) == (21, None, None, 21)


def test_equal_texts_do_not_differ() -> None:
    assert not list(differences("a\nb", "a\nb\n"))


def test_a_text_of_one_line_over_and_over_is_compared_at_once() -> None:
    """Every line of it occurs everywhere: compared thoroughly this takes minutes."""
    many = "x\n" * 20 * MANY
    assert [line.kind for line in differences(many, many + "y")] == ["gap", *["same"] * 3, "added"]
