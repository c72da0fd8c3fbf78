from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

_F = TypeVar("_F", bound=Callable[..., Any])

class LoginManager:
    login_view: str | None
    login_message: str | None
    session_protection: str | None
    def init_app(self, app: Flask) -> None: ...
    def user_loader(self, callback: Callable[[str], Any]) -> Callable[[str], Any]: ...

current_user: Any

def login_required(func: _F) -> _F: ...
def login_user(user: object, remember: bool = ...) -> bool: ...
def logout_user() -> bool: ...
