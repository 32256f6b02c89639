// Sends one trace and one log record with OpenTelemetry's own SDK for Go, and prints the trace id.
// usage: send (grpc|http) host:port
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx := context.Background()
	protocol, endpoint := os.Args[1], os.Args[2]
	var spans sdktrace.SpanExporter
	var logs sdklog.Exporter
	var err error
	if protocol == "grpc" {
		spans, err = otlptracegrpc.New(ctx, otlptracegrpc.WithInsecure(), otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithCompressor("gzip"))
		must(err)
		logs, err = otlploggrpc.New(ctx, otlploggrpc.WithInsecure(), otlploggrpc.WithEndpoint(endpoint))
	} else {
		spans, err = otlptracehttp.New(ctx, otlptracehttp.WithInsecure(), otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		must(err)
		logs, err = otlploghttp.New(ctx, otlploghttp.WithInsecure(), otlploghttp.WithEndpoint(endpoint))
	}
	must(err)
	from := resource.NewSchemaless(attribute.String("service.name", "till"), attribute.String("service.version", "1.2.3"))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(from))
	tracer := provider.Tracer("shop", trace.WithInstrumentationVersion("0.1"))

	first, root := tracer.Start(ctx, "checkout", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("text", "grüße"), attribute.Int64("int", 9007199254740993), attribute.Float64("double", 0.5),
		attribute.Bool("bool", true), attribute.StringSlice("texts", []string{"a", "b"}), attribute.Int64Slice("ints", []int64{1, -2}),
		attribute.Float64Slice("doubles", []float64{0.25, 2.5}), attribute.BoolSlice("bools", []bool{true, false})))
	root.AddEvent("queued", trace.WithAttributes(attribute.Int("depth", 3)))
	second, child := tracer.Start(first, "pay", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithLinks(trace.Link{SpanContext: root.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("why", "cause")}}))
	child.SetStatus(codes.Error, "declined")

	logger := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(logs)), sdklog.WithResource(from))
	var record log.Record
	record.SetTimestamp(time.Now())
	record.SetSeverity(log.SeverityWarn)
	record.SetSeverityText("WARN")
	record.SetBody(attribute.StringValue("card declined"))
	record.AddAttributes(attribute.Int64("attempt", 2))
	logger.Logger("shop").Emit(second, record)

	child.End()
	root.SetStatus(codes.Ok, "")
	root.End()
	must(provider.Shutdown(ctx))
	must(logger.Shutdown(ctx))
	fmt.Println(root.SpanContext().TraceID().String())
}
