import protobuf from 'protobufjs';

/**
 * For tests: OTLP's messages for protobufjs, the oracle that our reader and writer are held against. Written
 * from opentelemetry-proto's trace.proto, logs.proto, common.proto and resource.proto.
 */
const source = `
syntax = "proto3";
message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message TraceRequest { repeated ResourceSpans groups = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopes = 2; string schema_url = 3; }
message ScopeSpans { Scope scope = 1; repeated Span items = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
  uint32 dropped_attributes_count = 5; fixed32 flags = 6;
}
message Status { string message = 2; int32 code = 3; }
message LogsRequest { repeated ResourceLogs groups = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopes = 2; string schema_url = 3; }
message ScopeLogs { Scope scope = 1; repeated LogRecord items = 2; string schema_url = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9;
  bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
`;

const { root } = protobuf.parse(source, { keepCase: true });
export const oracleTraceRequest = root.lookupType('TraceRequest');
export const oracleLogsRequest = root.lookupType('LogsRequest');
