"""Which test shows that a key of the configs, or a word of an enumeration, changes an outcome.

By file and key, as the table in docs/config.md spells them: the test that covers the key, or one test a word.
"""

from __future__ import annotations

LOADING = "tests/config/test_loading.py"
# The only value that is built; what else the design has there is refused as not built yet.
NEUTRAL = "tests/config/test_wrong.py::test_every_fault_is_told_at_once_with_place_and_cure"
DELIMITED = "tests/sources/test_delimited.py"
LOCATING = "tests/sources/test_locating.py"
PERMITTING = "tests/stages/test_permitting.py"
GUARDING = "tests/stages/test_guarding.py::test_a_configured_limit_replaces_the_default"
CONDITIONS = "tests/stages/test_conditions.py::test_a_condition_selects_by_trimmed_text_whatever_its_letter_case"
TRANSFORMS = "tests/stages/test_transforms.py::test_each_transform_does_what_its_name_says"
TRANSLATIONS = "tests/stages/test_translations.py"
DIFFING = "tests/stages/test_diffing.py::test_the_policy_of_a_field_masks_the_opinion"
UPDATE_RULE = f"{PERMITTING}::test_the_rule_of_updates_leaves_alone_whom_it_does_not_select"
EVIDENCE = f"{PERMITTING}::test_a_consent_of_the_person_needs_evidence_that_is_readable_and_not_in_the_future"

EFFECTS: dict[str, str | dict[str, str]] = {
    # -- pipeline ----------------------------------------------------------------------------------------------------
    "pipeline account": f"{LOADING}::TestTheAccountThatIsUsed::test_needs_its_variables_and_others_do_not",
    "pipeline source.path": f"{LOCATING}::test_a_glob_is_read_in_the_order_of_relative_paths",
    "pipeline source.sheet": "tests/sources/test_workbook.py"
    "::test_sheets_are_asked_for_by_name_or_number_and_come_in_that_order",
    "pipeline source.header_row": "tests/sources/test_reading.py::test_a_header_row_that_is_given_wins",
    "pipeline source.encoding": f"{DELIMITED}::test_a_given_encoding_wins",
    "pipeline source.delimiter": f"{DELIMITED}::test_a_given_delimiter_wins",
    "pipeline source.pick": {
        "all": f"{LOCATING}::test_a_glob_is_read_in_the_order_of_relative_paths",
        "newest": f"{LOCATING}::test_pick_newest_takes_one_file_and_the_last_name_of_equals",
    },
    "pipeline source.fresh_within": f"{LOCATING}::test_an_older_file_is_an_error_and_no_empty_change",
    "pipeline mapping": f"{LOADING}::TestPaths::test_are_relative_to_the_file_that_names_them",
    "pipeline existing.update": {"always": UPDATE_RULE, "never": UPDATE_RULE, "if_in_no_list": UPDATE_RULE},
    "pipeline existing.update.if_in": UPDATE_RULE,
    "pipeline existing.update.if_not_in": UPDATE_RULE,
    "pipeline existing.deleted": {"skip": f"{PERMITTING}::test_a_deleted_contact_is_left_alone"},
    "pipeline new.create": {
        "false": f"{PERMITTING}::test_nobody_is_created_where_the_pipeline_says_so",
        "true": f"{PERMITTING}::test_the_rule_of_updates_says_nothing_of_people_the_account_does_not_have",
    },
    "pipeline absent.action": {"keep": NEUTRAL},
    "pipeline managed_lists": NEUTRAL,
    "pipeline notify": NEUTRAL,
    "pipeline consent.opt_in_source": {"contact": EVIDENCE},
    "pipeline consent.permission": {"explicit": EVIDENCE},
    "pipeline consent.evidence": EVIDENCE,
    **{
        f"pipeline guards.{guard}": GUARDING
        for guard in (
            "max_updates", "max_creates", "max_rejected", "max_clears", "max_field_change", "min_rows", "budget",
        )
    },
    # -- mapping -----------------------------------------------------------------------------------------------------
    "mapping <condition>.column": CONDITIONS,
    "mapping <condition>.equals": CONDITIONS,
    "mapping <condition>.in": CONDITIONS,
    "mapping <condition>.not_in": CONDITIONS,
    "mapping <condition>.blank": {"true": CONDITIONS},
    "mapping <condition>.not_blank": {"true": CONDITIONS},
    "mapping <condition>.matches": CONDITIONS,
    "mapping fields.<field>.template": "tests/stages/test_templates.py"
    "::test_a_blank_part_is_dropped_and_all_blank_is_no_value",
    "mapping fields.<field>.transform": dict.fromkeys(
        ("trim", "squeeze", "upper", "lower", "title_case", "digits"), TRANSFORMS
    ),
    "mapping fields.<field>.transform[].zfill": TRANSFORMS,
    "mapping fields.<field>.transform[].remove_prefix": TRANSFORMS,
    "mapping fields.<field>.transform[].remove_suffix": TRANSFORMS,
    "mapping fields.<field>.values": f"{TRANSLATIONS}"
    "::test_a_value_is_found_by_trimmed_text_whatever_its_letter_case",
    "mapping fields.<field>.default": f"{TRANSLATIONS}"
    "::test_a_default_is_for_blank_and_unmatched_but_not_for_what_is_translated_to_nothing",
    "mapping fields.<field>.on_update": {"overwrite": DIFFING, "fill": DIFFING, "never": DIFFING},
    # -- accounts ----------------------------------------------------------------------------------------------------
    "accounts accounts.<name>.dialect": {
        "v3": f"{LOADING}::TestTheAccountThatIsUsed::test_of_the_service_has_its_values_typed",
        "v1": f"{LOADING}::TestTheAccountThatIsUsed::test_may_be_no_account_of_a_dialect_not_built_and_others_may",
    },
    "accounts accounts.<name>.sandbox": f"{LOADING}::TestAccountsFile::test_is_found_by_walking_up",
    "accounts accounts.<name>.import_list": "tests/account/v3/test_routing.py"
    "::test_updates_without_a_wanted_list_ride_the_accounts_import_list",
}  # fmt: skip

# Keys, and words of keys, whose effect no test shows yet. It may only shrink: an entry that has a test must leave.
STILL_WITHOUT_TEST: frozenset[str] = frozenset(
    {
        "accounts accounts.<name>.access_token",
        "accounts accounts.<name>.base_url",
        "accounts accounts.<name>.client_id",
        "accounts accounts.<name>.limits: off",
        "accounts accounts.<name>.limits: on",
        "accounts accounts.<name>.requests_per_day",
        "accounts accounts.<name>.requests_per_second",
        "mapping dedupe.merge: fill_blanks",
        "mapping dedupe.merge: winner_only",
        "mapping dedupe.prefer.format",
        "mapping dedupe.prefer.newest",
        "mapping dedupe.prefer.oldest",
        "mapping dedupe.prefer: first",
        "mapping dedupe.prefer: last",
        "mapping dedupe.prefer: most_complete",
        "mapping fields.<field>.blank: clear",
        "mapping fields.<field>.blank: keep",
        "mapping fields.<field>.column",
        "mapping fields.<field>.format",
        "mapping fields.<field>.invalid: ignore",
        "mapping fields.<field>.invalid: reject",
        "mapping fields.<field>.invalid: stop",
        "mapping fields.<field>.many: first",
        "mapping fields.<field>.many: reject",
        "mapping fields.<field>.region",
        "mapping fields.<field>.type: date",
        "mapping fields.<field>.type: phone",
        "mapping fields.<field>.type: text",
        "mapping lists",
        "mapping lists[].column",
        "mapping lists[].list",
        "mapping lists[].split",
        "mapping lists[].values",
        "mapping lists[].when",
        "mapping opted_out",
        "mapping rows.where",
        "mapping tags",
        "mapping tags[].column",
        "mapping tags[].split",
        "mapping tags[].tag",
        "mapping tags[].values",
        "mapping tags[].when",
        "pipeline consent.evidence.date",
        "pipeline consent.evidence.format",
        "pipeline consent.evidence.source",
        "pipeline consent.opt_in_source: account",
        "pipeline consent.permission: implicit",
        "pipeline create_missing: custom_fields",
        "pipeline create_missing: lists",
        "pipeline create_missing: tags",
        "pipeline name",
        "pipeline suppress",
    }
)
MOST_WITHOUT_TEST = 52
