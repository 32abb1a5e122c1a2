"""Bytes to values and back: a change touches what it names, and any text comes back as it was."""

from xml.sax.saxutils import escape

from hypothesis import example, given
from hypothesis import strategies as st

from ctct_etl.account.v1.atom import changed_contact, new_contact, new_list, read_document
from tests.account.v1.documents import FULL_NAMES, ROOT, full_entry
from tests.account.v1.plain_reading import held_lists, picture, rest

OWNER = "ACTION_BY_CUSTOMER"
# Every character that XML 1.0 can carry, those beyond the basic plane among them.
UNFIT = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r") + "\ufffe\uffff"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=UNFIT), max_size=40)
VALUES = st.dictionaries(st.sampled_from([name for name in FULL_NAMES if name != "Status"]), TEXTS, max_size=9)
LISTS = st.lists(st.integers(1, 9), unique=True, max_size=6)
STRANGERS = st.lists(
    st.sampled_from(
        [
            '<Fax kind="work">5</Fax>',
            "<Fax2/>",
            '<City xmlns="urn:other">far <b>off</b></City>',
            '<o:Deep xmlns:o="urn:o" o:a="1"><o:City xmlns="http://ws.constantcontact.com/ns/1.0/">x</o:City></o:Deep>',
            "<Parts><Part>1</Part><Part/></Parts>",
            "<!-- City -->",
            "<?City x?>",
        ]
    ),
    unique=True,
).map("".join)


def write(text):
    """A carriage return is only kept as a reference: the parser makes a line feed of a bare one."""
    return escape(text, {"\r": "&#13;"})


@given(VALUES, LISTS, STRANGERS)
def test_any_text_is_read_as_it_was_written(values, lists, more):
    document = full_entry({name: write(text) for name, text in values.items()}, lists, more).encode()
    entry = read_document(document)
    ((kind, texts, ids),) = picture(document)
    assert (entry.kind, list(entry.values.items()), list(entry.lists)) == (kind, texts, ids)
    assert {name: entry.values[name] for name in values} == values


@given(VALUES, LISTS, STRANGERS, VALUES, LISTS)
@example({"City": "\r\n"}, [3], "", {"Note": "\r"}, [3, 4])
def test_a_change_keeps_everything_that_it_does_not_name(values, lists, more, changes, wanted):
    document = full_entry({name: write(text) for name, text in values.items()}, lists, more).encode()
    ids = [f"{ROOT}/lists/{number}" for number in wanted]
    before, written = read_document(document), changed_contact(document, changes, ids, OWNER)
    after = read_document(written)
    assert after.values == {**before.values, **changes, "OptInSource": OWNER}
    assert sorted(after.lists) == sorted(ids)
    assert (after.id, after.edit, after.updated) == (before.id, before.edit, before.updated)
    assert rest(written, changes) == rest(document, changes)
    held = held_lists(document)
    bare = {
        name: f'<ns0:ContactList xmlns:ns0="http://ws.constantcontact.com/ns/1.0/" id="{name}"></ns0:ContactList>'
        for name in ids
    }
    assert held_lists(written) == {name: held.get(name, bare[name]) for name in ids}


@given(VALUES, LISTS)
def test_a_new_contact_is_read_back_as_it_was_written(values, lists):
    ids = [f"{ROOT}/lists/{number}" for number in lists]
    made = read_document(new_contact(values, ids, OWNER))
    assert made.values == {**values, "OptInSource": OWNER}
    assert made.lists == tuple(ids)


@given(TEXTS)
def test_a_new_list_keeps_its_name(name):
    assert read_document(new_list(name)).values["Name"] == name


@given(VALUES, LISTS, STRANGERS)
def test_a_change_made_twice_is_the_change_made_once(values, lists, more):
    ids = [f"{ROOT}/lists/{number}" for number in lists]
    once = changed_contact(full_entry(more=more).encode(), values, ids, OWNER)
    assert changed_contact(once, values, ids, OWNER) == once
