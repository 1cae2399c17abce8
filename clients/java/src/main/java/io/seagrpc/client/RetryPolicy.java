package io.seagrpc.client;

import io.grpc.Deadline;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * When a call that the server refused is tried again. What the server says (the trailer grpc-retry-pushback-ms, or
 * google.rpc.RetryInfo) is obeyed; UNAVAILABLE without a word is tried after a growing, jittered delay; RESOURCE_EXHAUSTED
 * without a word is not. A stream is tried again only before its first event.
 *
 * @param maxAttempts the first one included
 * @param initialBackoff longest first delay where the server names none; it doubles every time
 * @param maxBackoff longest such delay
 */
public record RetryPolicy(int maxAttempts, Duration initialBackoff, Duration maxBackoff) {
  /** Four attempts, from 100 ms to 5 s. */
  public static final RetryPolicy DEFAULT = new RetryPolicy(4, Duration.ofMillis(100), Duration.ofSeconds(5));

  /** This many attempts. */
  public static RetryPolicy ofAttempts(int maxAttempts) {
    return new RetryPolicy(maxAttempts, DEFAULT.initialBackoff, DEFAULT.maxBackoff);
  }

  /** How long to wait after the attempt of this number, from 1; empty where there is no other one. */
  Optional<Duration> delay(StatusRuntimeException error, int attempt, Deadline deadline) {
    Code code = error.getStatus().getCode();
    if (attempt >= maxAttempts || (code != Code.UNAVAILABLE && code != Code.RESOURCE_EXHAUSTED)) {
      return Optional.empty();
    }
    return wanted(error, attempt).filter(wait -> deadline == null || wait.toMillis() < deadline.timeRemaining(TimeUnit.MILLISECONDS));
  }

  private Optional<Duration> wanted(StatusRuntimeException error, int attempt) {
    ErrorDetails details = ErrorDetails.of(error);
    if (details.pushback().isPresent()) {
      return details.pushback().filter(text -> text.matches("[0-9]{1,9}")).map(text -> Duration.ofMillis(Long.parseLong(text)));
    }
    if (details.retryAfter().isPresent() || error.getStatus().getCode() != Code.UNAVAILABLE) {
      return details.retryAfter();
    }
    double longest = Math.min(initialBackoff.toMillis() * Math.pow(2, attempt - 1), maxBackoff.toMillis());
    return Optional.of(Duration.ofMillis((long) (ThreadLocalRandom.current().nextDouble() * longest)));
  }
}
