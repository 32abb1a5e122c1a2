"""The service document, and what is no longer there."""

from flask import Blueprint, Response
from lxml import etree

from .access import BASE
from .atom import ATOM, Element, add, answer
from .errors import Refusal, forbidden

APP = "http://www.w3.org/2007/app"

routes = Blueprint("v1_service", __name__)


@routes.get("/")
def read_service() -> Response:
    """The collections of the account; that of the contacts is not among them, though it exists [REC]."""
    service = etree.Element(f"{{{APP}}}service", nsmap={None: APP, "atom": ATOM})
    workspace = add(service, "workspace")
    _add_title(workspace, "Constant Contact Web Services Customer Workspace")
    _add_collection(workspace, "lists", "Contact Lists", ("application/atom+xml; type=entry",))
    forms = ("application/x-www-form-urlencoded", "multipart/form-data")
    _add_collection(workspace, "activities", "Bulk Activity", forms)
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


def _add_collection(workspace: Element, name: str, title: str, kinds: tuple[str, ...]) -> None:
    collection = add(workspace, "collection", href=f"{BASE}/{name}")
    _add_title(collection, title)
    for kind in kinds:
        add(collection, "accept", kind)


def _add_title(parent: Element, text: str) -> None:
    """Titles have a prefix here, as nothing else of v1 has [REC]."""
    etree.SubElement(parent, f"{{{ATOM}}}title", type="text").text = text
