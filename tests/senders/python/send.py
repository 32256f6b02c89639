"""Sends one trace and one log record with OpenTelemetry's own SDK for Python, and prints the trace id.

usage: send.py (grpc|http) host:port
"""

import logging
import sys

from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

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
    logs = OTLPLogExporter(endpoint=f"http://{endpoint}/v1/logs")

resource = Resource.create({"service.name": "till", "service.version": "1.2.3"})
provider = TracerProvider(resource=resource)
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
    root.set_status(Status(StatusCode.OK))

provider.shutdown()
logger_provider.shutdown()
print(trace.format_trace_id(root.get_span_context().trace_id))
