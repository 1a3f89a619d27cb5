"""What the load on intake is held against: an endpoint that inserts a note and commits.

python -m benchmarks.bare_endpoint FILE.db PORT
"""

from __future__ import annotations

import json
import sys
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from sqlalchemy import text

from service.storage.engine import Store, open_store

_TABLE = "CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY, body TEXT NOT NULL)"
_INSERT = "INSERT OR IGNORE INTO bare (id, body) VALUES (:id, :body)"


def bare_app(store: Store) -> FastAPI:
    """No signature, no schema, no audit: one row, one commit, on the same engine as ours."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    async def body_of(request: Request) -> bytes:
        return await request.body()

    @app.post("/webhooks/generic")
    def insert(body: bytes = Depends(body_of)) -> dict[str, Any]:
        note = json.loads(body)
        with store.write() as connection:
            connection.execute(text(_INSERT), {"id": note["external_id"], "body": body.decode()})
        return {"accepted": 1}

    return app


def main(database: str, port: int) -> None:
    """Serve until told to stop."""
    store = open_store(f"sqlite:///{database}")
    with store.write() as connection:
        connection.execute(text(_TABLE))
    uvicorn.run(bare_app(store), host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
