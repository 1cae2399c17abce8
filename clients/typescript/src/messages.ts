/** The messages and enums of the contract, sea.v1. */
export * from "./gen/sea/v1/alignment_pb.js";
export * from "./gen/sea/v1/alignment_service_pb.js";
export * from "./gen/sea/v1/info_service_pb.js";
export * from "./gen/sea/v1/method_pb.js";
export * from "./gen/sea/v1/prompt_pb.js";
export * from "./gen/sea/v1/reward_service_pb.js";
