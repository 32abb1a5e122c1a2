import re

import pytest

from ctct_etl.account.v1.atom_reading import Malformed, read_document
from ctct_etl.account.v1.atom_writing import changed_contact, new_contact, new_list
from tests.account.v1.documents import LIMITED, MADE_LIST, ROOT, full_entry, held_list

OWNER = "ACTION_BY_CUSTOMER"


def test_a_new_contact_has_the_common_atom_sections_and_default_namespaces():
    assert new_contact(
        {"EmailAddress": "ada@example.org", "LastName": "O'Neil & <Co>"}, [f"{ROOT}/lists/3"], OWNER
    ) == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n"
        b'<entry xmlns="http://www.w3.org/2005/Atom"><title type="text"/>'
        b"<updated>2008-01-01T00:00:00.000Z</updated><author></author><id>data:,none</id>"
        b'<content type="application/vnd.ctct+xml"><Contact xmlns="http://ws.constantcontact.com/ns/1.0/">'
        b"<EmailAddress>ada@example.org</EmailAddress><LastName>O'Neil &amp; &lt;Co&gt;</LastName>"
        b"<OptInSource>ACTION_BY_CUSTOMER</OptInSource><ContactLists>"
        b'<ContactList id="http://api.constantcontact.com/ws/customers/acme/lists/3"/>'
        b"</ContactLists></Contact></content></entry>"
    )


def test_a_new_list_has_its_name_and_is_nobodys_default():
    made = read_document(new_list("Friends & Family 😀"))
    assert made.kind == "ContactList"
    assert made.values == {"OptInDefault": "false", "Name": "Friends & Family 😀", "SortOrder": "1"}


def change(text, values=(), lists=(3, 4)):
    return changed_contact(text.encode(), dict(values), [f"{ROOT}/lists/{number}" for number in lists], OWNER)


def test_a_change_of_nothing_adds_the_opt_in_source_alone():
    before = full_entry({"City": "Bath", "CountryName": "United Kingdom"})
    added = before.replace("<ContactLists>", "<OptInSource>ACTION_BY_CUSTOMER</OptInSource><ContactLists>")
    assert change(before).decode().strip() == re.sub(r"<(\w+)></\1>", r"<\1/>", added).replace(" />", "/>").strip()


def test_a_change_sets_empties_and_adds_elements():
    before = full_entry({"City": "Bath", "Note": "old"}).replace("<JobTitle></JobTitle>", "")
    after = read_document(change(before, {"City": "Wells", "Note": "", "JobTitle": "Engineer"}))
    expected = {
        **read_document(before.encode()).values,
        "City": "Wells",
        "Note": "",
        "JobTitle": "Engineer",
        "OptInSource": OWNER,
    }
    assert after.values == expected


def test_a_list_that_stays_keeps_what_it_holds_and_a_new_one_has_its_id_alone():
    written = change(full_entry(), lists=(4, 7)).decode().replace("/>", " />")
    assert held_list(4) in written
    assert f'</ContactList><ContactList id="{ROOT}/lists/7" />' in written
    assert f"{ROOT}/lists/3" not in written


def test_no_list_leaves_the_element_and_empties_it():
    assert read_document(change(full_entry(), lists=())).lists == ()


def test_a_missing_contact_lists_element_is_added():
    before = full_entry(lists=()).replace("<ContactLists></ContactLists>", "")
    assert read_document(change(before, lists=(3,))).lists == (f"{ROOT}/lists/3",)


def test_a_list_id_broken_over_lines_is_sent_whole():
    before = full_entry().replace(f'"{ROOT}/lists/3"', f'"{ROOT}\n   /lists/3"')
    assert f'<ContactList id="{ROOT}/lists/3"><link' in change(before).decode()


def test_there_is_one_opt_in_source_however_often_a_contact_is_changed():
    once = change(full_entry())
    twice = changed_contact(once, {}, [f"{ROOT}/lists/3", f"{ROOT}/lists/4"], "ACTION_BY_CONTACT")
    assert twice == once.replace(b"ACTION_BY_CUSTOMER", b"ACTION_BY_CONTACT")


def test_what_is_unknown_survives_a_change_where_it_stands():
    far = '<o:Far xmlns:o="urn:o"><o:City>z</o:City></o:Far>'
    more = f'<!-- kept --><New a="1">x<!-- in -->y</New>{far}<Deep><In>w</In></Deep>'
    written = change(full_entry(more=more), {"City": "Bath"}, lists=()).decode()
    assert f"<LastUpdateTime>2013-05-01T10:20:30.120Z</LastUpdateTime>{more}\n" in written


def test_what_stands_around_the_entry_survives_a_change():
    before = full_entry().replace("<entry ", "<!-- before --><?a b?><entry ", 1) + "<!-- after -->"
    written = change(before).decode()
    assert "<!-- before -->" in written and "<?a b?>" in written and written.endswith("<!-- after -->")


def test_a_text_in_pieces_is_replaced_as_a_whole():
    written = change(full_entry({"City": "Ba<!-- kept -->th<![CDATA[ Spa]]>"}), {"City": "Wells"}).decode()
    assert "<City>Wells<!-- kept --></City>" in written


def test_a_document_in_another_encoding_is_sent_in_utf_8():
    content = full_entry({"City": "Zürich"}).replace("UTF-8", "iso-8859-1").encode("iso-8859-1")
    written = changed_contact(content, {}, [], OWNER)
    assert written.startswith(b"<?xml version='1.0' encoding='UTF-8'?>") and "Zürich".encode() in written


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (LIMITED, "only the entry of one contact"),
        (MADE_LIST, "only the entry of one contact"),
        (
            '<entry xmlns="http://www.w3.org/2005/Atom">' + LIMITED.partition("<entry>")[2].replace("</feed>", ""),
            "limited details",
        ),
        (full_entry({"City": "<Part>Bath</Part>"}), "holds elements"),
    ],
)
def test_what_a_put_must_not_be_laid_over_is_refused(text, what):
    with pytest.raises(Malformed, match=what):
        change(text, {"City": "Wells"})


@pytest.mark.parametrize("unfit", ["\x00", "\x0b", "\ud800", "\ufffe", "\x1f"])
def test_a_character_that_xml_cannot_carry_is_refused_by_the_name_of_its_element(unfit):
    for write in (
        lambda: new_contact({"City": f"secret{unfit}"}, [], OWNER),
        lambda: change(full_entry(), {"City": f"secret{unfit}"}),
    ):
        with pytest.raises(ValueError, match=r"^City holds a character that XML can't carry$"):
            write()
    with pytest.raises(ValueError, match=r"^Name holds"):
        new_list(unfit)


@pytest.mark.parametrize(
    ("values", "list_ids", "opt_in_source"),
    [({}, [ROOT], ""), ({}, [ROOT, " "], OWNER), ({"OptInSource": ""}, [], OWNER), ({"ContactLists": ""}, [], OWNER)],
)
def test_neither_an_empty_opt_in_source_nor_an_empty_id_of_a_list_is_sent(values, list_ids, opt_in_source):
    with pytest.raises(ValueError, match="never empty"):
        new_contact(values, list_ids, opt_in_source)
