package seagrpc

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/seagrpc/seagrpc/clients/go/internal/errorsv1"
	"github.com/seagrpc/seagrpc/clients/go/internal/healthv1"
	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
)

// The committed code holds the contract as it was when it was generated. Which generator made it does not matter here.
func TestCommittedCodeIsTheContracts(t *testing.T) {
	contract, err := filepath.Glob("../../protos/sea/v1/*.proto")
	if err != nil {
		t.Fatal(err)
	}
	own, err := filepath.Glob("../protos/seagrpc/*/v1/*.proto")
	if err != nil {
		t.Fatal(err)
	}
	if len(contract) == 0 {
		t.Skip("the module alone, as others download it, has no protos beside it")
	}
	committed := []protoreflect.FileDescriptor{
		seav1.File_sea_v1_alignment_proto,
		seav1.File_sea_v1_alignment_service_proto,
		seav1.File_sea_v1_info_service_proto,
		seav1.File_sea_v1_method_proto,
		seav1.File_sea_v1_prompt_proto,
		seav1.File_sea_v1_reward_service_proto,
		errorsv1.File_seagrpc_errors_v1_errors_proto,
		healthv1.File_seagrpc_health_v1_health_proto,
	}
	protos := append(contract, own...)
	if len(protos) != len(committed) {
		t.Errorf("there are %d protos, the code is of %d", len(protos), len(committed))
	}
	compare(t, committed, protos)
}

func compare(t *testing.T, committed []protoreflect.FileDescriptor, protos []string) {
	set := filepath.Join(t.TempDir(), "contract.binpb")
	protoc := exec.Command("protoc", append([]string{"-I../../protos", "-I../protos", "--include_imports", "--descriptor_set_out=" + set}, protos...)...)
	if output, err := protoc.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	bytes, err := os.ReadFile(set)
	if err != nil {
		t.Fatal(err)
	}
	var message descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(bytes, &message); err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(&message)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range committed {
		wanted, err := files.FindFileByPath(file.Path())
		if err != nil {
			t.Error(err)
		} else if !proto.Equal(protodesc.ToFileDescriptorProto(wanted), protodesc.ToFileDescriptorProto(file)) {
			t.Errorf("%s has changed since its code was generated: run generate.sh", file.Path())
		}
	}
}
