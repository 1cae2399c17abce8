// Runs the conformance cases of a file and prints what came of each, one JSON object a line: clients/conformance/README.md.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	seagrpc "github.com/seagrpc/seagrpc/clients/go"
	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

type testCase struct {
	Name        string            `json:"name"`
	Server      string            `json:"server"`
	RPC         string            `json:"rpc"`
	Request     json.RawMessage   `json:"request"`
	Token       string            `json:"token"`
	CA          string            `json:"ca"`
	Attempts    int               `json:"attempts"`
	DeadlineMs  int               `json:"deadline_ms"`
	CancelAfter int               `json:"cancel_after"`
	ReadDelayMs int               `json:"read_delay_ms"`
	Chat        string            `json:"chat"`
	Metadata    map[string]string `json:"metadata"`
	Stop        *struct {
		RewardAbove *float64 `json:"reward_above"`
		AfterMs     int      `json:"after_ms"`
	} `json:"stop"`
}

type observation struct {
	Case     string            `json:"case"`
	Outcome  string            `json:"outcome"`
	Events   []json.RawMessage `json:"events"`
	Response interface{}       `json:"response,omitempty"`
	Error    interface{}       `json:"error,omitempty"`
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	fatal(err)
	var cases []testCase
	fatal(json.Unmarshal(text, &cases))
	lines := json.NewEncoder(os.Stdout)
	lines.SetEscapeHTML(false)
	for _, each := range cases {
		fatal(lines.Encode(observe(each)))
	}
}

func observe(each testCase) observation {
	observed := observation{Case: each.Name, Outcome: "ok", Events: []json.RawMessage{}}
	options := seagrpc.Options{Token: each.Token, Retries: seagrpc.RetryPolicy{MaxAttempts: each.Attempts}}
	if each.CA != "" {
		pem, err := os.ReadFile(each.CA)
		fatal(err)
		options.RootCertificates = x509.NewCertPool()
		options.RootCertificates.AppendCertsFromPEM(pem)
	}
	client, err := seagrpc.New(each.Server, options)
	if err != nil {
		observed.Outcome, observed.Error = "refused", map[string]string{"message": err.Error()}
		return observed
	}
	defer client.Close()
	ctx, cancel := context.WithCancel(metadata.NewOutgoingContext(context.Background(), metadata.New(each.Metadata)))
	defer cancel()
	if each.DeadlineMs > 0 {
		limited, release := context.WithTimeout(ctx, time.Duration(each.DeadlineMs)*time.Millisecond)
		defer release()
		ctx = limited
	}
	var failure *seagrpc.Error
	switch err := call(ctx, cancel, client, each, &observed); {
	case err == nil:
	case errors.Is(err, context.Canceled):
		observed.Outcome = "cancelled"
	case errors.As(err, &failure):
		observed.Outcome, observed.Error = "error", describe(failure)
	default:
		fatal(err)
	}
	return observed
}

func call(ctx context.Context, cancel func(), client *seagrpc.Client, each testCase, observed *observation) error {
	switch each.RPC {
	case "GetServerInfo":
		response, err := client.ServerInfo(ctx)
		observed.Response = toJSON(response, err)
		return err
	case "Health":
		serving, err := client.IsServing(ctx)
		if err == nil {
			observed.Response = map[string]bool{"serving": serving}
		}
		return err
	case "Align":
		request := &seav1.AlignRequest{}
		read(each, request)
		response, err := client.Align(ctx, prompted(each, request.GetSpec()))
		observed.Response = toJSON(response, err)
		return err
	case "Score":
		request := &seav1.ScoreRequest{}
		read(each, request)
		response, err := client.Score(ctx, request)
		observed.Response = toJSON(response, err)
		return err
	case "CancelAlignment":
		request := &seav1.CancelAlignmentRequest{}
		read(each, request)
		cancelled, err := client.Cancel(ctx, request)
		if err == nil {
			observed.Response = map[string]bool{"cancelled": cancelled}
		}
		return err
	}
	if each.RPC == "AlignBatch" {
		request := &seav1.AlignBatchRequest{}
		read(each, request)
		var err error
		observed.Response, err = byIndex(client.AlignBatch(ctx, request.GetSpecs()))
		return err
	}
	request := &seav1.StreamAlignRequest{}
	read(each, request)
	spec := prompted(each, request.GetSpec())
	if each.Stop != nil {
		stop := seagrpc.EarlyStop{After: time.Duration(each.Stop.AfterMs) * time.Millisecond}
		if each.Stop.RewardAbove != nil {
			stop = seagrpc.WhenRewardPasses(*each.Stop.RewardAbove)
		}
		answer, err := client.AlignUntil(ctx, spec, stop)
		if err == nil {
			observed.Response = map[string]interface{}{
				"stopped_early": answer.Final == nil, "iteration": answer.Iteration, "best": toJSON(answer.Response, nil),
			}
		}
		return err
	}
	stream := client.Stream(ctx, spec)
	for event := range stream.Events() {
		observed.Events = append(observed.Events, toJSON(event, nil).(json.RawMessage))
		if len(observed.Events) == each.CancelAfter {
			cancel()
		}
		time.Sleep(time.Duration(each.ReadDelayMs) * time.Millisecond)
	}
	return stream.Err()
}

func byIndex(batch *seagrpc.BatchResults) (interface{}, error) {
	results := map[int32]json.RawMessage{}
	for result := range batch.Events() {
		results[result.GetIndex()] = toJSON(result, nil).(json.RawMessage)
	}
	ordered := []json.RawMessage{}
	for index := int32(0); int(index) < len(results); index++ {
		ordered = append(ordered, results[index])
	}
	return map[string]interface{}{"results": ordered}, batch.Err()
}

func prompted(each testCase, spec *seav1.AlignmentSpec) *seav1.AlignmentSpec {
	if each.Chat != "" {
		spec.Prompt = seagrpc.Chat(each.Chat)
	}
	return spec
}

func read(each testCase, request proto.Message) {
	if each.Request != nil {
		fatal(protojson.Unmarshal(each.Request, request))
	}
}

func toJSON(message proto.Message, err error) interface{} {
	if err != nil {
		return nil
	}
	text, err := protojson.Marshal(message)
	fatal(err)
	return json.RawMessage(text)
}

func describe(failure *seagrpc.Error) map[string]interface{} {
	described := map[string]interface{}{
		"code":       codeName(failure.Code),
		"reason":     failure.Reason,
		"message":    failure.Message,
		"metadata":   failure.Metadata,
		"violations": append([]seagrpc.FieldViolation{}, failure.Violations...),
	}
	if failure.RetryAfter > 0 {
		described["retry_after_ms"] = failure.RetryAfter.Milliseconds()
	}
	return described
}

var inner = regexp.MustCompile("([a-z])([A-Z])")

// codeName is the code as gRPC writes it. Go spells Canceled with one l.
func codeName(code codes.Code) string {
	if code == codes.Canceled {
		return "CANCELLED"
	}
	return strings.ToUpper(inner.ReplaceAllString(code.String(), "${1}_$2"))
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
