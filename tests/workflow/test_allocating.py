from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from ctct_etl.workflow.allocating import choose_allocator


@pytest.fixture(autouse=True)
def usual_pool() -> Iterator[pa.MemoryPool]:
    usual = pa.default_memory_pool()
    yield usual
    pa.set_memory_pool(usual)


@pytest.mark.skipif("jemalloc" not in pa.supported_memory_backends(), reason="this build of Arrow has no jemalloc")
def test_arrow_allocates_with_jemalloc_where_it_is_built_in():
    pa.set_memory_pool(pa.system_memory_pool())
    choose_allocator()
    assert pa.default_memory_pool().backend_name == "jemalloc"


def test_where_it_is_not_built_in_the_usual_allocator_stays(monkeypatch):
    def refuse() -> pa.MemoryPool:
        raise NotImplementedError("This build of Arrow has no jemalloc")

    monkeypatch.setattr(pa, "jemalloc_memory_pool", refuse)
    pa.set_memory_pool(pa.system_memory_pool())
    choose_allocator()
    assert pa.default_memory_pool().backend_name == "system"
