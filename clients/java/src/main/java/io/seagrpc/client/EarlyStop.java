package io.seagrpc.client;

import io.grpc.Status;
import io.seagrpc.v1.AlignmentSpec;
import io.seagrpc.v1.ScoredResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * When an alignment has gone on long enough. The stream is then cancelled, which frees the device, and the best answer so far
 * counts.
 */
public final class EarlyStop {
  private final Predicate<ScoredResponse> isGoodEnough;
  private final Duration patience;

  private EarlyStop(Predicate<ScoredResponse> isGoodEnough, Duration patience) {
    this.isGoodEnough = isGoodEnough;
    this.patience = patience;
  }

  /** Stops when the best answer so far has a reward above this, in the reward model's units. */
  public static EarlyStop whenRewardPasses(double reward) {
    return when(best -> best.getReward() > reward);
  }

  /** Stops when the best answer so far is good enough. */
  public static EarlyStop when(Predicate<ScoredResponse> isGoodEnough) {
    return new EarlyStop(isGoodEnough, null);
  }

  /** Stops after this time, or as soon as there is an answer where there is none by then. */
  public static EarlyStop after(Duration patience) {
    return new EarlyStop(best -> false, patience);
  }

  /** Stops when either says so. */
  public EarlyStop or(EarlyStop other) {
    Duration shorter = patience == null || (other.patience != null && other.patience.compareTo(patience) < 0) ? other.patience : patience;
    return new EarlyStop(isGoodEnough.or(other.isGoodEnough), shorter);
  }

  EarlyAnswer run(Function<AlignmentSpec, EventStream> start, AlignmentSpec spec) {
    AlignmentSpec.Builder sent = spec.toBuilder();
    sent.getUpdatesBuilder().setIncludeText(true);
    EarlyAnswer answer = new EarlyAnswer();
    AtomicBoolean expired = new AtomicBoolean();
    CompletableFuture<Void> timer = new CompletableFuture<>();
    if (patience != null) {
      timer.completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
    }
    try (EventStream events = start.apply(sent.build())) {
      timer.thenRun(
          () -> {
            expired.set(true);
            if (answer.response() != null) {
              events.close();
            }
          });
      while (events.hasNext()) {
        answer.take(events.next());
        if (answer.end() != null || (answer.response() != null && (expired.get() || isGoodEnough.test(answer.response())))) {
          break;
        }
      }
    } catch (SeaGrpcException failure) {
      if (!(expired.get() && failure.code() == Status.Code.CANCELLED)) {
        throw failure;
      }
    } finally {
      timer.cancel(false);
    }
    return answer;
  }
}
