package io.seagrpc.example;

import io.seagrpc.client.SeaClient;
import io.seagrpc.v1.StreamAlignResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** As Progress, without a thread that waits: ProgressAsync ADDRESS [PROMPT]. */
public final class ProgressAsync {
  private ProgressAsync() {}

  public static void main(String[] args) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    try (SeaClient client = SeaClient.connect(args.length > 0 ? args[0] : "http://127.0.0.1:50051")) {
      client.streamAsync(Show.spec(args), Duration.ofMinutes(1)).subscribe(new Shower(ended));
      ended.join();
    }
  }

  private record Shower(CompletableFuture<Void> ended) implements Flow.Subscriber<StreamAlignResponse> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(StreamAlignResponse event) {
      Show.event(event);
    }

    @Override
    public void onError(Throwable failure) {
      ended.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      ended.complete(null);
    }
  }
}
