package seagrpc

import (
	"context"
	"math/rand"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

const pushbackTrailer = "grpc-retry-pushback-ms"

// RetryPolicy says when a call that the server refused is tried again. What the server says (the trailer
// grpc-retry-pushback-ms, or google.rpc.RetryInfo) is obeyed; UNAVAILABLE without a word is tried after a growing, jittered
// delay; RESOURCE_EXHAUSTED without a word is not. A stream is tried again only before its first event.
type RetryPolicy struct {
	// MaxAttempts counts the first one; 0 is 4.
	MaxAttempts int
	// InitialBackoff is the longest first delay where the server names none, doubled every time; 0 is 100 ms.
	InitialBackoff time.Duration
	// MaxBackoff is the longest such delay; 0 is 5 s.
	MaxBackoff time.Duration
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.InitialBackoff == 0 {
		p.InitialBackoff = 100 * time.Millisecond
	}
	if p.MaxBackoff == 0 {
		p.MaxBackoff = 5 * time.Second
	}
	return p
}

// attempts calls until it succeeds or may not be tried again, all attempts under the context's deadline.
func (p RetryPolicy) attempts(ctx context.Context, call func() (metadata.MD, error)) error {
	for attempt := 1; ; attempt++ {
		trailer, err := call()
		if err == nil {
			return nil
		}
		delay, again := p.delay(ctx, describe(err), trailer, attempt)
		if !again || ctx.Err() != nil {
			return translate(ctx, err)
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return translate(ctx, err)
		}
	}
}

func (p RetryPolicy) delay(ctx context.Context, err *Error, trailer metadata.MD, attempt int) (time.Duration, bool) {
	if attempt >= p.MaxAttempts || (err.Code != codes.Unavailable && err.Code != codes.ResourceExhausted) {
		return 0, false
	}
	delay, again := p.wanted(err, trailer, attempt)
	deadline, limited := ctx.Deadline()
	return delay, again && !(limited && !time.Now().Add(delay).Before(deadline))
}

func (p RetryPolicy) wanted(err *Error, trailer metadata.MD, attempt int) (time.Duration, bool) {
	if pushback := trailer.Get(pushbackTrailer); len(pushback) > 0 {
		milliseconds, parse := strconv.ParseUint(pushback[0], 10, 31)
		return time.Duration(milliseconds) * time.Millisecond, parse == nil
	}
	if err.RetryAfter > 0 {
		return err.RetryAfter, true
	}
	if err.Code != codes.Unavailable {
		return 0, false
	}
	longest := p.InitialBackoff << (attempt - 1)
	if longest > p.MaxBackoff || longest <= 0 {
		longest = p.MaxBackoff
	}
	return time.Duration(rand.Int63n(int64(longest))), true
}
