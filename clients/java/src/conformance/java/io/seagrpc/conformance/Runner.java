package io.seagrpc.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.seagrpc.client.EarlyAnswer;
import io.seagrpc.client.EarlyStop;
import io.seagrpc.client.EventStream;
import io.seagrpc.client.MessageStream;
import io.seagrpc.client.Prompts;
import io.seagrpc.client.RetryPolicy;
import io.seagrpc.client.SeaClient;
import io.seagrpc.client.SeaGrpcException;
import io.seagrpc.v1.AlignBatchRequest;
import io.seagrpc.v1.AlignBatchResponse;
import io.seagrpc.v1.AlignRequest;
import io.seagrpc.v1.AlignmentSpec;
import io.seagrpc.v1.CancelAlignmentRequest;
import io.seagrpc.v1.ScoreRequest;
import io.seagrpc.v1.StreamAlignRequest;
import io.seagrpc.v1.StreamAlignResponse;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs the conformance cases of a file and prints what came of each, one JSON object a line: clients/conformance/README.md. */
public final class Runner {
  private final JsonObject test;
  private final boolean isAsync;
  private final JsonArray events = new JsonArray();
  private final JsonObject observed = new JsonObject();

  private Runner(JsonObject test, boolean isAsync) {
    this.test = test;
    this.isAsync = isAsync;
    observed.add("case", test.get("name"));
    observed.add("events", events);
  }

  public static void main(String[] args) throws Exception {
    PrintStream lines = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    boolean isAsync = args[0].equals("--async");
    for (JsonElement test : JsonParser.parseString(Files.readString(Path.of(args[args.length - 1]))).getAsJsonArray()) {
      lines.println(new Runner(test.getAsJsonObject(), isAsync).observe());
    }
  }

  private JsonObject observe() throws Exception {
    try (SeaClient client = connect()) {
      observed.addProperty("outcome", call(client));
    } catch (SeaGrpcException failure) {
      observed.addProperty("outcome", "error");
      observed.add("error", describe(failure));
    } catch (IllegalArgumentException refused) {
      JsonObject error = new JsonObject();
      error.addProperty("message", refused.getMessage());
      observed.addProperty("outcome", "refused");
      observed.add("error", error);
    }
    return observed;
  }

  private SeaClient connect() throws IOException {
    SeaClient.Builder builder = SeaClient.builder(test.get("server").getAsString());
    if (test.has("token")) {
      builder.token(test.get("token").getAsString());
    }
    if (test.has("attempts")) {
      builder.retries(RetryPolicy.ofAttempts(test.get("attempts").getAsInt()));
    }
    if (!test.has("ca")) {
      return builder.build();
    }
    try (InputStream roots = new FileInputStream(test.get("ca").getAsString())) {
      return builder.rootCertificates(roots).build();
    }
  }

  private String call(SeaClient opened) throws Exception {
    SeaClient client = opened;
    for (var pair : test.has("metadata") ? test.getAsJsonObject("metadata").entrySet() : Set.<Map.Entry<String, JsonElement>>of()) {
      client = client.withMetadata(pair.getKey(), pair.getValue().getAsString());
    }
    Duration deadline = test.has("deadline_ms") ? Duration.ofMillis(test.get("deadline_ms").getAsInt()) : null;
    switch (test.get("rpc").getAsString()) {
      case "GetServerInfo" -> observed.add("response", json(isAsync ? join(client.serverInfoAsync(deadline)) : client.serverInfo(deadline)));
      case "Health" -> {
        JsonObject response = new JsonObject();
        response.addProperty("serving", isAsync ? join(client.isServingAsync(deadline)) : client.isServing(deadline));
        observed.add("response", response);
      }
      case "Align" -> {
        AlignmentSpec spec = prompted(request(AlignRequest.newBuilder()).build().getSpec());
        observed.add("response", json(isAsync ? join(client.alignAsync(spec, deadline)) : client.align(spec, deadline)));
      }
      case "Score" -> {
        ScoreRequest request = request(ScoreRequest.newBuilder()).build();
        observed.add("response", json(isAsync ? join(client.scoreAsync(request, deadline)) : client.score(request, deadline)));
      }
      case "CancelAlignment" -> {
        CancelAlignmentRequest request = request(CancelAlignmentRequest.newBuilder()).build();
        JsonObject response = new JsonObject();
        response.addProperty("cancelled", isAsync ? join(client.cancelAsync(request, deadline)) : client.cancel(request, deadline));
        observed.add("response", response);
      }
      case "AlignBatch" -> observed.add("response", batch(client, request(AlignBatchRequest.newBuilder()).build().getSpecsList(), deadline));
      default -> {
        AlignmentSpec spec = prompted(request(StreamAlignRequest.newBuilder()).build().getSpec());
        if (test.has("stop")) {
          EarlyStop stop = stop(test.getAsJsonObject("stop"));
          observed.add("response", early(isAsync ? join(client.alignUntilAsync(spec, stop, deadline)) : client.alignUntil(spec, stop, deadline)));
        } else {
          return isAsync ? subscribe(client, spec, deadline) : iterate(client, spec, deadline);
        }
      }
    }
    return "ok";
  }

  private JsonObject batch(SeaClient client, List<AlignmentSpec> specs, Duration deadline) {
    List<AlignBatchResponse> all = new ArrayList<>();
    if (isAsync) {
      CompletableFuture<String> outcome = new CompletableFuture<>();
      client.alignBatchAsync(specs, deadline).subscribe(new OneByOne<>(result -> !all.add(result), outcome));
      join(outcome);
    } else {
      try (MessageStream<AlignBatchResponse> results = client.alignBatch(specs, deadline)) {
        results.forEachRemaining(all::add);
      }
    }
    JsonArray ordered = new JsonArray();
    all.stream().sorted(Comparator.comparingInt(AlignBatchResponse::getIndex)).forEach(result -> ordered.add(json(result)));
    JsonObject response = new JsonObject();
    response.add("results", ordered);
    return response;
  }

  private String iterate(SeaClient client, AlignmentSpec spec, Duration deadline) {
    try (EventStream stream = client.stream(spec, deadline)) {
      while (stream.hasNext()) {
        if (take(stream.next())) {
          stream.close();
          return "cancelled";
        }
      }
      return "ok";
    }
  }

  private String subscribe(SeaClient client, AlignmentSpec spec, Duration deadline) {
    CompletableFuture<String> outcome = new CompletableFuture<>();
    client.streamAsync(spec, deadline).subscribe(new OneByOne<>(this::take, outcome));
    return join(outcome);
  }

  /** Takes one event; whether the case wants the stream cancelled now. */
  private boolean take(StreamAlignResponse event) {
    events.add(json(event));
    try {
      Thread.sleep(test.has("read_delay_ms") ? test.get("read_delay_ms").getAsInt() : 0);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    return test.has("cancel_after") && events.size() == test.get("cancel_after").getAsInt();
  }

  private <B extends Message.Builder> B request(B builder) throws IOException {
    if (test.has("request")) {
      JsonFormat.parser().merge(test.get("request").toString(), builder);
    }
    return builder;
  }

  private AlignmentSpec prompted(AlignmentSpec spec) {
    return test.has("chat") ? spec.toBuilder().setPrompt(Prompts.chat(test.get("chat").getAsString())).build() : spec;
  }

  private static EarlyStop stop(JsonObject stop) {
    return stop.has("reward_above")
        ? EarlyStop.whenRewardPasses(stop.get("reward_above").getAsDouble())
        : EarlyStop.after(Duration.ofMillis(stop.get("after_ms").getAsInt()));
  }

  private static JsonObject early(EarlyAnswer answer) {
    JsonObject early = new JsonObject();
    early.addProperty("stopped_early", answer.end() == null);
    early.addProperty("iteration", answer.iteration());
    early.add("best", json(answer.response()));
    return early;
  }

  private static JsonObject describe(SeaGrpcException failure) {
    JsonObject error = new JsonObject();
    error.addProperty("code", failure.code().name());
    error.addProperty("reason", failure.reason());
    error.addProperty("message", failure.getMessage());
    error.addProperty("type", failure.getClass().getSimpleName());
    failure.retryAfter().ifPresent(delay -> error.addProperty("retry_after_ms", delay.toMillis()));
    JsonObject metadata = new JsonObject();
    failure.metadata().forEach(metadata::addProperty);
    error.add("metadata", metadata);
    JsonArray violations = new JsonArray();
    failure.violations().forEach(
        each -> {
          JsonObject violation = new JsonObject();
          violation.addProperty("field", each.field());
          violation.addProperty("description", each.description());
          violation.addProperty("reason", each.reason());
          violations.add(violation);
        });
    error.add("violations", violations);
    return error;
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof SeaGrpcException typed) {
        throw typed;
      }
      throw failure;
    }
  }

  private static JsonElement json(MessageOrBuilder message) {
    try {
      return JsonParser.parseString(JsonFormat.printer().print(message));
    } catch (IOException invalid) {
      throw new IllegalStateException(invalid);
    }
  }
}
