// Shows a stream with a progress bar, then the answer: progress ADDRESS [PROMPT]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	seagrpc "github.com/seagrpc/seagrpc/clients/go"
	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

func main() {
	arguments := append(os.Args[1:], "http://127.0.0.1:50051", "My kettle is leaking, what can you do?")
	question := arguments[1]
	if len(os.Args) == 2 {
		question = arguments[2]
	}
	if err := show(arguments[0], question); err != nil {
		var failure *seagrpc.Error
		if errors.As(err, &failure) {
			for _, violation := range failure.Violations {
				fmt.Fprintf(os.Stderr, "%s: %s\n", violation.Field, violation.Description)
			}
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(address, question string) error {
	client, err := seagrpc.New(address, seagrpc.Options{})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	stream := client.Stream(ctx, &seav1.AlignmentSpec{
		Prompt: seagrpc.Chat(question),
		Method: &seav1.AlignmentSpec_Sea{Sea: &seav1.SeaParameters{}},
		Seed:   proto.Uint64(1),
	})
	defer stream.Close()
	for next := range stream.Events() {
		switch event := next.GetEvent().(type) {
		case *seav1.StreamAlignResponse_Draft:
			fmt.Printf("draft  %.2f  %s\n", event.Draft.GetBest().GetReward(), event.Draft.GetBest().GetText())
		case *seav1.StreamAlignResponse_Iteration:
			index, total := event.Iteration.GetIndex(), event.Iteration.GetTotal()
			done := int(30 * index / total)
			bar := strings.Repeat("#", done) + strings.Repeat(".", 30-done)
			fmt.Fprintf(os.Stderr, "\r[%s] %d/%d reward %.2f", bar, index, total, event.Iteration.GetBest().GetReward())
		case *seav1.StreamAlignResponse_Final:
			fmt.Fprintln(os.Stderr)
			fmt.Printf("answer %.2f  %s\n", event.Final.GetResponse().GetReward(), event.Final.GetResponse().GetText())
		}
	}
	return stream.Err()
}
