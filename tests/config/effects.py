"""Which test shows that a key of the configs, or a word of an enumeration, changes an outcome.

By file and key, as the table in docs/config.md spells them: the test that covers the key, or one test a word.
"""

from __future__ import annotations

LOADING = "tests/config/test_loading.py"
NOTIFYING = "tests/cli/test_notifying.py"
ABSENTING = "tests/stages/test_absenting.py"
DELIMITED = "tests/sources/test_delimited.py"
LOCATING = "tests/sources/test_locating.py"
PERMITTING = "tests/stages/test_permitting.py"
GUARDING = "tests/stages/test_guarding.py::test_a_configured_limit_replaces_the_default"
CONDITIONS = "tests/stages/test_conditions.py::test_a_condition_selects_by_trimmed_text_whatever_its_letter_case"
TRANSFORMS = "tests/stages/test_transforms.py::test_each_transform_does_what_its_name_says"
TRANSLATIONS = "tests/stages/test_translations.py"
DIFFING = "tests/stages/test_diffing.py::test_the_policy_of_a_field_masks_the_opinion"
RESPECTING = (
    "tests/stages/test_respecting.py::test_what_is_edited_in_the_account_stays_and_what_is_not_follows_the_source"
)
UPDATE_RULE = f"{PERMITTING}::test_the_rule_of_updates_leaves_alone_whom_it_does_not_select"
EVIDENCE = f"{PERMITTING}::test_a_consent_of_the_person_needs_evidence_that_is_readable_and_not_in_the_future"

MAPPING = "tests/stages/test_mapping.py"
RULES = f"{MAPPING}::test_a_field_is_made_by_its_rule"
INVALID = "tests/workflow/test_planning.py::test_a_cell_that_stops_the_run_does_so_before_anything_is_planned"
CLEANING = "tests/stages/test_cleaning.py"
MEMBERSHIPS = "tests/stages/test_memberships.py"
READD = "tests/workflow/test_deriving.py::test_who_left_a_list_is_put_back_only_where_the_mapping_says_readd"
TAGS = f"{MEMBERSHIPS}::test_tags_that_cells_name_are_split_and_translated_as_lists_are"
WHEN = f"{MEMBERSHIPS}::test_a_condition_chooses_the_rows_of_a_list_or_tag"
PREFER = "tests/stages/test_deduping.py::test_one_row_of_an_address_wins_and_the_others_name_it"
DERIVING = "tests/workflow/test_deriving.py"
PUT_ON = f"{DERIVING}::test_lists_and_tags_of_the_mapping_are_put_on_where_they_are_missing"
MERGE = f"{DERIVING}::test_the_merge_decides_whose_values_a_contact_gets"
GIVEN_CONSENT = f"{DERIVING}::test_new_contacts_get_the_consent_that_the_pipeline_says_and_its_evidence"
READ_EVIDENCE = f"{DERIVING}::test_evidence_is_read_from_its_columns_by_its_format"
CREATED = (
    "tests/workflow/test_account_checks.py"
    "::test_what_create_missing_allows_becomes_a_prerequisite_and_nothing_else_does"
)
EXPECTING = "tests/workflow/test_expecting.py"
EVERY_EXPECTATION = "tests/checks/test_expectations.py::test_what_fails_is_said_in_plain_words"
ON_FAIL = {
    "reject": f"{EXPECTING}::test_a_row_that_fails_is_rejected_before_rows_of_one_address_are_merged",
    "warn": f"{EXPECTING}::test_a_warning_leaves_the_row_as_it_is_and_is_told_with_its_cell",
    "stop": f"{EXPECTING}::test_a_row_that_fails_an_expectation_that_stops_is_named",
}
SUITE = f"{EXPECTING}::test_a_suite_is_shared_by_its_path_relative_to_the_mapping_and_its_hash_is_in_the_plan"
WATCHING = "tests/stages/test_suspecting.py::test_a_check_warns_unless_it_is_turned_off"
JUMPING = "tests/stages/test_jumping.py::test_the_look_can_be_turned_off"
WATCHING_COLUMNS = "tests/stages/test_suspecting_columns.py::test_each_check_can_be_turned_off"
OPENING = "tests/account/test_opening.py"
LOGGING_IN = "tests/workflow/test_logging_in.py"
SENT = f"{OPENING}::test_requests_go_to_the_base_url_and_carry_the_access_token"
V1_ACCESS = f"{OPENING}::test_an_account_of_v1_is_found_by_its_user_and_let_in_by_key_and_password_or_token"
LIMITS = f"{OPENING}::test_limits_are_the_services_own_unless_the_file_says_otherwise"

EFFECTS: dict[str, str | dict[str, str]] = {
    # -- pipeline ----------------------------------------------------------------------------------------------------
    "pipeline name": "tests/workflow/test_planning.py::test_the_plan_says_what_it_was_made_of",
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
    "pipeline existing.deleted": {
        "skip": f"{PERMITTING}::test_a_deleted_contact_is_left_alone",
        "revive_with_evidence": "tests/stages/test_reviving.py"
        "::test_a_consent_given_after_the_deletion_brings_the_contact_back_with_lists_tags_and_fields",
    },
    "pipeline new.create": {
        "false": f"{PERMITTING}::test_nobody_is_created_where_the_pipeline_says_so",
        "true": f"{PERMITTING}::test_the_rule_of_updates_says_nothing_of_people_the_account_does_not_have",
    },
    "pipeline absent.action": {
        "keep": f"{ABSENTING}::test_keeping_them_counts_them_all_the_same",
        "remove_from_lists": f"{ABSENTING}::test_who_is_on_a_managed_list_and_in_no_row_is_taken_off",
    },
    "pipeline managed_lists": f"{ABSENTING}::test_who_is_on_a_managed_list_and_in_no_row_is_taken_off",
    "pipeline keep": "tests/cli/test_pruning.py::test_keep_removes_old_runs_of_its_pipeline_as_a_run_ends",
    "pipeline notify": f"{NOTIFYING}::test_a_webhook_is_told_by_post_how_the_run_ended",
    "pipeline notify[].to": f"{NOTIFYING}::test_a_webhook_is_told_by_post_how_the_run_ended",
    "pipeline notify[].when": dict.fromkeys(
        ("failure", "guard", "recovery", "always"), f"{NOTIFYING}::test_who_is_told_of_which_end"
    ),
    "pipeline create_missing": dict.fromkeys(("lists", "tags", "custom_fields"), CREATED),
    "pipeline consent.opt_in_source": {"account": GIVEN_CONSENT, "contact": EVIDENCE},
    "pipeline consent.permission": {"implicit": GIVEN_CONSENT, "explicit": EVIDENCE},
    "pipeline consent.evidence": EVIDENCE,
    "pipeline consent.evidence.date": READ_EVIDENCE,
    "pipeline consent.evidence.format": READ_EVIDENCE,
    "pipeline consent.evidence.source": f"{DERIVING}::test_the_source_of_the_evidence_has_to_be_filled_in",
    "pipeline suppress": "tests/workflow/test_planning.py::test_addresses_of_a_suppression_file_are_skipped",
    **{
        f"pipeline guards.{guard}": GUARDING
        for guard in (
            "max_updates", "max_creates", "max_removals", "max_rejected", "max_clears", "max_field_change",
            "max_readds", "max_shrink", "unreadable_addresses", "min_rows", "budget",
        )
    },
    # -- mapping -----------------------------------------------------------------------------------------------------
    "mapping rows.where": f"{DERIVING}::test_a_rule_that_leaves_rows_out_changes_their_outcome",
    "mapping opted_out": f"{DERIVING}"
    "::test_who_opted_out_is_not_created_and_joins_no_list_though_the_fields_follow",
    "mapping <condition>.column": CONDITIONS,
    "mapping <condition>.equals": CONDITIONS,
    "mapping <condition>.in": CONDITIONS,
    "mapping <condition>.not_in": CONDITIONS,
    "mapping <condition>.blank": {"true": CONDITIONS},
    "mapping <condition>.not_blank": {"true": CONDITIONS},
    "mapping <condition>.matches": CONDITIONS,
    "mapping fields.<field>.column": RULES,
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
    "mapping fields.<field>.type": dict.fromkeys(("text", "date", "phone"), RULES),
    "mapping fields.<field>.format": RULES,
    "mapping fields.<field>.region": RULES,
    "mapping fields.<field>.invalid": dict.fromkeys(("ignore", "reject", "stop"), INVALID),
    "mapping fields.<field>.on_update": {
        "overwrite": DIFFING, "fill": DIFFING, "never": DIFFING, "respect_edits": RESPECTING,
    },
    "mapping fields.<field>.blank": {"keep": RULES, "clear": RULES},
    "mapping fields.<field>.many": {
        "reject": f"{CLEANING}::test_a_row_without_a_readable_address_is_rejected_with_the_cure",
        "first": f"{CLEANING}::test_the_first_of_several_addresses_is_taken_where_the_mapping_says_so",
    },
    "mapping lists": PUT_ON,
    "mapping lists[].column": f"{MEMBERSHIPS}"
    "::test_a_cell_is_split_and_its_parts_are_trimmed_and_blank_ones_dropped",
    "mapping lists[].split": f"{MEMBERSHIPS}"
    "::test_a_cell_is_split_and_its_parts_are_trimmed_and_blank_ones_dropped",
    "mapping lists[].values": f"{MEMBERSHIPS}"
    "::test_values_go_by_trimmed_text_and_what_they_do_not_name_stands",
    "mapping lists[].list": WHEN,
    "mapping lists[].when": WHEN,
    "mapping lists[].readd": dict.fromkeys(("true", "false"), READD),
    "mapping tags": PUT_ON,
    "mapping tags[].column": TAGS,
    "mapping tags[].split": TAGS,
    "mapping tags[].values": TAGS,
    "mapping tags[].tag": WHEN,
    "mapping tags[].when": WHEN,
    "mapping dedupe.prefer": {
        "last": PREFER,
        "first": PREFER,
        "most_complete": "tests/stages/test_deduping.py::test_the_most_complete_row_wins",
    },
    "mapping dedupe.prefer.newest": PREFER,
    "mapping dedupe.prefer.oldest": PREFER,
    "mapping dedupe.prefer.format": f"{MAPPING}"
    "::test_the_order_of_rows_is_read_for_newest_and_an_unreadable_one_is_a_warning",
    "mapping dedupe.merge": {"winner_only": MERGE, "fill_blanks": MERGE},
    "mapping expectations": f"{EXPECTING}::test_a_row_that_fails_is_rejected_before_rows_of_one_address_are_merged",
    "mapping expectations[].expect": EVERY_EXPECTATION,
    "mapping expectations[].on_fail": ON_FAIL,
    "mapping expectations[].when": f"{EXPECTING}::test_when_chooses_the_rows_that_an_expectation_is_about",
    "mapping expectations[].suite": SUITE,
    **{
        f"mapping checks{key}": dict.fromkeys(("warn", "off"), WATCHING)
        for key in (
            "", ".typo_domains", ".role_addresses", ".garbled_text", ".spreadsheet_traces", ".misplaced_values",
            ".couples",
        )
    },
    "mapping checks.ambiguous_dates": dict.fromkeys(("warn", "off"), WATCHING_COLUMNS),
    "mapping checks.swapped_columns": dict.fromkeys(("warn", "off"), WATCHING_COLUMNS),
    "mapping checks.jumps": dict.fromkeys(("warn", "off"), JUMPING),
    # -- suite -------------------------------------------------------------------------------------------------------
    "suite expectations": SUITE,
    "suite expectations[].expect": SUITE,
    "suite expectations[].on_fail": ON_FAIL,
    "suite expectations[].when": f"{EXPECTING}::test_when_chooses_the_rows_that_an_expectation_is_about",
    # -- accounts ----------------------------------------------------------------------------------------------------
    "accounts accounts.<name>.dialect": {
        "v3": f"{LOADING}::TestTheAccountThatIsUsed::test_of_the_service_has_its_values_typed",
        "v1": f"{LOADING}::TestTheAccountThatIsUsed::test_of_the_older_dialect_has_its_values_typed",
    },
    "accounts accounts.<name>.sandbox": f"{LOADING}::TestAccountsFile::test_is_found_by_walking_up",
    "accounts accounts.<name>.limits": {
        "on": f"{OPENING}::test_a_sandbox_has_the_services_limits_too",
        "off": f"{OPENING}::test_limits_off_are_no_pace_and_no_budget",
    },
    "accounts accounts.<name>.username": V1_ACCESS,
    "accounts accounts.<name>.password": V1_ACCESS,
    "accounts accounts.<name>.api_key": f"{OPENING}::test_the_days_requests_of_v1_are_counted_for_the_key",
    "accounts accounts.<name>.custom_fields": "tests/account/v1/test_reading.py"
    "::test_a_custom_field_is_read_and_written_by_its_number",
    "accounts accounts.<name>.client_id": f"{OPENING}"
    "::test_the_days_requests_are_counted_for_the_client_id_whatever_the_account_is_called",
    "accounts accounts.<name>.client_secret": f"{LOGGING_IN}::test_an_application_with_a_secret_proves_itself_by_it",
    "accounts accounts.<name>.auth_url": f"{LOGGING_IN}::test_tokens_are_fetched_from_the_auth_url",
    "accounts accounts.<name>.access_token": SENT,
    "accounts accounts.<name>.base_url": SENT,
    "accounts accounts.<name>.requests_per_second": LIMITS,
    "accounts accounts.<name>.requests_per_day": LIMITS,
    "accounts accounts.<name>.import_list": "tests/account/v3/test_routing.py"
    "::test_updates_without_a_wanted_list_ride_the_accounts_import_list",
}  # fmt: skip

# Keys, and words of keys, whose effect no test shows yet. It may only shrink: an entry that has a test must leave.
STILL_WITHOUT_TEST: frozenset[str] = frozenset()
MOST_WITHOUT_TEST = 0
