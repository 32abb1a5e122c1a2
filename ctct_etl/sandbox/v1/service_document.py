"""The service document, and what is no longer there."""

from flask import Blueprint, Response

from .access import BASE, USER
from .atom import ATOM, Element, answer, make
from .errors import Refusal, forbidden

APP = "http://www.w3.org/2007/app"

routes = Blueprint("v1_service", __name__)


@routes.get("/")
def read_service() -> Response:
    """The collections of the account; that of the contacts is not among them, though it exists [REC]."""
    service = make("service", APP)
    workspace = _add(service, "workspace")
    title = make("title", ATOM, type="text")
    title.text = f"Workspace for Customer: {USER}"
    workspace.append(title)
    _add_collection(workspace, "lists", ("application/atom+xml; type=entry",))
    _add_collection(workspace, "activities", ("application/x-www-form-urlencoded", "multipart/form-data"))
    return answer(service)


@routes.get("", strict_slashes=True)
def read_without_slash() -> Response:
    """The web server's refusal [D-TIPS, F-403]."""
    raise forbidden()


@routes.route("/library", methods=("GET", "POST", "PUT", "DELETE"))
@routes.route("/library/<path:rest>", methods=("GET", "POST", "PUT", "DELETE"))
def read_library(rest: str = "") -> Response:
    """Retired in August 2014 [T-IMG]."""
    raise Refusal(410, "the library is retired")


def _add_collection(workspace: Element, name: str, kinds: tuple[str, ...]) -> None:
    collection = _add(workspace, "collection")
    collection.set("href", f"{BASE}/{name}")
    title = make("title", ATOM, type="text")
    title.text = name
    collection.append(title)
    for kind in kinds:
        _add(collection, "accept").text = kind


def _add(parent: Element, name: str) -> Element:
    child = make(name, APP)
    parent.append(child)
    return child
