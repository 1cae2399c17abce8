package seagrpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/seagrpc/seagrpc/clients/go/internal/errorsv1"
)

// What errors.Is finds in an *Error.
var (
	// ErrInvalidRequest is INVALID_ARGUMENT: the request is wrong; Violations say where.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrBusy is RESOURCE_EXHAUSTED: no slot, or no memory.
	ErrBusy = errors.New("busy")
	// ErrUnavailable is UNAVAILABLE: nobody answers, or the server loads, drains or has lost its device.
	ErrUnavailable = errors.New("unavailable")
	// ErrUnauthenticated is UNAUTHENTICATED: no token, or another one.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrDeadlineExceeded is DEADLINE_EXCEEDED: time was up before there was an answer. So is context.DeadlineExceeded.
	ErrDeadlineExceeded = errors.New("deadline exceeded")
)

var kinds = map[codes.Code]error{
	codes.InvalidArgument:   ErrInvalidRequest,
	codes.ResourceExhausted: ErrBusy,
	codes.Unavailable:       ErrUnavailable,
	codes.Unauthenticated:   ErrUnauthenticated,
	codes.DeadlineExceeded:  ErrDeadlineExceeded,
}

// FieldViolation is what is wrong with one field of a request: its path, words, one word.
type FieldViolation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
	Reason      string `json:"reason"`
}

// Error is a call that failed.
type Error struct {
	// Code is gRPC's.
	Code codes.Code
	// Message says what happened.
	Message string
	// Reason is the same in one word: QUEUE_FULL. Empty where no server of this contract spoke.
	Reason string
	// Metadata are figures that belong to the reason.
	Metadata map[string]string
	// RetryAfter is when the server wants the call again; 0 where it says nothing.
	RetryAfter time.Duration
	// Violations are all that is wrong with the request, at once.
	Violations []FieldViolation

	cause error
}

// Error is the code, the reason and the message.
func (e *Error) Error() string {
	return fmt.Sprintf("%v %s: %s", e.Code, e.Reason, e.Message)
}

// Is says whether the target is the error's kind: ErrBusy, say.
func (e *Error) Is(target error) bool {
	return target == kinds[e.Code] || (e.Code == codes.DeadlineExceeded && target == context.DeadlineExceeded)
}

// Unwrap is gRPC's own error.
func (e *Error) Unwrap() error { return e.cause }

// translate makes a gRPC error an *Error; a call that its own caller gave up is the context's error.
func translate(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return describe(err)
}

func describe(err error) *Error {
	s := status.Convert(err)
	described := &Error{Code: s.Code(), Message: s.Message(), cause: err}
	for _, detail := range s.Proto().GetDetails() {
		switch detail.GetTypeUrl() {
		case "type.googleapis.com/google.rpc.ErrorInfo":
			var info errorsv1.ErrorInfo
			if proto.Unmarshal(detail.GetValue(), &info) == nil {
				described.Reason, described.Metadata = info.GetReason(), info.GetMetadata()
			}
		case "type.googleapis.com/google.rpc.RetryInfo":
			var retry errorsv1.RetryInfo
			if proto.Unmarshal(detail.GetValue(), &retry) == nil {
				described.RetryAfter = retry.GetRetryDelay().AsDuration()
			}
		case "type.googleapis.com/google.rpc.BadRequest":
			var bad errorsv1.BadRequest
			if proto.Unmarshal(detail.GetValue(), &bad) == nil {
				for _, each := range bad.GetFieldViolations() {
					described.Violations = append(described.Violations, FieldViolation{each.GetField(), each.GetDescription(), each.GetReason()})
				}
			}
		}
	}
	return described
}
