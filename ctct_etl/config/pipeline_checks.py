"""What a pipeline says that makes no sense, or that names a file which is not there."""

from __future__ import annotations

from collections.abc import Iterator

from ctct_etl.config.formats import missing_parts
from ctct_etl.config.marked_yaml import Document
from ctct_etl.config.notice_targets import TargetRefused, open_target
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.errors import ConfigProblem


def check_pipeline(pipeline: Pipeline, document: Document) -> Iterator[ConfigProblem]:
    """Check a pipeline whose paths are absolute; `document` is what it was read from."""
    yield from _check_consent(pipeline, document)
    yield from _check_absent(pipeline, document)
    yield from _check_notices(document)
    for at, path in enumerate(pipeline.suppress):
        if not path.is_file():
            cure = "mend the path: a missing suppress file is never taken for an empty one"
            yield document.problem(
                ("suppress", at), f"there is no file {document.find(('suppress', at)).written}", cure
            )


def _check_notices(document: Document) -> Iterator[ConfigProblem]:
    """Of the document: a notice that is faulty elsewhere has an address too."""
    for place in document.entries:
        if place[:1] == ("notify",) and place[2:] == ("to",) and place not in document.unset:
            address = document.data["notify"][place[1]]["to"]
            if isinstance(address, str) and address:
                try:
                    open_target(address)
                except TargetRefused as fault:
                    yield document.problem(place, fault.what, fault.cure)


def _check_absent(pipeline: Pipeline, document: Document) -> Iterator[ConfigProblem]:
    if pipeline.absent.action != "remove_from_lists":
        return
    if ("managed_lists",) not in document.entries or document.data["managed_lists"] == []:
        cure = "add `managed_lists: [LIST]`, the lists whose members the source decides"
        yield document.problem(("absent", "action"), "remove_from_lists needs managed_lists", cure)
    rule = pipeline.existing.update
    if rule in ("never", "if_in_no_list"):  # whoever is on a managed list is in a list
        what = f"{rule} leaves alone everybody whom absent.action: remove_from_lists would take off a list"
        yield document.problem(("existing", "update"), what, "choose another rule, or write `action: keep`")


def _check_consent(pipeline: Pipeline, document: Document) -> Iterator[ConfigProblem]:
    consent = pipeline.consent
    if ("consent", "evidence") not in document.entries:
        for path, value in (
            (("consent", "opt_in_source"), consent.opt_in_source),
            (("consent", "permission"), consent.permission),
            (("existing", "deleted"), pipeline.existing.deleted),
        ):
            if value in ("contact", "explicit", "revive_with_evidence"):
                key = "evidence" if path[0] == "consent" else "consent.evidence"
                cure = f"add `{key}: {{date: COLUMN, source: COLUMN}}`"
                yield document.problem(path, f"{path[1]}: {value} needs evidence", cure)
    if consent.evidence is not None:
        missing = missing_parts(consent.evidence.format, year=True)
        if missing:
            place = ("consent", "evidence", "format")
            what = f"the date format has no {' and no '.join(missing)}"
            yield document.problem(place, what, "write directives such as %d, %m and %Y")
