"""Every knob of clustering and assignment in one validated, frozen value, kept with each run."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from models.errors import InvalidInput

_LEAST = {
    "min_requests": 2,
    "min_cluster_size": 2,
    "min_samples": 1,
    "max_dimensions": 2,
    "max_fit_dimensions": 2,
    "max_exact_rows": 2,
    "graph_neighbours": 1,
    "neighbours": 1,
    "diffusion_steps": 0,
    "max_split_rows": 2,
}
_SHARES = ("adopt_quantile", "assign_line", "foreign_line", "suggest_line", "join_quantile")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteringParams:
    """One set for collections of 5 to 100,000 requests; nothing here depends on the encoder.

    Attributes:
        min_requests: below this many requests nothing is clustered.
        min_cluster_size: least members of a cluster.
        size_divisor: HDBSCAN first looks for groups of sqrt(requests) / this; smaller ones
            are then looked for in what is left.
        min_samples: HDBSCAN's density neighbourhood, in points.
        max_dimensions: HDBSCAN sees this many principal components; above about 60 it
            leaves its tree algorithms and takes quadratic time.
        max_exact_rows: above this many requests HDBSCAN works on the graph of neighbours.
        graph_neighbours: edges of that graph at each request.
        max_fit_dimensions: components kept for everything else above that many.
        neighbours: how many nearest requests draw each one towards them.
        neighbour_deviations: how far above the background, in standard deviations of the
            similarity of any two requests, a neighbour must lie to count.
        diffusion_steps: how often requests are drawn towards their neighbours, for each
            doubling of the collection beyond 50.
        adopt_quantile: a waiting request joins a cluster when nearer to its mean than this
            share of its members are, 0..1.
        split_deviations: parts of a cluster must be so alike, in the same standard deviations.
        merge_deviations: clusters whose requests are so alike on average are joined.
        max_split_rows: clusters above this size are not split again; nor are more than this
            many clusters, the largest, joined.
        assign_line: least calibrated confidence at which a request goes to an item, 0..1.
        foreign_line: the same for a request in a language that the encoder does not
            understand, 0..1.
        suggest_line: least confidence at which a theme's best item is proposed rather than
            'new item', 0..1.
        join_quantile: a new request joins a proposed theme when nearer to it than this share
            of its own members are, 0..1.
    """

    min_requests: int = 5
    min_cluster_size: int = 2
    size_divisor: float = 6.0
    min_samples: int = 1
    max_dimensions: int = 50
    max_exact_rows: int = 10_000
    graph_neighbours: int = 30
    max_fit_dimensions: int = 64
    neighbours: int = 15
    neighbour_deviations: float = 2.0
    diffusion_steps: float = 1.5
    adopt_quantile: float = 0.1
    split_deviations: float = 2.0
    merge_deviations: float = 5.0
    max_split_rows: int = 4000
    assign_line: float = 0.35
    foreign_line: float = 0.95
    suggest_line: float = 0.2
    join_quantile: float = 0.25

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise _refusal(f"{name} must be at least {least}.", name)
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise _refusal(f"{name} must lie between 0 and 1.", name)
        if not self.size_divisor > 0:
            raise _refusal("size_divisor must be above 0.", "size_divisor")

    def as_dict(self) -> dict[str, int | float]:
        """Plain names and numbers, as stored with a run."""
        return asdict(self)


def _refusal(message: str, name: str) -> InvalidInput:
    return InvalidInput(message, code="bad_parameter", field=name)


DEFAULT_PARAMS = ClusteringParams()
