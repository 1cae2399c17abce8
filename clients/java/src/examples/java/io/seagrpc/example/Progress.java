package io.seagrpc.example;

import io.seagrpc.client.EventStream;
import io.seagrpc.client.SeaClient;
import io.seagrpc.client.SeaGrpcException;
import java.time.Duration;

/** Shows a stream with a progress bar, then the answer: Progress ADDRESS [PROMPT]. */
public final class Progress {
  private Progress() {}

  public static void main(String[] args) {
    try (SeaClient client = SeaClient.connect(args.length > 0 ? args[0] : "http://127.0.0.1:50051");
        EventStream events = client.stream(Show.spec(args), Duration.ofMinutes(1))) {
      events.forEachRemaining(Show::event);
    } catch (SeaGrpcException failure) {
      failure.violations().forEach(violation -> System.err.println(violation.field() + ": " + violation.description()));
      System.err.println(failure.code() + " " + failure.reason() + ": " + failure.getMessage());
      System.exit(1);
    }
  }
}
