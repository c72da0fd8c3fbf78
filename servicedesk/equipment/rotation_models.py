"""Who knows a secret besides those who may use it without seeing it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.core.db import Model


class CredentialKnower(Model):
    """A person who knows the present secret of a credential; a new one only its author knows."""

    __tablename__ = "credential_knowers"

    credential_id: Mapped[int] = mapped_column(
        sa.ForeignKey("credentials.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id"), primary_key=True, autoincrement=False, index=True
    )
    since: Mapped[datetime] = mapped_column()
