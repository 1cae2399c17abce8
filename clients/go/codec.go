package seagrpc

import "google.golang.org/protobuf/proto"

// codec encodes with google.golang.org/protobuf, which the generated code is for, whichever protobuf module this version of
// grpc brings: that of Debian 12 brings one that cannot.
type codec struct{}

func (codec) Marshal(v interface{}) ([]byte, error) { return proto.Marshal(v.(proto.Message)) }

func (codec) Unmarshal(data []byte, v interface{}) error {
	return proto.Unmarshal(data, v.(proto.Message))
}

func (codec) Name() string { return "proto" }
