package seagrpc

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

// EarlyStop says when an alignment has gone on long enough. The stream is then cancelled, which frees the device, and the best
// answer so far counts.
type EarlyStop struct {
	// When stops once it holds for the best answer so far; nil never does.
	When func(best *seav1.ScoredResponse) bool
	// After stops after this time, or as soon as there is an answer where there is none by then; 0 never does.
	After time.Duration
}

// WhenRewardPasses stops when the best answer so far has a reward above this, in the reward model's units.
func WhenRewardPasses(reward float64) EarlyStop {
	return EarlyStop{When: func(best *seav1.ScoredResponse) bool { return best.GetReward() > reward }}
}

// EarlyAnswer is what an alignment that may stop early has come to.
type EarlyAnswer struct {
	// Response is the best answer so far, or the final one.
	Response *seav1.ScoredResponse
	// Draft is what it is compared with.
	Draft *seav1.ScoredResponse
	// Iteration is the last one that was heard of; 0 is the draft.
	Iteration int32
	// Final says how the run ended by itself; nil where it was stopped.
	Final *seav1.AlignmentFinal
}

// AlignUntil aligns one response until a condition holds, and returns the best answer so far.
func (c *Client) AlignUntil(ctx context.Context, spec *seav1.AlignmentSpec, stop EarlyStop) (*EarlyAnswer, error) {
	sent := proto.Clone(spec).(*seav1.AlignmentSpec)
	if sent.Updates == nil {
		sent.Updates = &seav1.UpdateOptions{}
	}
	sent.Updates.IncludeText = proto.Bool(true)
	var expired <-chan time.Time
	if stop.After > 0 {
		timer := time.NewTimer(stop.After)
		defer timer.Stop()
		expired = timer.C
	}
	stream := c.Stream(ctx, sent)
	defer stream.Close()
	answer, late := &EarlyAnswer{}, false
	for {
		select {
		case event, more := <-stream.Events():
			if !more {
				return answer, stream.Err()
			}
			answer.take(event)
			if answer.Final == nil && answer.Response != nil && (late || (stop.When != nil && stop.When(answer.Response))) {
				return answer, nil
			}
		case <-expired:
			if late = true; answer.Response != nil {
				return answer, nil
			}
		}
	}
}

// String is the best answer in one line: its iteration, reward and text.
func (a *EarlyAnswer) String() string {
	if a.Response == nil {
		return "no answer"
	}
	return fmt.Sprintf("iteration %d, reward %.2f: %s", a.Iteration, a.Response.GetReward(), a.Response.GetText())
}

func (a *EarlyAnswer) take(event *seav1.StreamAlignResponse) {
	switch event := event.GetEvent().(type) {
	case *seav1.StreamAlignResponse_Draft:
		a.Response, a.Draft = event.Draft.GetBest(), event.Draft.GetBest()
	case *seav1.StreamAlignResponse_Iteration:
		a.Response, a.Iteration = event.Iteration.GetBest(), event.Iteration.GetIndex()
	case *seav1.StreamAlignResponse_Final:
		a.Response, a.Draft, a.Final = event.Final.GetResponse(), event.Final.GetDraft(), event.Final
	}
}
