"""The network under the re-ranker: two texts, the lower layers apart, the upper ones together.

A cross-encoder (Nogueira & Cho 2019) whose lower layers see each text alone, so that their
states are worked out once for a text and not once for a pair (PreTTR, MacAvaney et al. 2020).
The pair's score is the cosine of the two texts' mean states, each by then read in the light of
the other, on a learned scale, plus a linear function of the states, plus the cosine of the two
as the plain encoder reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from torch import Tensor

HEAD: Final = ("head.weight", "head.bias", "head.heat", "head.item", "head.plain")
_PRODUCT, _GAP = 200.0, 10.0


def apart(model: Any, tokens: Tensor, mask: Tensor, split: int) -> Tensor:
    """States (n, t, d) of texts after the first `split` layers; `mask` is true on tokens."""
    states = model.embeddings(input_ids=tokens)
    return through(model.encoder.layer[:split], states, mask)


def together(model: Any, states: Tensor, mask: Tensor, split: int) -> Tensor:
    """States (n, t, d) of pairs after the layers from `split` on."""
    return through(model.encoder.layer[split:], states, mask)


def through(layers: Sequence[Any], states: Tensor, mask: Tensor) -> Tensor:
    """Through BERT layers, with plain attention; whatever the library's own kernels do."""
    import torch
    from torch.nn import functional

    count, length, width = states.shape
    barred = torch.zeros(count, 1, 1, length).masked_fill(~mask[:, None, None, :], -1e9)
    for layer in layers:
        attention = layer.attention
        heads = attention.self.num_attention_heads
        shape = (count, length, heads, width // heads)
        query, key, value = (
            part(states).view(shape).transpose(1, 2)
            for part in (attention.self.query, attention.self.key, attention.self.value)
        )
        likeness = query @ key.transpose(2, 3) * (width // heads) ** -0.5
        weights = torch.softmax(likeness + barred.to(likeness.dtype), dim=-1)
        seen = (weights.to(value.dtype) @ value).transpose(1, 2).reshape(count, length, width)
        states = attention.output.LayerNorm(attention.output.dense(seen) + states)
        wide = functional.gelu(layer.intermediate.dense(states))
        states = layer.output.LayerNorm(layer.output.dense(wide) + states)
    return states


def unit_means(states: Tensor, on: Tensor) -> Tensor:
    """Unit rows (n, d), float32: the mean state over the tokens where `on` (n, t) is 1.0."""
    from torch.nn import functional

    mean = (states.float() * on[:, :, None]).sum(1) / on.sum(1, keepdim=True)
    return functional.normalize(mean, dim=1)


def judged(states: Tensor, request: Tensor, item: Tensor, head: dict[str, Tensor]) -> Tensor:
    """Scores (n,) of pairs from their states (n, t, d), the plain cosine left out; float32.

    `request` and `item` are 1.0 on the tokens of each, (n, t); `head` has the names in `HEAD`.
    """
    import torch

    states = states.float()
    one, other = unit_means(states, request), unit_means(states, item)
    product = one * other
    features = torch.cat([states[:, 0], product * _PRODUCT, (one - other).abs() * _GAP], 1)
    linear = features @ head["head.weight"] + head["head.bias"]
    return head["head.heat"].exp() * product.sum(1) + linear
