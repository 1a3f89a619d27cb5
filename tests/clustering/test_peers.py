"""The stock clusterers find plain groups; those of the extra say how to get them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from clustering.peers import PEERS, check_installed
from models.errors import Unavailable
from tests.clustering.vectors import groups, numbers

SIZES = [40, 40, 40]


@pytest.mark.parametrize("name", PEERS)
def test_each_peer_tells_three_plain_groups_apart(name: str) -> None:
    if name == "EVoC":
        pytest.importorskip("evoc")
    if name.startswith("BERTopic"):
        pytest.importorskip("bertopic")
    rows, truth = groups(SIZES, seed=3), np.array(numbers(SIZES))
    found = PEERS[name]([f"word{group} row{n}" for n, group in enumerate(truth)], rows)
    assert found.dtype == np.int64 and found.shape == (120,)
    mixed = [len(set(truth[found == label])) > 1 for label in set(found.tolist()) - {-1}]
    assert len(mixed) >= 3 and not any(mixed)


def test_a_group_of_one_is_no_cluster_of_average_linkage() -> None:
    found = PEERS["agglomerative"](["a", "b", "c"], groups([2, 1], seed=2))
    assert found[0] == found[1] != -1 and found[2] == -1


def test_a_missing_extra_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(Unavailable, match=r"pip install 'groundswell\[peers\]'") as refused:
        check_installed()
    assert refused.value.code == "peers_missing"
