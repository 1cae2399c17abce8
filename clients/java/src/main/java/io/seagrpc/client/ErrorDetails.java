package io.seagrpc.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.seagrpc.client.errors.BadRequest;
import io.seagrpc.client.errors.ErrorInfo;
import io.seagrpc.client.errors.RetryInfo;
import io.seagrpc.client.errors.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in a failed call's trailers. */
record ErrorDetails(
    String reason, Map<String, String> metadata, Optional<Duration> retryAfter, Optional<String> pushback, List<FieldViolation> violations) {
  private static final Metadata.Key<byte[]> DETAILS = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final Metadata.Key<String> PUSHBACK = Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  static ErrorDetails of(StatusRuntimeException error) {
    Metadata trailers = error.getTrailers() == null ? new Metadata() : error.getTrailers();
    String reason = "";
    Map<String, String> metadata = Map.of();
    Optional<Duration> retryAfter = Optional.empty();
    List<FieldViolation> violations = List.of();
    try {
      byte[] encoded = trailers.get(DETAILS);
      for (Any detail : encoded == null ? List.<Any>of() : Status.parseFrom(encoded).getDetailsList()) {
        switch (detail.getTypeUrl().substring(detail.getTypeUrl().lastIndexOf('/') + 1)) {
          case "google.rpc.ErrorInfo" -> {
            ErrorInfo info = ErrorInfo.parseFrom(detail.getValue());
            reason = info.getReason();
            metadata = info.getMetadataMap();
          }
          case "google.rpc.RetryInfo" -> {
            com.google.protobuf.Duration delay = RetryInfo.parseFrom(detail.getValue()).getRetryDelay();
            retryAfter = Optional.of(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
          }
          case "google.rpc.BadRequest" ->
              violations =
                  BadRequest.parseFrom(detail.getValue()).getFieldViolationsList().stream()
                      .map(each -> new FieldViolation(each.getField(), each.getDescription(), each.getReason()))
                      .toList();
          default -> {
            // A newer server says more.
          }
        }
      }
    } catch (InvalidProtocolBufferException nobodyOfThisContract) {
      // The code and the message are all that there is.
    }
    return new ErrorDetails(reason, metadata, retryAfter, Optional.ofNullable(trailers.get(PUSHBACK)), violations);
  }
}
