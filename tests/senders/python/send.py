"""Sends one trace and its log records with OpenTelemetry's own SDK for Python, and prints the trace id.

usage: send.py (grpc|http) host:port
"""

import logging
import sys
import time

from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

protocol, endpoint = sys.argv[1:]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from grpc import Compression

    spans = OTLPSpanExporter(endpoint=endpoint, insecure=True, compression=Compression.Gzip)
    logs = OTLPLogExporter(endpoint=endpoint, insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    spans = OTLPSpanExporter(endpoint=f"http://{endpoint}/v1/traces", compression=Compression.Gzip)
    logs = OTLPLogExporter(endpoint=f"http://{endpoint}/v1/logs", compression=Compression.Deflate)

resource = Resource.create({"service.name": "till", "service.version": "1.2.3"})
provider = TracerProvider(resource=resource, span_limits=SpanLimits(max_event_attributes=2))
provider.add_span_processor(BatchSpanProcessor(spans))
tracer = provider.get_tracer("shop", "0.1")

logger_provider = LoggerProvider(resource=resource)
logger_provider.add_log_record_processor(BatchLogRecordProcessor(logs))
logger = logging.getLogger("shop")
logger.addHandler(LoggingHandler(logger_provider=logger_provider))

attributes = {
    "text": "grüße",
    "int": 9007199254740993,
    "double": 0.5,
    "bool": True,
    "texts": ["a", "b"],
    "ints": [1, -2],
    "doubles": [0.25, 2.5],
    "bools": [True, False],
}
with tracer.start_as_current_span("checkout", kind=SpanKind.SERVER, attributes=attributes) as root:
    root.add_event("queued", {"depth": 3})
    links = [Link(root.get_span_context(), {"why": "cause"})]
    with tracer.start_as_current_span("pay", kind=SpanKind.CLIENT, links=links) as child:
        child.set_status(Status(StatusCode.ERROR, "declined"))
        logger.warning("card declined", extra={"attempt": 2})
    elsewhere = SpanContext(
        trace_id=0x0AF7651916CD43DD8448EB211C80319C,
        span_id=0x00F067AA0BA902B7,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        trace_state=TraceState([("vendor", "a=b")]),
    )
    every_value = {
        "text": "Grüße, 世界 🌍",
        "empty.text": "",
        "false": False,
        "int.zero": 0,
        "int.least": -(2**63),
        "int.most": 2**63 - 1,
        "double.whole": 2.0,
        "double.nan": float("nan"),
        "double.infinite": float("-inf"),
        "empty.list": [],
    }
    stock = provider.get_tracer("stock", "2", "https://opentelemetry.io/schemas/1.37.0", {"team": "till"})
    with stock.start_as_current_span("count", links=[Link(elsewhere)], attributes=every_value) as span:
        span.add_event("counted", {"shelf": 3, "by": "hand", "third": "over the limit"}, time.time_ns())
        span.record_exception(ValueError("the shelf is empty"))
        records = logger_provider.get_logger("stock", "2", "https://opentelemetry.io/schemas/1.37.0", {"rank": 7})
        for body in ({"reason": "closed", "tills": [1, 2.5, None, {"open": False}]}, ["a", 2**63 - 1, b"\x01"]):
            records.emit(
                LogRecord(
                    timestamp=time.time_ns(),
                    observed_timestamp=time.time_ns() + 1_000,
                    context=trace.set_span_in_context(span),
                    severity_number=SeverityNumber.DEBUG2,
                    severity_text="fine",
                    body=body,
                    attributes={"raw": b"\x00\xff", "nested": {"deep": {"er": [1]}}},
                    event_name="stock.counted",
                )
            )
    root.set_status(Status(StatusCode.OK))

provider.shutdown()
logger_provider.shutdown()
print(trace.format_trace_id(root.get_span_context().trace_id))
