"""`groundswell cluster-file` and `evaluate`: texts without a store, and how good we are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.console import JsonFlag, note, result, result_json, table
from service.commands.files import DataFile, lines_of_file, opened_file, written_whole
from service.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("cluster-file", epilog="Example: groundswell cluster-file in.jsonl out.jsonl")(
        cluster_file
    )
    app.command(epilog="Example: groundswell evaluate corpus/ --json")(evaluate)


def cluster_file(
    source: DataFile,
    target: Annotated[
        Path, typer.Argument(metavar="OUT.jsonl", dir_okay=False, help="Written when all is done.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Cluster the texts of a file: lines {"id", "text"} in, lines {"id", "cluster", "label",
    "confidence"} out. Cluster -1 waits."""
    from service.flows.cluster_file import cluster_lines
    from service.rendering import to_json

    settings = load_settings()
    # The service's default knows requests; these are any texts, unless the user chose it.
    chosen = [settings.encoder] if "encoder" in settings.model_fields_set else []
    with opened_file(source) as data:
        rows = cluster_lines(lines_of_file(source, data, ("id", "text")), *chosen)
    with written_whole(target) as out:
        for row in rows:
            out.write(to_json(row) + "\n")
    clusters = len({row["cluster"] for row in rows} - {-1})
    waiting = sum(row["cluster"] == -1 for row in rows)
    if as_json:
        result_json({"texts": len(rows), "clusters": clusters, "waiting": waiting})
    else:
        result(f"{len(rows):,} texts: {clusters:,} clusters, {waiting:,} waiting. See {target}.")


def evaluate(
    corpus: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS_DIR",
            exists=True,
            file_okay=False,
            help="accounts.csv, csms.csv, themes.csv, notes.jsonl, gold.jsonl, probes.jsonl.",
        ),
    ],
    review: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Let a reviewer who knows the gold answer the review queue, N times at most, "
            "and show how good the signals are after each ten decisions.",
        ),
    ] = 0,
    peers: Annotated[
        bool,
        typer.Option(
            "--peers",
            help="Stock pipelines beside ours; they need: pip install 'groundswell[peers]'.",
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Measure reading, clustering, tagging and signals against a labelled corpus."""
    from service.commands.reviewing_session import review_of
    from service.flows.language import load_language
    from service.flows.peers import evaluate_peers
    from service.flows.quality_report import evaluate_corpus

    beside = evaluate_peers(corpus, on_progress=_say_stage) if peers else {}
    settings = load_settings()
    language = load_language(settings.encoder, rerank=settings.reranker)
    report = evaluate_corpus(
        corpus,
        language,
        review=review_of(review, language) if review else None,
        on_progress=_say_stage,
    )
    if as_json:
        theirs = {name: peer.as_dict() for name, peer in beside.items()}
        result_json(report.as_dict() | ({"peers": theirs} if theirs else {}))
        return
    heads = ("Groundswell", *beside) if beside else ("value",)
    found = [dict(one.rows()) for one in (report, *beside.values())]
    rows = [(name, *(_cell(figures.get(name)) for figures in found)) for name in found[0]]
    table(("measure", *heads), rows, right=heads)


def _say_stage(stage: str) -> None:
    note(f"Evaluating {stage} ...")


def _cell(value: float | None) -> str:
    """A count or a share; empty where it was not measured."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
