// Calls a server over TLS: tls ADDRESS ROOTS.pem [CERTIFICATE.pem KEY.pem]
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"google.golang.org/protobuf/proto"

	seagrpc "github.com/seagrpc/seagrpc/clients/go"
	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

func main() {
	if err := call(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func call(address, roots string, own []string) error {
	pem, err := os.ReadFile(roots)
	if err != nil {
		return err
	}
	// Without RootCertificates, those of the system.
	options := seagrpc.Options{RootCertificates: x509.NewCertPool(), Token: os.Getenv("SEAGRPC_TOKEN")}
	options.RootCertificates.AppendCertsFromPEM(pem)
	if len(own) == 2 {
		certificate, err := tls.LoadX509KeyPair(own[0], own[1])
		if err != nil {
			return err
		}
		options.Certificate = &certificate
	}
	client, err := seagrpc.New(address, options)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	answer, err := client.Align(ctx, &seav1.AlignmentSpec{
		Prompt: seagrpc.Chat("My kettle is leaking, what can you do?"),
		Method: &seav1.AlignmentSpec_Sea{Sea: &seav1.SeaParameters{}},
		Seed:   proto.Uint64(1),
	})
	if err != nil {
		return err
	}
	response := answer.GetFinal().GetResponse()
	fmt.Printf("answer %.2f  %s\n", response.GetReward(), response.GetText())
	return nil
}
