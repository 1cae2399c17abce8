package seagrpc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

const (
	maxMessageBytes = 64 * 1024 * 1024
	unixScheme      = "unix:"
)

// Options say how a client connects and calls; the zero value will do.
type Options struct {
	// Token is the server's bearer token; empty sends none.
	Token string
	// RootCertificates are trusted instead of the system's; nil trusts those.
	RootCertificates *x509.CertPool
	// Retries say when a refused call is tried again.
	Retries RetryPolicy
}

// Client is a SeaGrpc server. It is safe for use by several goroutines; one connection serves all calls. Deadlines and
// cancellation are the context's: a run ends shortly before its deadline with its best answer so far.
type Client struct {
	connection *grpc.ClientConn
	alignment  seav1.AlignmentServiceClient
	info       seav1.InfoServiceClient
	token      string
	retries    RetryPolicy
}

// New opens a client of http://HOST:PORT, https://HOST:PORT (TLS) or unix:PATH. The connection is made by the first call.
func New(address string, options Options) (*Client, error) {
	target, dial, err := dialOptions(address, options)
	if err != nil {
		return nil, err
	}
	connection, err := grpc.Dial(target, append(dial,
		grpc.WithDisableRetry(),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(codec{}), grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)))...)
	if err != nil {
		return nil, err
	}
	return &Client{
		connection: connection,
		alignment:  seav1.NewAlignmentServiceClient(connection),
		info:       seav1.NewInfoServiceClient(connection),
		token:      options.Token,
		retries:    options.Retries.withDefaults(),
	}, nil
}

// Align aligns one response.
func (c *Client) Align(ctx context.Context, spec *seav1.AlignmentSpec) (response *seav1.AlignResponse, err error) {
	err = c.unary(ctx, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		response, err = c.alignment.Align(ctx, &seav1.AlignRequest{Spec: spec}, trailer)
		return err
	})
	return response, err
}

// Score scores given responses to given prompts.
func (c *Client) Score(ctx context.Context, request *seav1.ScoreRequest) (response *seav1.ScoreResponse, err error) {
	err = c.unary(ctx, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		response, err = c.alignment.Score(ctx, request, trailer)
		return err
	})
	return response, err
}

// Cancel ends an alignment, which then answers its own caller with its best so far, and says whether there was one.
func (c *Client) Cancel(ctx context.Context, request *seav1.CancelAlignmentRequest) (cancelled bool, err error) {
	err = c.unary(ctx, func(ctx context.Context, trailer grpc.CallOption) error {
		response, err := c.alignment.CancelAlignment(ctx, request, trailer)
		cancelled = response.GetCancelled()
		return err
	})
	return cancelled, err
}

// ServerInfo says what the server is.
func (c *Client) ServerInfo(ctx context.Context) (response *seav1.GetServerInfoResponse, err error) {
	err = c.unary(ctx, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		response, err = c.info.GetServerInfo(ctx, &seav1.GetServerInfoRequest{}, trailer)
		return err
	})
	return response, err
}

// Close closes the connection; calls that run are given up.
func (c *Client) Close() error { return c.connection.Close() }

func (c *Client) unary(ctx context.Context, call func(context.Context, grpc.CallOption) error) error {
	return c.retries.attempts(ctx, func() (metadata.MD, error) {
		var trailer metadata.MD
		err := call(c.authorized(ctx), grpc.Trailer(&trailer))
		return trailer, err
	})
}

func (c *Client) authorized(ctx context.Context) context.Context {
	if c.token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.token)
}

func dialOptions(address string, options Options) (string, []grpc.DialOption, error) {
	if strings.HasPrefix(address, unixScheme) {
		dialer := func(ctx context.Context, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", address[len(unixScheme):])
		}
		return "passthrough:///localhost", []grpc.DialOption{grpc.WithContextDialer(dialer), grpc.WithInsecure()}, nil
	}
	parts := strings.SplitN(strings.TrimSuffix(address, "/"), "://", 2)
	if len(parts) == 2 && parts[1] != "" {
		target := "passthrough:///" + parts[1]
		switch parts[0] {
		case "http":
			return target, []grpc.DialOption{grpc.WithInsecure()}, nil
		case "https":
			secure := credentials.NewTLS(&tls.Config{RootCAs: options.RootCertificates, MinVersion: tls.VersionTLS12})
			return target, []grpc.DialOption{grpc.WithTransportCredentials(secure)}, nil
		}
	}
	return "", nil, fmt.Errorf("%q is no address: write http://HOST:PORT, https://HOST:PORT or unix:PATH", address)
}
