package io.seagrpc.conformance;

import io.seagrpc.v1.StreamAlignResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Predicate;

/** Asks for one event after the other, and cancels when it is told to. */
final class OneByOne implements Flow.Subscriber<StreamAlignResponse> {
  private final Predicate<StreamAlignResponse> isLast;
  private final CompletableFuture<String> outcome;
  private Flow.Subscription subscription;

  OneByOne(Predicate<StreamAlignResponse> isLast, CompletableFuture<String> outcome) {
    this.isLast = isLast;
    this.outcome = outcome;
  }

  @Override
  public void onSubscribe(Flow.Subscription started) {
    subscription = started;
    subscription.request(1);
  }

  @Override
  public void onNext(StreamAlignResponse event) {
    if (isLast.test(event)) {
      subscription.cancel();
      outcome.complete("cancelled");
    } else {
      subscription.request(1);
    }
  }

  @Override
  public void onError(Throwable failure) {
    outcome.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    outcome.complete("ok");
  }
}
