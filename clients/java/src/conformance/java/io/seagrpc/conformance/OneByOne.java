package io.seagrpc.conformance;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Predicate;

/** Asks for one message after the other, and cancels when it is told to. */
final class OneByOne<T> implements Flow.Subscriber<T> {
  private final Predicate<T> isLast;
  private final CompletableFuture<String> outcome;
  private Flow.Subscription subscription;

  OneByOne(Predicate<T> isLast, CompletableFuture<String> outcome) {
    this.isLast = isLast;
    this.outcome = outcome;
  }

  @Override
  public void onSubscribe(Flow.Subscription started) {
    subscription = started;
    subscription.request(1);
  }

  @Override
  public void onNext(T message) {
    if (isLast.test(message)) {
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
