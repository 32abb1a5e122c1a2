from __future__ import annotations

import platform
import subprocess
import sys
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


KEPT = """
import numpy as np
from ctct_etl.workflow.allocating import choose_allocator
if {choose}:
    choose_allocator()
held = lambda: int(open("/proc/self/statm").read().split()[1]) * 4096
np.ones(3 << 20)  # 24 MB, let go at once: what the C library learns from
before = held()
large, small = [], []
for _ in range(40):
    large.append(np.ones(1 << 19))
    small.append(bytes(5000))  # what stays between them
large.clear()
print(held() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the parameters are those of the GNU C library")
def test_large_blocks_that_are_let_go_are_given_back_to_the_system():
    """160 MB in blocks of 4 MB, with something small that stays between them."""
    kept = {}
    for choose in (False, True):
        answer = subprocess.run([sys.executable, "-c", KEPT.format(choose=choose)], capture_output=True, check=True)
        kept[choose] = int(answer.stdout)
    assert kept[False] > 100e6 and kept[True] < 20e6
