package seagrpc

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc/metadata"

	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

// Stream is the events of one alignment.
type Stream struct {
	events chan *seav1.StreamAlignResponse
	cancel context.CancelFunc
	err    error
}

// Stream aligns one response and tells of it while it runs. Cancelling the context, or Close, ends the run.
func (c *Client) Stream(ctx context.Context, spec *seav1.AlignmentSpec) *Stream {
	inner, cancel := context.WithCancel(ctx)
	stream := &Stream{events: make(chan *seav1.StreamAlignResponse), cancel: cancel}
	go func() {
		defer cancel()
		defer close(stream.events)
		stream.err = c.read(ctx, inner, spec, stream.events)
	}()
	return stream
}

// Events is closed after the last event; Err then says why. A loop over it that is left early must Close the stream.
func (s *Stream) Events() <-chan *seav1.StreamAlignResponse { return s.events }

// Err is nil where the alignment has ended, else why the call failed; to be asked once Events is closed.
func (s *Stream) Err() error { return s.err }

// Close ends the run and waits until the call has ended. Closing twice does no harm.
func (s *Stream) Close() {
	s.cancel()
	for range s.events {
	}
}

// read copies the call's messages; the caller's context says whether an error is its own doing.
func (c *Client) read(callers, ctx context.Context, spec *seav1.AlignmentSpec, events chan<- *seav1.StreamAlignResponse) error {
	var call seav1.AlignmentService_StreamAlignClient
	var next *seav1.StreamAlignResponse
	err := c.retries.attempts(ctx, func() (trailer metadata.MD, err error) {
		call, err = c.alignment.StreamAlign(c.authorized(ctx), &seav1.StreamAlignRequest{Spec: spec})
		if err == nil {
			if next, err = call.Recv(); err != nil {
				trailer = call.Trailer()
			}
		}
		if errors.Is(err, io.EOF) {
			next, err = nil, nil
		}
		return trailer, err
	})
	for err == nil && next != nil {
		select {
		case events <- next:
		case <-ctx.Done():
			return translate(callers, ctx.Err())
		}
		if next, err = call.Recv(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return translate(callers, err)
		}
	}
	return err
}
