package seagrpc

import (
	"context"
	"crypto/tls"
	"crypto/x509"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/seagrpc/seagrpc/clients/go/internal/healthv1"
	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

const (
	maxMessageBytes = 64 * 1024 * 1024
	authorization   = "authorization"
)

// Options say how a client connects and calls; the zero value will do.
type Options struct {
	// Token is the server's bearer token; empty sends none.
	Token string
	// RootCertificates are trusted instead of the system's; nil trusts those.
	RootCertificates *x509.CertPool
	// Certificate is for a server that asks callers for one; nil presents none.
	Certificate *tls.Certificate
	// Retries say when a refused call is tried again.
	Retries RetryPolicy
}

// Client is a SeaGrpc server. It is safe for use by several goroutines; one connection serves all calls. Deadlines and
// cancellation are the context's: a run ends shortly before its deadline with its best answer so far. So is the metadata of a call:
// metadata.AppendToOutgoingContext(ctx, "sea-priority", "high"), of google.golang.org/grpc/metadata.
type Client struct {
	connection *grpc.ClientConn
	alignment  seav1.AlignmentServiceClient
	info       seav1.InfoServiceClient
	token      string
	retries    RetryPolicy
}

// New opens a client of http://HOST:PORT, https://HOST:PORT (TLS), HOST:PORT (as http://) or unix:PATH. The connection is made by the
// first call.
func New(address string, options Options) (*Client, error) {
	parsed, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	security := grpc.WithInsecure()
	if parsed.tls {
		config := &tls.Config{RootCAs: options.RootCertificates, MinVersion: tls.VersionTLS12}
		if options.Certificate != nil {
			config.Certificates = []tls.Certificate{*options.Certificate}
		}
		security = grpc.WithTransportCredentials(credentials.NewTLS(config))
	}
	target, dial := parsed.dialTarget()
	connection, err := grpc.Dial(target, append(dial, security,
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

// IsServing says whether the server takes calls, by grpc.health.v1; not while it loads its models, drains or has lost its device.
// Where nobody answers, the error is ErrUnavailable. It needs no token.
func (c *Client) IsServing(ctx context.Context) (bool, error) {
	response := &healthv1.HealthCheckResponse{}
	err := c.unary(ctx, func(ctx context.Context, trailer grpc.CallOption) error {
		return c.connection.Invoke(ctx, "/grpc.health.v1.Health/Check", &healthv1.HealthCheckRequest{}, response, trailer)
	})
	return err == nil && response.GetStatus() == healthv1.ServingStatus_SERVING_STATUS_SERVING, err
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

// authorized adds the token, whose place an authorization in the context takes.
func (c *Client) authorized(ctx context.Context) context.Context {
	if given, _ := metadata.FromOutgoingContext(ctx); c.token == "" || len(given.Get(authorization)) > 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, authorization, "Bearer "+c.token)
}
