"""What happens next with a ticket, in one sentence: for pages, mails and messages."""

from __future__ import annotations

from servicedesk.core.sentences import N_, translate

# By state, else by phase. Stored in English like all sentences that mails hold.
_ANYBODY = {
    "new": N_("An engineer will take it up."),
    "assigned": N_("An engineer will take it up."),
    "open": N_("An engineer is at work on it."),
    "scheduled": N_("It is carried out in its change window."),
    "verifying": N_("The result is being checked."),
    "suspended": N_("It goes on as soon as the supplier has answered."),
    "returned": N_("It goes on as soon as the requester has completed it."),
    "waiting": N_("It goes on as soon as the requester has answered."),
    "awaiting_approval": N_("It goes on as soon as it is approved."),
    "in_use": N_("The requester proves the destruction of the data when it is no longer needed."),
    "resolved": N_("The requester confirms that it is done, or reopens it."),
    "closed": "",
}
# What the requester themselves read where the ball is with them.
_YOURS = {
    "waiting": N_("Your answer is needed."),
    "returned": N_("Please complete it and submit it again."),
    "resolved": N_("Please confirm that it is done, or reopen it."),
    "in_use": N_("Please prove the destruction of the data when you no longer need it."),
}


def sentence(state: str, phase: str) -> str:
    """For anybody, in English; empty when nothing follows."""
    return _ANYBODY.get(state, _ANYBODY.get(phase, ""))


def for_anybody(state: str, phase: str) -> str:
    """The same in the reader's language."""
    return translate(sentence(state, phase))


def is_yours(state: str) -> bool:
    """Whether the requester has to do something."""
    return state in _YOURS


def for_requester(state: str, phase: str) -> str:
    """For the requester, in the reader's language."""
    return translate(_YOURS.get(state) or sentence(state, phase))
