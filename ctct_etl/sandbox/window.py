"""/_sandbox/: a test's window into the account, and its hand on the people in it. None of it is the service's."""

from flask import Blueprint, Response, request

from .documents import Document, dump, load
from .service import this_service

routes = Blueprint("window", __name__)


@routes.errorhandler(ValueError)
@routes.errorhandler(TypeError)
@routes.errorhandler(AttributeError)
def answer_wrong_wish(problem: Exception) -> Response:
    """A wish of wrong values, or with parts of a wrong kind."""
    return _answer({"error": str(problem)}, 400)


@routes.get("/requests")
def read_requests() -> Response:
    return _answer(this_service().recording.show())


@routes.delete("/requests")
def forget_requests() -> Response:
    this_service().recording.clear()
    return Response(status=204)


@routes.get("/mails")
def read_listed_mails() -> Response:
    return _answer(this_service().read_mails())


@routes.get("/contacts")
def read_contacts() -> Response:
    """All contacts whatever their state, whole; lists, tags and custom fields by name beside the service's ids."""
    return Response(this_service().write_people(), content_type="application/json")


@routes.get("/faults")
def read_faults() -> Response:
    return _answer(this_service().faults.show())


@routes.post("/faults")
def add_fault() -> Response:
    faults = this_service().faults
    faults.add(_read_wish())
    return _answer(faults.show(), 201)


@routes.delete("/faults")
def clear_faults() -> Response:
    this_service().faults.clear()
    return Response(status=204)


@routes.get("/clock")
def read_clock() -> Response:
    return _answer(this_service().clock.show())


@routes.post("/clock")
def set_clock() -> Response:
    this_service().set_clock(_read_wish())
    return read_clock()


@routes.post("/act")
def act_for_someone() -> Response:
    this_service().act(_read_wish())
    return _answer({"done": True})


def _read_wish() -> Document:
    wish = load(request.get_data())
    if not isinstance(wish, dict):
        raise ValueError("the body must be a JSON object")
    return wish


def _answer(document: object, status: int = 200) -> Response:
    return Response(dump(document), status, content_type="application/json")
