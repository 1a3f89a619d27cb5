"""Parameters refuse what makes no sense, and say which."""

from __future__ import annotations

import json

import pytest

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_cluster_size", 1),
        ("min_requests", 1),
        ("min_samples", 0),
        ("neighbours", 0),
        ("diffusion_steps", -0.5),
        ("size_divisor", 0.0),
        ("assign_line", 1.01),
        ("join_quantile", -0.1),
        ("adopt_quantile", float("nan")),
    ],
)
def test_senseless_value_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        ClusteringParams(**{name: value})  # type: ignore[arg-type]
    assert refused.value.field == name and refused.value.code == "bad_parameter"


def test_params_survive_being_stored_as_json() -> None:
    assert ClusteringParams(**json.loads(json.dumps(DEFAULT_PARAMS.as_dict()))) == DEFAULT_PARAMS
