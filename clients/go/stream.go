package seagrpc

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

// Messages are what a call streams.
type Messages[T any] struct {
	events chan *T
	cancel context.CancelFunc
	err    error
}

// Stream is the events of one alignment.
type Stream = Messages[seav1.StreamAlignResponse]

// BatchResults are the results of several alignments.
type BatchResults = Messages[seav1.AlignBatchResponse]

// Stream aligns one response and tells of it while it runs. Cancelling the context, or Close, ends the run.
func (c *Client) Stream(ctx context.Context, spec *seav1.AlignmentSpec) *Stream {
	return open(c, ctx, func(ctx context.Context) (call[seav1.StreamAlignResponse], error) {
		return c.alignment.StreamAlign(ctx, &seav1.StreamAlignRequest{Spec: spec})
	})
}

// AlignBatch aligns a response for each of several specs. There is one result for each, with its index, as soon as it ends: in any
// order. A spec that failed has an error. Cancelling the context, or Close, ends those that run.
func (c *Client) AlignBatch(ctx context.Context, specs []*seav1.AlignmentSpec) *BatchResults {
	return open(c, ctx, func(ctx context.Context) (call[seav1.AlignBatchResponse], error) {
		return c.alignment.AlignBatch(ctx, &seav1.AlignBatchRequest{Specs: specs})
	})
}

// Events is closed after the last message; Err then says why. A loop over it that is left early must Close the stream.
func (s *Messages[T]) Events() <-chan *T { return s.events }

// Err is nil where the call has ended well, else why it failed; to be asked once Events is closed.
func (s *Messages[T]) Err() error { return s.err }

// Close ends the call and waits until it has ended. Closing twice does no harm.
func (s *Messages[T]) Close() {
	s.cancel()
	for range s.events {
	}
}

// call is a streaming call of the generated client.
type call[T any] interface {
	Recv() (*T, error)
	grpc.ClientStream
}

func open[T any](c *Client, ctx context.Context, start func(context.Context) (call[T], error)) *Messages[T] {
	inner, cancel := context.WithCancel(ctx)
	stream := &Messages[T]{events: make(chan *T), cancel: cancel}
	go func() {
		defer cancel()
		defer close(stream.events)
		stream.err = read(c, ctx, inner, start, stream.events)
	}()
	return stream
}

// read copies the call's messages; the caller's context says whether an error is its own doing.
func read[T any](
	c *Client, callers, ctx context.Context, start func(context.Context) (call[T], error), events chan<- *T,
) error {
	var started call[T]
	var next *T
	err := c.retries.attempts(ctx, func() (trailer metadata.MD, err error) {
		started, err = start(c.authorized(ctx))
		if err == nil {
			if next, err = started.Recv(); err != nil {
				trailer = started.Trailer()
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
		if next, err = started.Recv(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return translate(callers, err)
		}
	}
	return err
}
