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
    with opened_file(source) as data:
        rows = cluster_lines(lines_of_file(source, data, ("id", "text")), settings.encoder)
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
    as_json: JsonFlag = False,
) -> None:
    """Measure reading, clustering, tagging and signals against a labelled corpus."""
    from service.flows.language import load_language
    from service.flows.quality_report import evaluate_corpus

    settings = load_settings()
    report = evaluate_corpus(
        corpus,
        load_language(settings.encoder),
        on_progress=lambda stage: note(f"Evaluating {stage} ..."),
    )
    if as_json:
        result_json(report.as_dict())
        return
    rows = [
        (name, f"{value:,}" if isinstance(value, int) else f"{value:.3f}")
        for name, value in report.rows()
    ]
    table(("measure", "value"), rows, right=("value",))
