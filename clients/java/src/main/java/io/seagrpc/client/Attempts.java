package io.seagrpc.client;

import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Calls until it succeeds or may not be tried again, all attempts under one deadline. */
final class Attempts {
  private Attempts() {}

  static <R> R run(RetryPolicy policy, Deadline deadline, Supplier<R> call) {
    for (int attempt = 1; ; attempt++) {
      try {
        return call.get();
      } catch (StatusRuntimeException error) {
        Optional<Duration> delay = policy.delay(error, attempt, deadline);
        if (delay.isEmpty()) {
          throw SeaGrpcException.of(error);
        }
        sleep(delay.get());
      }
    }
  }

  static void later(Duration delay, Runnable attempt) {
    CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS).execute(attempt);
  }

  private static void sleep(Duration delay) {
    try {
      Thread.sleep(delay.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw SeaGrpcException.of(Status.CANCELLED.withDescription("The thread was interrupted.").withCause(interrupted).asRuntimeException());
    }
  }
}
