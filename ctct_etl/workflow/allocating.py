"""Which allocators tables take their memory from, and what these give back."""

from __future__ import annotations

import contextlib
import ctypes
import gc

import pyarrow as pa

# Parameters of mallopt(3) of the GNU C library. Without a fixed threshold it learns from the first large block that
# is freed to keep such blocks, and each thread keeps its own: what pandas and numpy are done with is never returned.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
# Pages that are asked for anew cost more than what is computed in them, so a column's worth may stay at hand.
_LARGE, _AT_HAND = 4 << 20, 32 << 20  # bytes


def give_back() -> None:
    """Give back what is let go between two large works: what the one needed, the other need not."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)


def choose_allocator() -> None:
    """Let Arrow use jemalloc where it is built in, and have the C library give back what is large; before any table.

    Stages make and drop columns of tens of megabytes. Arrow's usual allocator asks the system for such memory anew
    each time; at a million rows that was a tenth of all processor time, and an eighth more memory at the peak. What
    the C library kept was another fifteenth of the peak.
    """
    with contextlib.suppress(NotImplementedError):
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library than GNU's
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in ((_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _AT_HAND), (_ARENA_MAX, 1)):
            mallopt(parameter, value)
