import json

import pytest

from ctct_etl.account.encoding import encode_body


def test_a_body_is_compact_utf_8():
    assert encode_body({"a": [1, "é"], "b": None}) == '{"a":[1,"é"],"b":null}'.encode()


def test_what_is_no_json_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_body({"a": float("nan")})


def test_half_of_a_surrogate_pair_is_echoed_as_it_was_read():
    read = json.loads('{"a": "\\ud83d x", "b": "é"}')
    assert json.loads(encode_body(read)) == read
