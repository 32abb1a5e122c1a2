"""The v1 dialect: Atom XML over the same account. It knows the account through the modules beside this package.

Tags in brackets name the sources of what is documented, as `docs/sandbox.md` lists them.
"""

from typing import Any

from flask import Flask, request

from . import activities, contacts, lists, service_document
from .access import PREFIX, admit
from .activities import MOST_FORM_BYTES
from .bulk import WORK
from .errors import Refusal, answer_http_error, answer_refusal

__all__ = ["MOST_FORM_BYTES", "PREFIX", "WORK", "answer_http_error", "mount"]


def mount(app: Flask) -> None:
    """Put the v1 service under /ws of this application."""
    app.before_request(admit)
    app.url_value_preprocessor(_forget_user)
    app.register_error_handler(Refusal, answer_refusal)
    for module in (service_document, contacts, lists, activities):
        app.register_blueprint(module.routes, url_prefix=f"{PREFIX}customers/<user>")


def _forget_user(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """`admit` has compared the user in the path with that of the credentials."""
    if values and request.path.startswith(PREFIX):
        values.pop("user", None)
