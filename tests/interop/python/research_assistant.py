"""A service that is not ours: FastAPI and httpx with OpenTelemetry's own instrumentation.

POST /research asks the demo's rag-retrieval service for documents, and so joins its spans to one trace.
"""

import os

import httpx
from fastapi import FastAPI
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.propagators.b3 import B3MultiFormat
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic import BaseModel

OTLP_ENDPOINT = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
RAG_RETRIEVAL_URL = os.environ.get("RAG_RETRIEVAL_URL", "http://127.0.0.1:8082")

provider = TracerProvider(
    resource=Resource.create(
        {"service.name": "research-assistant", "service.version": "1.0.0", "deployment.environment": "development"}
    )
)
provider.add_span_processor(
    BatchSpanProcessor(OTLPSpanExporter(endpoint=OTLP_ENDPOINT, insecure=True), schedule_delay_millis=200)
)
trace.set_tracer_provider(provider)
propagate.set_global_textmap(B3MultiFormat())
HTTPXClientInstrumentor().instrument()

app = FastAPI()
FastAPIInstrumentor.instrument_app(app)


class Question(BaseModel):
    query: str
    top_k: int = 3


@app.post("/research")
async def research(question: Question):
    async with httpx.AsyncClient(base_url=RAG_RETRIEVAL_URL, timeout=15) as client:
        response = await client.post("/retrieve", json=question.model_dump())
        response.raise_for_status()
    trace_id = trace.get_current_span().get_span_context().trace_id
    return {"trace_id": f"{trace_id:032x}", "documents": len(response.json()["documents"])}
