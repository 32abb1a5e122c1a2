"""The v3 dialect: JSON over HTTP. It knows the account through the modules beside this package, never the reverse."""

from flask import Flask

from ..jobs import QueueFull
from . import account, activities, contacts, custom_fields, lists, opt_in, tags
from .access import admit
from .errors import Refusal, answer_http_error, answer_queue_full, answer_refusal

__all__ = ["answer_http_error", "mount"]


def mount(app: Flask) -> None:
    """Put the v3 service under /v3 of this application."""
    app.before_request(admit)
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(QueueFull, answer_queue_full)
    for module in (contacts, opt_in, lists, custom_fields, tags, activities, account):
        app.register_blueprint(module.routes, url_prefix="/v3")
