package io.seagrpc.client;

import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.seagrpc.client.health.HealthCheckRequest;
import io.seagrpc.client.health.HealthCheckResponse;
import io.seagrpc.client.health.ServingStatus;

/** grpc.health.v1.Health/Check, of messages that are declared under another name here. */
final class HealthCheck {
  static final MethodDescriptor<HealthCheckRequest, HealthCheckResponse> METHOD =
      MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("grpc.health.v1.Health/Check")
          .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
          .build();

  private HealthCheck() {}

  static boolean isServing(HealthCheckResponse answer) {
    return answer.getStatus() == ServingStatus.SERVING_STATUS_SERVING;
  }
}
