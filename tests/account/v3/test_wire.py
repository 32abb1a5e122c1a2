from ctct_etl import columns
from ctct_etl.account.v3 import wire


def test_v3_names_every_contact_field_that_it_has():
    assert set(wire.WIRE_NAMES) == set(columns.CONTACT_FIELDS) - columns.ONLY_V1


def test_no_two_fields_share_a_place():
    assert len(set(wire.WIRE_NAMES.values())) == len(wire.WIRE_NAMES)


def test_every_property_of_the_contact_itself_is_among_those_that_a_put_would_null():
    own = {place.key for place in wire.WIRE_NAMES.values() if not place.part}
    assert set(wire.CORE_PROPERTIES) == own | {"birthday_day"}


def test_capabilities_hold_every_field_and_the_open_family_of_custom_fields():
    capabilities = wire.describe_v3()
    assert set(capabilities.fields) == set(wire.WIRE_NAMES) | {columns.CUSTOM_PREFIX}
    assert capabilities.most == {"list": 50, "tag": 50, "custom": 25, "phone": 3}


def test_longest_values_are_those_of_the_service():
    longest = wire.describe_v3().fields
    assert {
        "email": longest["email"],
        "first_name": longest["first_name"],
        "phone.mobile": longest["phone.mobile"],
        "address.home.street": longest["address.home.street"],
        "address.work.city": longest["address.work.city"],
        "custom.": longest["custom."],
    } == {
        "email": 80,
        "first_name": 50,
        "phone.mobile": 25,
        "address.home.street": 255,
        "address.work.city": 50,
        "custom.": 255,
    }


def test_an_import_names_all_but_the_dates():
    assert set(wire.WIRE_NAMES) - set(wire.IMPORT_NAMES) == {"birthday", "anniversary"}
    assert wire.IMPORT_NAMES["address.home.postal_code"] == "zip"
    assert wire.IMPORT_NAMES["address.work.country"] == "work_country"
    assert wire.IMPORT_NAMES["phone.mobile"] == "mobile_phone"


def test_a_whole_postal_address_has_five_parts():
    assert set(wire.WHOLE_ADDRESS) == {"street", "city", "state", "postal_code", "country"}
