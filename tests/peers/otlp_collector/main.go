// A collector of OpenTelemetry that decodes requests as the official one does, and prints each span.
//
// Usage: otlp-collector
//
// It prints `ready HOST:PORT`, and then a JSON object for each span of the requests to /v1/traces.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

type span struct {
	Service    string         `json:"service"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Trace      string         `json:"trace"`
	Span       string         `json:"span"`
	Parent     string         `json:"parent"`
	Start      int64          `json:"start"`
	End        int64          `json:"end"`
	Status     string         `json:"status"`
	Message    string         `json:"message"`
	Attributes map[string]any `json:"attributes"`
}

func show(resource pcommon.Resource, one ptrace.Span) span {
	service, _ := resource.Attributes().Get("service.name")
	return span{
		Service: service.AsString(), Name: one.Name(), Kind: one.Kind().String(),
		Trace: one.TraceID().String(), Span: one.SpanID().String(), Parent: one.ParentSpanID().String(),
		Start: int64(one.StartTimestamp()), End: int64(one.EndTimestamp()),
		Status: one.Status().Code().String(), Message: one.Status().Message(),
		Attributes: one.Attributes().AsRaw(),
	}
}

func collect(answer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	decoded := ptraceotlp.NewExportRequest()
	if err == nil {
		err = decoded.UnmarshalJSON(body)
	}
	if err != nil || request.Header.Get("Content-Type") != "application/json" {
		http.Error(answer, fmt.Sprint("not a request: ", err), http.StatusBadRequest)
		return
	}
	for _, resource := range decoded.Traces().ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, one := range scope.Spans().All() {
				line, _ := json.Marshal(show(resource.Resource(), one))
				fmt.Println(string(line))
			}
		}
	}
	answer.Header().Set("Content-Type", "application/json")
	fmt.Fprint(answer, `{"partialSuccess":{}}`)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /v1/traces", collect)
	fmt.Println("ready", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
