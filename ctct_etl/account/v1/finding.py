"""Read feeds, single contacts by their numbers, and contacts by their addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice

from ctct_etl.account.dialect import MOST_TOGETHER, Conversation, Garbled, Query, Request, Response, Together
from ctct_etl.account.v1.atom import Entry, Malformed, resolve
from ctct_etl.account.v1.reading import Contact, Unread, address_of, number_of
from ctct_etl.account.v1.wire import EMAIL_ELEMENT, PAGE_SIZE, UPDATED_ELEMENT
from ctct_etl.account.v1.words import expect_feed, refusal_of
from ctct_etl.errors import AccountError

Take = Callable[[Sequence[Entry]], None]
TakeContact = Callable[[str, Contact | Unread | None], None]

CONTACT_KIND = "Contact"
MOST_UNREAD = 20  # in a row: then it is not the contacts that are wrong
_UNKNOWN = frozenset({500})  # what a search answers that finds nobody, at times [D-EMAIL]


def turn_feed(path: str, what: str, take: Take, query: Query = (), wait_s: float = 0.0) -> Conversation[None]:
    """Hand every page of a feed to `take`. The next link is opaque, and resolved against the page that has it."""
    response: Response = yield Request("GET", path, query, wait_s=wait_s)
    yield from turn_on(response, what, take)


def turn_on(response: Response, what: str, take: Take) -> Conversation[None]:
    """The same, from the first page on."""
    seen = set[str]()
    while True:
        feed = expect_feed(response, what)
        take(feed.entries)
        if not feed.next:
            return
        following = resolve(feed.next, response.place)
        if following in seen:
            raise AccountError(f"the pages of the account's {what} lead in a circle; try again later")
        seen.add(following)
        response = yield Request("GET", following, from_root=True)


def read_contact(number: str) -> Conversation[Contact | None]:
    """One contact in full details; None when the account does not know the number. Raises Malformed."""
    return _full((yield _by_number(number)))


def read_contacts(numbers: Iterable[str], take: TakeContact, unread_before: Collection[str] = ()) -> Conversation[None]:
    """Hand every contact to `take` with its number, in the order of `numbers`; many are read at once.

    A document that can't be understood concerns its contact alone, and the others are read. Raises Malformed for
    MOST_UNREAD of them in a row, `unread_before` aside: that theirs still can't be says nothing new of the service.
    """
    unread = 0
    for chunk in _chunks(numbers, MOST_TOGETHER):
        responses: tuple[Response, ...] = yield Together(tuple(map(_by_number, chunk)))
        for number, response in zip(chunk, responses, strict=True):
            try:
                contact, unread = _full(response), 0
            except Malformed:
                unread += number not in unread_before
                if unread >= MOST_UNREAD:
                    raise
                take(number, Unread(number))
            else:
                take(number, contact)


def _by_number(number: str) -> Request:
    return Request("GET", f"/contacts/{number}", may_be_garbled=True)


def _full(response: Response) -> Contact | None:
    if response.status == 404:
        return None
    if not response.ok:
        raise refusal_of(response)
    entry = response.body
    if isinstance(entry, Garbled):
        raise Malformed(f"the account's document of this contact can't be understood: {entry.words}")
    if not isinstance(entry, Entry) or entry.kind != CONTACT_KIND:
        raise Malformed("the account's document of this contact is not what the service documents")
    if entry.lists is None and UPDATED_ELEMENT not in entry.values:
        raise Malformed("the account shows this contact without its details where it documents them")
    return Contact(entry, resolve(entry.edit, response.place) if entry.edit else response.place)


def find_contacts(addresses: Collection[str]) -> Conversation[dict[str, Entry]]:
    """Address → limited entry, of those `addresses` that the account knows, whatever their status.

    A search whose addresses are all unknown may end with a 500, as any search does where the service is down. So it is
    asked a second time beside an address that the account is known to have: among several, unknown ones are passed
    over [D-EMAIL]. What is found is compared, not trusted.
    """
    found: dict[str, Entry] = {}
    wanted = sorted({address.lower() for address in addresses})
    witness = ""

    def take(entries: Sequence[Entry]) -> None:
        found.update((address_of(entry), entry) for entry in entries if entry.kind == CONTACT_KIND)

    for chunk in _chunks(wanted, PAGE_SIZE - 1):  # room for a witness
        asked = [*chunk, *([witness] if witness and witness not in chunk else [])]
        response: Response = yield _search(asked, allow_500=not witness)
        if response.status in _UNKNOWN:
            witness = yield from _find_witness()
            if not witness:
                return {}
            response = yield _search([*chunk, *([witness] if witness not in chunk else [])], allow_500=False)
        yield from turn_on(response, "contacts", take)
    return {address: entry for address, entry in found.items() if address in set(wanted)}


def find_contact(address: str) -> Conversation[Contact | None]:
    """The contact with this address, in full details; None when there is none."""
    found = yield from find_contacts([address])
    return (yield from read_contact(number_of(found[address].id))) if address in found else None


def _search(addresses: Sequence[str], *, allow_500: bool) -> Request:
    # Stored in lower case, and a search minds it [D-EMAIL]; the session encodes "+" and "@".
    pairs = [("email", address) for address in addresses]
    return Request("GET", "/contacts", pairs, may_mean=_UNKNOWN if allow_500 else frozenset())


def _find_witness() -> Conversation[str]:
    """An address that the account has, as it writes it; "" for an account without contacts."""
    first: Response = yield Request("GET", "/contacts")
    entries = expect_feed(first, "contacts").entries
    return next((text for entry in entries if (text := entry.values.get(EMAIL_ELEMENT, "").strip().lower())), "")


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
