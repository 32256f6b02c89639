// Sends one trace and its log records with OpenTelemetry's own SDK for Go, and prints the trace id.
// usage: send (grpc|http) host:port
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
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
		logs, err = otlploghttp.New(ctx, otlploghttp.WithInsecure(), otlploghttp.WithEndpoint(endpoint), otlploghttp.WithCompression(otlploghttp.GzipCompression))
	}
	must(err)
	from := resource.NewSchemaless(attribute.String("service.name", "till"), attribute.String("service.version", "1.2.3"))
	limits := sdktrace.NewSpanLimits()
	limits.AttributePerEventCountLimit = 2
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(from), sdktrace.WithRawSpanLimits(limits))
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
	everyValue(first, provider, logger)
	root.SetStatus(codes.Ok, "")
	root.End()
	must(provider.Shutdown(ctx))
	must(logger.Shutdown(ctx))
	fmt.Println(root.SpanContext().TraceID().String())
}

func everyValue(ctx context.Context, provider trace.TracerProvider, logger log.LoggerProvider) {
	const schema = "https://opentelemetry.io/schemas/1.37.0"
	tracer := provider.Tracer("stock", trace.WithInstrumentationVersion("2"), trace.WithSchemaURL(schema),
		trace.WithInstrumentationAttributes(attribute.String("team", "till")))
	state, err := trace.ParseTraceState("vendor=a-b")
	must(err)
	elsewhere := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    trace.TraceID{0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c},
		SpanID:     trace.SpanID{0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
		TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true})
	ctx, span := tracer.Start(ctx, "count", trace.WithLinks(trace.Link{SpanContext: elsewhere}), trace.WithAttributes(
		attribute.String("text", "Grüße, 世界 🌍"), attribute.String("empty.text", ""), attribute.Bool("false", false),
		attribute.Int64("int.zero", 0), attribute.Int64("int.least", math.MinInt64), attribute.Int64("int.most", math.MaxInt64),
		attribute.Float64("double.whole", 2), attribute.Float64("double.nan", math.NaN()),
		attribute.Float64("double.infinite", math.Inf(-1)), attribute.StringSlice("empty.list", []string{})))
	span.AddEvent("counted", trace.WithAttributes(
		attribute.Int("shelf", 3), attribute.String("by", "hand"), attribute.String("third", "over the limit")))
	span.RecordError(errors.New("the shelf is empty"), trace.WithStackTrace(true))
	records := logger.Logger("stock", log.WithInstrumentationVersion("2"), log.WithSchemaURL(schema),
		log.WithInstrumentationAttributes(attribute.Int("rank", 7)))
	key := func(name string, value attribute.Value) attribute.KeyValue {
		return attribute.KeyValue{Key: attribute.Key(name), Value: value}
	}
	for _, body := range []attribute.Value{
		attribute.MapValue(attribute.String("reason", "closed"), key("tills", attribute.SliceValue(attribute.IntValue(1),
			attribute.Float64Value(2.5), attribute.Value{}, attribute.MapValue(attribute.Bool("open", false))))),
		attribute.SliceValue(attribute.StringValue("a"), attribute.Int64Value(math.MaxInt64), attribute.ByteSliceValue([]byte{1})),
	} {
		var record log.Record
		record.SetTimestamp(time.Now())
		record.SetObservedTimestamp(time.Now().Add(time.Microsecond))
		record.SetSeverity(log.SeverityDebug2)
		record.SetSeverityText("fine")
		record.SetEventName("stock.counted")
		record.SetBody(body)
		record.AddAttributes(key("raw", attribute.ByteSliceValue([]byte{0, 0xff})),
			key("nested", attribute.MapValue(key("deep", attribute.MapValue(key("er", attribute.SliceValue(attribute.IntValue(1))))))))
		records.Emit(ctx, record)
	}
	span.End()
}
