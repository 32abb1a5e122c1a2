"""What the sources leave open, as switches. The first value named is the default, and the harsher reading.

`docs/sandbox.md` has the same table with the reason for each; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Switches:
    # reading
    status_default: Literal["active", "not_deleted"] = "active"
    email_filter_case: Literal["sensitive", "insensitive"] = "sensitive"
    email_filter_finds_deleted: bool = True
    stored_case: Literal["as_sent", "lower"] = "as_sent"
    null_properties: bool = False
    # single writes
    conflict_body: Literal["prefixed", "plain", "no_id"] = "prefixed"
    put_echo_resubscribes: bool = True
    put_omitted_arrays: Literal["kept", "cleared"] = "kept"
    put_omitted_permission: Literal["reset", "kept"] = "reset"
    revival_needs_list: bool = True
    unsubscribed_put_status: Literal[400, 409] = 400
    unsubscribe_clears_lists: bool = True
    repeated_kinds: Literal["refused", "accepted"] = "refused"
    custom_values: Literal["checked", "free"] = "checked"
    custom_field_name: Literal["lower", "keep"] = "lower"
    # dates
    list_change_moves_updated_at: bool = False
    tag_change_moves_updated_at: bool = False
    delete_moves_updated_at: bool = False
    # bulk
    activity_seconds: float = 0.5
    import_blank: Literal["clear", "ignore"] = "clear"
    import_partial_address: Literal["replaced", "merged"] = "replaced"
    import_choice: Literal["ignored", "by_label"] = "ignored"
    import_home_country: Literal["home country", "home_country"] = "home country"
    # mails
    confirmed_opt_in: bool = False
    welcome_lists: tuple[str, ...] = ()
    address_change_sends_welcome: bool = True
    # access
    throttle_window: Literal["sliding", "second"] = "sliding"
    user_role: Literal["owner", "campaign_creator"] = "owner"
    refresh_mode: Literal["rotating", "long_lived"] = "rotating"
    token_seconds: int = 86_400
    # v1: reading
    v1_unknown_email: Literal["empty", 500] = "empty"
    v1_updatedsince: Literal["exclusive", "inclusive"] = "exclusive"
    v1_unconfirmed_group: Literal["none", "active"] = "none"
    v1_next_place: Literal["before_first", "last"] = "before_first"
    v1_next_href: Literal["root_relative", "documented", "relative", "absolute"] = "root_relative"
    v1_created_entry: Literal["full", "limited"] = "full"
    # v1: writing
    v1_phone_length: Literal[25, 50] = 25
    v1_https_ids: Literal["refused", "accepted"] = "refused"
    v1_unknown_elements: Literal["refused", "ignored"] = "refused"
    v1_do_not_mail_post: Literal[409, 403] = 409
    v1_do_not_mail_put: Literal[400, 403] = 400
    v1_address_taken: Literal[409, 400] = 409
    v1_put_omitted: Literal["null", "keep"] = "null"
    v1_put_without_source: Literal["customer", "refused"] = "customer"
    v1_put_id: Literal["checked", "ignored"] = "checked"
    v1_put_opt_in_time: Literal["renewed", "kept"] = "renewed"
    v1_contact_leaves_list: Literal[400, 204] = 400
    # v1: bulk
    v1_import_absent: Literal["cleared", "kept"] = "cleared"
    v1_import_blank: Literal["clear", "ignore"] = "clear"
    v1_import_other_lists: Literal["left", "kept"] = "left"
    v1_import_do_not_mail: Literal["silent", "error"] = "silent"
    # v1: mails
    v1_welcome: Literal["every_create", "by_contact", "sign_up_lists", "never"] = "every_create"
    v1_update_notice: bool = True
    v1_import_welcomes: bool = True
    # v1: access
    v1_foreign_path: Literal[403, 401] = 403
    v1_rate_limit: Literal["none", "gateway"] = "none"
    v1_downtime: bool = False


def read_switches(given: Mapping[str, object] | None) -> Switches:
    """Check names and values; a wrong one raises ValueError that says what is allowed."""
    hints = get_type_hints(Switches)
    checked: dict[str, Any] = {}
    for name, value in (given or {}).items():
        if name not in hints:
            near = get_close_matches(name, hints, n=1)
            raise ValueError(f"no switch {name!r}" + (f", did you mean {near[0]!r}?" if near else ""))
        checked[name] = _check_value(name, value, hints[name])
    return Switches(**checked)


def list_switches() -> dict[str, tuple[object, tuple[object, ...]]]:
    """Each switch with its default and the values it may take (none listed where any number or text will do)."""
    hints = get_type_hints(Switches)
    return {field.name: (field.default, _allowed(hints[field.name])) for field in fields(Switches)}


def _allowed(hint: Any) -> tuple[object, ...]:
    if hint is bool:
        return (True, False)
    return get_args(hint) if get_origin(hint) is Literal else ()


def _check_value(name: str, value: object, hint: Any) -> object:
    allowed = _allowed(hint)
    if allowed:
        if value not in allowed or isinstance(value, bool) != isinstance(allowed[0], bool):
            raise ValueError(f"switch {name!r} can't be {value!r}, only one of {allowed}")
        return value
    if get_origin(hint) is tuple:
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
            raise ValueError(f"switch {name!r} can't be {value!r}, only a list of names")
        return tuple(map(str, value))
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"switch {name!r} can't be {value!r}, only a number from 0 up")
    return hint(value)
