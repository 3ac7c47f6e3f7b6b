"""Hashes of runs, made for all runs at once: those of rensa."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rensa import RMinHash

from transforms.shingle_hashes import LONG, hashes_of

LENGTHS = st.integers(4, 70) | st.sampled_from([4, 7, 8, 15, 16, 17, 31, 32, 33, LONG - 1, LONG, LONG + 1, 5 * LONG])


@given(st.lists(st.tuples(st.integers(0, 400), LENGTHS), max_size=20), st.integers(0, 99))
def test_hashes_are_those_of_rensa(runs: list[tuple[int, int]], seed: int) -> None:
    line = Random(seed).randbytes(2_000)
    begins = np.array([begin for begin, _ in runs], np.intp)
    ends = np.array([begin + length for begin, length in runs], np.intp)
    (expected,) = RMinHash.hash_token_sets([[line[begin:end] for begin, end in zip(begins, ends, strict=True)]])
    assert hashes_of(line, begins, ends).tolist() == [found >> 32 for found in expected]


@pytest.mark.parametrize("run", [b"abcd", b"a b c d", b"the ferry sails again", b"x" * LONG])
def test_a_line_may_be_one_run(run: bytes) -> None:
    ((expected,),) = RMinHash.hash_token_sets([[run]])
    assert hashes_of(run, np.array([0]), np.array([len(run)])).tolist() == [expected >> 32]
