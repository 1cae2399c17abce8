package io.seagrpc.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A call that failed. */
public class SeaGrpcException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient ErrorDetails details;
  private final Status.Code code;

  SeaGrpcException(StatusRuntimeException error) {
    super(error.getStatus().getDescription(), error);
    code = error.getStatus().getCode();
    details = ErrorDetails.of(error);
  }

  static SeaGrpcException of(StatusRuntimeException error) {
    return switch (error.getStatus().getCode()) {
      case INVALID_ARGUMENT -> new InvalidRequest(error);
      case RESOURCE_EXHAUSTED -> new Busy(error);
      case UNAVAILABLE -> new Unavailable(error);
      case UNAUTHENTICATED -> new Unauthenticated(error);
      case DEADLINE_EXCEEDED -> new DeadlineExceeded(error);
      default -> new SeaGrpcException(error);
    };
  }

  /** The code of gRPC. */
  public Status.Code code() {
    return code;
  }

  /** Why, in one word: QUEUE_FULL. Empty where no server of this contract spoke. */
  public String reason() {
    return details.reason();
  }

  /** Figures that belong to the reason. */
  public Map<String, String> metadata() {
    return details.metadata();
  }

  /** When the server wants the call again. */
  public Optional<Duration> retryAfter() {
    return details.retryAfter();
  }

  /** All that is wrong with the request, at once. */
  public List<FieldViolation> violations() {
    return details.violations();
  }

  /** INVALID_ARGUMENT: the request is wrong; its violations say where. */
  public static final class InvalidRequest extends SeaGrpcException {
    private static final long serialVersionUID = 1;

    InvalidRequest(StatusRuntimeException error) {
      super(error);
    }
  }

  /** RESOURCE_EXHAUSTED: no slot, or no memory. */
  public static final class Busy extends SeaGrpcException {
    private static final long serialVersionUID = 1;

    Busy(StatusRuntimeException error) {
      super(error);
    }
  }

  /** UNAVAILABLE: nobody answers, or the server loads, drains or has lost its device. */
  public static final class Unavailable extends SeaGrpcException {
    private static final long serialVersionUID = 1;

    Unavailable(StatusRuntimeException error) {
      super(error);
    }
  }

  /** UNAUTHENTICATED: no token, or another one. */
  public static final class Unauthenticated extends SeaGrpcException {
    private static final long serialVersionUID = 1;

    Unauthenticated(StatusRuntimeException error) {
      super(error);
    }
  }

  /** DEADLINE_EXCEEDED: time was up before there was an answer. */
  public static final class DeadlineExceeded extends SeaGrpcException {
    private static final long serialVersionUID = 1;

    DeadlineExceeded(StatusRuntimeException error) {
      super(error);
    }
  }
}
