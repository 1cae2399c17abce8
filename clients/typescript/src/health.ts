import type { DescMethodUnary } from "@bufbuild/protobuf";
import { InfoService } from "./gen/sea/v1/info_service_pb.js";
import { HealthCheckRequestSchema, HealthCheckResponseSchema } from "./gen/seagrpc/health/v1/health_pb.js";

/** grpc.health.v1.Health/Check, of messages that are declared under another name here. */
export const checkHealth: DescMethodUnary<typeof HealthCheckRequestSchema, typeof HealthCheckResponseSchema> = {
  ...InfoService.method.getServerInfo,
  name: "Check",
  localName: "check",
  parent: { ...InfoService, typeName: "grpc.health.v1.Health" },
  input: HealthCheckRequestSchema,
  output: HealthCheckResponseSchema,
};
