package seagrpc

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/grpc"
)

var (
	// unix:PATH, or unix:///PATH as other gRPC clients write it.
	socketForm = regexp.MustCompile(`^unix:(?:([^/](?s:.*))|(?://)?(/[^/](?s:.*)))$`)
	tcpForm    = regexp.MustCompile(`^(?:((?i)https?)://)?([^\s/?#@\[\]:]+|\[[^\s/?#@\[\]]+\])(?::([0-9]{1,5}))?/?$`)
)

// serverAddress is where a server listens.
type serverAddress struct {
	// target is HOST:PORT; empty for a Unix socket.
	target string
	tls    bool
	// socket is the path of a Unix socket.
	socket string
}

// parseAddress reads http://HOST:PORT, https://HOST:PORT, HOST:PORT or unix:PATH. The port is optional behind a scheme, which has
// its own.
func parseAddress(address string) (serverAddress, error) {
	if socket := socketForm.FindStringSubmatch(address); socket != nil {
		return serverAddress{socket: socket[1] + socket[2]}, nil
	}
	if tcp := tcpForm.FindStringSubmatch(address); tcp != nil && (tcp[1] != "" || tcp[3] != "") {
		tls, port := strings.EqualFold(tcp[1], "https"), tcp[3]
		if port == "" {
			port = map[bool]string{false: "80", true: "443"}[tls]
		}
		if number, err := strconv.ParseUint(port, 10, 16); err == nil && number > 0 {
			return serverAddress{target: tcp[2] + ":" + port, tls: tls}, nil
		}
	}
	return serverAddress{}, fmt.Errorf("'%s' is not an address: write http://HOST:PORT, https://HOST:PORT, HOST:PORT (as http://) or unix:PATH", address)
}

// dialTarget is what gRPC dials, and how.
func (a serverAddress) dialTarget() (string, []grpc.DialOption) {
	if a.socket == "" {
		return "passthrough:///" + a.target, nil
	}
	dialer := func(ctx context.Context, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", a.socket)
	}
	return "passthrough:///localhost", []grpc.DialOption{grpc.WithContextDialer(dialer)}
}
