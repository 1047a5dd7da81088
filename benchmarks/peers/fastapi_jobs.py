"""GET /jobs/{id} as a FastAPI service would have it: uvicorn with uvloop and httptools, asyncpg.

It reads the same rows of the same tables as freightd, checks the same key (remembered for half a
second), and answers the same members. Run by uvicorn; FREIGHT_URL names the database.
"""

import hashlib
import json
import os
import time
from datetime import datetime, timezone
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Request, Response

app = FastAPI()
keys = {}

JOB = """
SELECT j.*, s.spec FROM freight.migration_jobs AS j
JOIN freight.migration_job_specs AS s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id
WHERE j.tenant_id = $1 AND j.job_id = $2 AND j.deleted_at IS NULL
"""


@app.on_event("startup")
async def connect():
    app.state.pool = await asyncpg.create_pool(os.environ["FREIGHT_URL"], min_size=4, max_size=4)


async def tenant_of(secret):
    digest = hashlib.sha256(secret.encode()).hexdigest()
    known = keys.get(digest)
    if known is None or known[1] < time.monotonic():
        tenant = await app.state.pool.fetchval(
            "SELECT tenant_id FROM freight.api_keys WHERE secret_hash = $1 AND revoked_at IS NULL", digest)
        known = keys[digest] = (tenant, time.monotonic() + 0.5)
    return known[0]


def when(microseconds):
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds / 1e6, timezone.utc).isoformat()


@app.get("/api/v1/jobs/{job_id}")
async def get_job(job_id: UUID, request: Request):
    tenant = await tenant_of(request.headers.get("authorization", "")[7:])
    if tenant is None:
        return Response(status_code=401)
    row = await app.state.pool.fetchrow(JOB, tenant, job_id)
    if row is None:
        return Response(status_code=404)
    return {
        "id": row["job_id"], "tenant_id": row["tenant_id"], "name": row["name"], "status": row["status"],
        "priority": row["priority"], "labels": json.loads(row["labels"] or "{}"),
        "progress": {
            "records_total": row["records_planned"], "read": row["records_read"],
            "succeeded": row["records_succeeded"], "rejected": row["records_rejected"],
            "skipped": row["records_skipped"], "filtered": row["records_filtered"],
            "with_warnings": row["records_with_warnings"], "bytes_total": row["bytes_total"],
            "bytes_read": row["bytes_read"], "batches_total": row["batches_total"],
            "batches_completed": row["batches_completed"], "batches_failed": row["batches_failed"],
        },
        "waiting_on": row["waiting_on"], "error": row["error"], "spec": json.loads(row["spec"]),
        "created_at": when(row["created_at"]), "started_at": when(row["started_at"]),
        "finished_at": when(row["finished_at"]), "updated_at": when(row["updated_at"]),
    }  # fmt: skip
