"""What decisions teach: held-out requests come out better, unlike ones stay as they were."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from clustering import learning
from clustering.assign import ItemIndex, ItemProfile
from clustering.learning import NO_ITEM, Lessons
from clustering.training.annotated import PACKS

Rows = NDArray[np.float32]

ITEMS, WIDTH = 8, 48
NAMES = [f"t{n}" for n in range(ITEMS)]


def unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


class Product:
    """Requests gather round centres; an item's words point somewhere between its own and the
    next one's, so that the untaught judgement errs in a way that can be learned."""

    def __init__(self, each: int = 14, seed: int = 5) -> None:
        rng = np.random.default_rng(seed)
        self.centres = unit(rng.standard_normal((ITEMS, WIDTH)).astype(np.float32))
        texts = unit(0.62 * self.centres + 0.55 * np.roll(self.centres, -1, axis=0))
        self.profiles = [
            ItemProfile(name, "Area", texts[n : n + 1], np.zeros((0, WIDTH), np.float32))
            for n, name in enumerate(NAMES)
        ]
        self.truths = np.repeat(np.arange(ITEMS), each)
        noise = 0.14 * rng.standard_normal((len(self.truths), WIDTH)).astype(np.float32)
        self.vectors = unit(self.centres[self.truths] + noise)
        order = rng.permutation(len(self.truths))
        self.taught, self.held_out = order[::2], order[1::2]

    def lessons(self, rows: NDArray[np.intp], weight: float = 1.0) -> Lessons:
        return Lessons(
            self.vectors[rows],
            [NAMES[n] for n in self.truths[rows]],
            np.full(len(rows), weight, dtype=np.float32),
        )

    def right(self, lessons: Lessons | None = None) -> float:
        """Mean confidence in the true item, of the requests that nobody was asked about."""
        index = ItemIndex.build(self.profiles, "", lessons or learning.NO_LESSONS)
        confidences = index.judged(self.vectors[self.held_out])
        truths = self.truths[self.held_out]
        return float(confidences[np.arange(len(truths)), truths].mean())


@pytest.fixture(scope="module")
def product() -> Product:
    return Product()


def judged(product: Product, lessons: Lessons, rows: Rows) -> Rows:
    return ItemIndex.build(product.profiles, "", lessons).judged(rows)


def one_lesson(row: Rows, truth: str, weight: float = 1.0) -> Lessons:
    return Lessons(row[None, :], [truth], np.array([weight], dtype=np.float32))


def test_what_people_placed_improves_what_they_did_not_see(product: Product) -> None:
    few, many = product.taught[:12], product.taught
    before = product.right()
    assert product.right(product.lessons(few)) > before + 0.02
    assert product.right(product.lessons(many)) > before + 0.15


def test_a_move_takes_what_is_alike_along(product: Product) -> None:
    first, second = product.vectors[product.truths == 2][:2]
    lesson = one_lesson(first, NAMES[2])
    before = judged(product, learning.NO_LESSONS, second[None, :])[0]
    after = judged(product, lesson, second[None, :])[0]
    assert after[2] > before[2] + 0.05
    assert after[1] < before[1]


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_what_belongs_nowhere_lowers_what_is_alike(product: Product, weight: float) -> None:
    first, second = product.vectors[product.truths == 3][:2]
    before = judged(product, learning.NO_LESSONS, second[None, :])[0]
    after = judged(product, one_lesson(first, NO_ITEM, weight), second[None, :])[0]
    assert after.sum() < before.sum()
    assert after.max() < before.max()


def test_what_resembles_no_lesson_is_judged_as_before(product: Product) -> None:
    opposite = -product.vectors[product.truths == 0][:3]
    lesson = one_lesson(product.vectors[product.truths == 0][5], NAMES[0])
    untaught = judged(product, learning.NO_LESSONS, opposite)
    assert np.allclose(judged(product, lesson, opposite), untaught, atol=1e-6)


def test_an_expected_decision_changes_less_than_a_surprising_one() -> None:
    row = unit(np.ones((1, WIDTH), dtype=np.float32))
    lesson = one_lesson(row[0], "t0")
    sizes = []
    for own in (0.97, 0.5, 0.03):
        said = np.array([[own, (1.0 - own) / 2]], dtype=np.float32)
        taught = learning.learn(lesson, ["t0", "t1"], said, 0.2)
        assert taught is not None
        sizes.append(float(np.abs(taught.corrections(row)).sum()))
    assert sizes[0] < 0.1 * sizes[2]
    assert sizes == sorted(sizes)


def test_what_came_with_a_group_teaches_less_than_a_persons_own_word(product: Product) -> None:
    row, other = product.vectors[product.truths == 6][:2]
    before = judged(product, learning.NO_LESSONS, other[None, :])[0, 6]
    half, whole = (
        judged(product, one_lesson(row, NAMES[6], weight), other[None, :])[0, 6]
        for weight in (0.5, 1.0)
    )
    assert before < half < whole


def test_the_order_of_lessons_is_irrelevant(product: Product) -> None:
    there, back = product.lessons(product.taught), product.lessons(product.taught[::-1])
    rows = product.vectors[product.held_out]
    assert np.array_equal(judged(product, there, rows), judged(product, back, rows))


def test_confidences_stay_shares(product: Product) -> None:
    found = judged(product, product.lessons(product.taught), product.vectors)
    assert found.dtype == np.float32
    assert found.min() >= 0.0
    assert found.sum(axis=1).max() <= 1.0 + 1e-6


def test_a_lesson_on_an_item_that_is_gone_is_left_out(product: Product) -> None:
    rows = product.vectors[:4]
    gone = one_lesson(product.vectors[0], "retired")
    assert np.array_equal(judged(product, gone, rows), judged(product, learning.NO_LESSONS, rows))


def test_of_too_many_lessons_the_most_telling_count(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MOST", 20)
    index = ItemIndex.build(product.profiles, "", product.lessons(product.taught))
    assert index._taught is not None and len(index._taught.vectors) == 20
    assert product.right(product.lessons(product.taught)) > product.right() + 0.02


def test_on_a_pack_half_the_spans_teach_the_other_half() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    folder = PACKS / "hotels"
    with (folder / "needs.csv").open(encoding="utf-8", newline="") as file:
        needs = sorted(csv.DictReader(file), key=lambda need: need["need_id"])
    notes = [json.loads(line) for line in (folder / "notes.jsonl").read_text("utf-8").splitlines()]
    spans = [
        (note["text"][span["start"] : span["end"]], span["need"])
        for note in notes
        for span in note["spans"]
        if span["need"]
    ]
    heads = [f"{need['customer_need']}. {need['description']}" for need in needs]
    words = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    table = words.fit_transform([*heads, *(text for text, _ in spans)]).toarray()
    texts, rows = np.split(table.astype(np.float32), [len(heads)])
    names = [need["need_id"] for need in needs]
    none = np.zeros((0, texts.shape[1]), dtype=np.float32)
    profiles = [ItemProfile(n, "", texts[i : i + 1], none) for i, n in enumerate(names)]
    taught = [need for _, need in spans[::2]]
    lessons = Lessons(rows[::2], taught, np.ones(len(taught), dtype=np.float32))
    truths = np.array([names.index(need) for _, need in spans[1::2]])

    def top_1(index: ItemIndex) -> float:
        return float((index.judged(rows[1::2]).argmax(axis=1) == truths).mean())

    untaught = top_1(ItemIndex.build(profiles))
    assert top_1(ItemIndex.build(profiles, "", lessons)) > untaught + 0.02
