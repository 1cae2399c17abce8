// Package seagrpc is a client of SeaGrpc, which aligns a language model's answer while it is being made.
//
// The messages of the contract are in package seav1, sea/v1 below this one.
package seagrpc

//go:generate ./generate.sh
