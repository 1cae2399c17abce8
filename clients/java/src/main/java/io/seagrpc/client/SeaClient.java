package io.seagrpc.client;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.seagrpc.client.health.HealthCheckRequest;
import io.seagrpc.v1.AlignBatchRequest;
import io.seagrpc.v1.AlignBatchResponse;
import io.seagrpc.v1.AlignRequest;
import io.seagrpc.v1.AlignResponse;
import io.seagrpc.v1.AlignmentServiceGrpc;
import io.seagrpc.v1.AlignmentSpec;
import io.seagrpc.v1.CancelAlignmentRequest;
import io.seagrpc.v1.GetServerInfoRequest;
import io.seagrpc.v1.GetServerInfoResponse;
import io.seagrpc.v1.InfoServiceGrpc;
import io.seagrpc.v1.ScoreRequest;
import io.seagrpc.v1.ScoreResponse;
import io.seagrpc.v1.StreamAlignRequest;
import io.seagrpc.v1.StreamAlignResponse;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/**
 * A SeaGrpc server. Safe for use by several threads; one connection serves all calls. Calls block, or with Async in their name
 * answer later; one that fails throws, or completes with, a {@link SeaGrpcException}. A deadline of null is none; a run ends
 * shortly before its deadline with its best answer so far. Its threads are daemons: they keep no program alive.
 */
public final class SeaClient implements AutoCloseable {
  private final Channels.Opened opened;
  private final CallHeaders headers;
  private final Channel channel;
  private final RetryPolicy retries;

  private SeaClient(Channels.Opened opened, CallHeaders headers, RetryPolicy retries) {
    this.opened = opened;
    this.headers = headers;
    this.retries = retries;
    channel = ClientInterceptors.intercept(opened.channel(), headers);
  }

  /**
   * A client of http://HOST:PORT, https://HOST:PORT (TLS), HOST:PORT (as http://) or unix:PATH. The connection is made by the first
   * call.
   */
  public static SeaClient connect(String address) {
    return builder(address).build();
  }

  /** The same with a token, certificates or other retries. */
  public static Builder builder(String address) {
    return new Builder(address);
  }

  /**
   * This client with metadata on every call: sea-priority, a traceparent, anything. It shares the connection, which closing either
   * closes.
   */
  public SeaClient withMetadata(Metadata metadata) {
    return new SeaClient(opened, headers.and(metadata), retries);
  }

  /** The same with one key and its value. */
  public SeaClient withMetadata(String key, String value) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value);
    return withMetadata(metadata);
  }

  /** Aligns one response. */
  public AlignResponse align(AlignmentSpec spec, Duration deadline) {
    return call(AlignmentServiceGrpc.getAlignMethod(), AlignRequest.newBuilder().setSpec(spec).build(), deadline);
  }

  /** Aligns one response. Cancelling the future ends the run. */
  public CompletableFuture<AlignResponse> alignAsync(AlignmentSpec spec, Duration deadline) {
    return callAsync(AlignmentServiceGrpc.getAlignMethod(), AlignRequest.newBuilder().setSpec(spec).build(), deadline);
  }

  /** Aligns one response and tells of it while it runs. Closing the stream, or interrupting the thread that reads, ends the run. */
  public EventStream stream(AlignmentSpec spec, Duration deadline) {
    return new EventStream(this, StreamAlignRequest.newBuilder().setSpec(spec).build(), deadlineOf(deadline));
  }

  /** The same for one subscriber, as fast as it asks. Cancelling the subscription ends the run. */
  public Flow.Publisher<StreamAlignResponse> streamAsync(AlignmentSpec spec, Duration deadline) {
    StreamAlignRequest request = StreamAlignRequest.newBuilder().setSpec(spec).build();
    return publisher(AlignmentServiceGrpc.getStreamAlignMethod(), request, deadline);
  }

  /**
   * Aligns a response for each of several specs. There is one result for each, with its index, as soon as it ends: in any order. A spec
   * that failed has an error. Closing the stream, or interrupting the thread that reads, ends those that run.
   */
  public MessageStream<AlignBatchResponse> alignBatch(Iterable<AlignmentSpec> specs, Duration deadline) {
    return new MessageStream<>(this, AlignmentServiceGrpc.getAlignBatchMethod(), batch(specs), deadlineOf(deadline));
  }

  /** The same for one subscriber, as fast as it asks. Cancelling the subscription ends those that run. */
  public Flow.Publisher<AlignBatchResponse> alignBatchAsync(Iterable<AlignmentSpec> specs, Duration deadline) {
    return publisher(AlignmentServiceGrpc.getAlignBatchMethod(), batch(specs), deadline);
  }

  /** Aligns one response until a condition holds, and returns the best answer so far. */
  public EarlyAnswer alignUntil(AlignmentSpec spec, EarlyStop stop, Duration deadline) {
    return stop.run(sent -> stream(sent, deadline), spec);
  }

  /** The same on a thread of the common pool. */
  public CompletableFuture<EarlyAnswer> alignUntilAsync(AlignmentSpec spec, EarlyStop stop, Duration deadline) {
    return CompletableFuture.supplyAsync(() -> alignUntil(spec, stop, deadline));
  }

  /** Scores given responses to given prompts. */
  public ScoreResponse score(ScoreRequest request, Duration deadline) {
    return call(AlignmentServiceGrpc.getScoreMethod(), request, deadline);
  }

  /** Scores given responses to given prompts. */
  public CompletableFuture<ScoreResponse> scoreAsync(ScoreRequest request, Duration deadline) {
    return callAsync(AlignmentServiceGrpc.getScoreMethod(), request, deadline);
  }

  /** Ends an alignment, which then answers its own caller with its best so far; whether there was one. */
  public boolean cancel(CancelAlignmentRequest request, Duration deadline) {
    return call(AlignmentServiceGrpc.getCancelAlignmentMethod(), request, deadline).getCancelled();
  }

  /** Ends an alignment, which then answers its own caller with its best so far; whether there was one. */
  public CompletableFuture<Boolean> cancelAsync(CancelAlignmentRequest request, Duration deadline) {
    return callAsync(AlignmentServiceGrpc.getCancelAlignmentMethod(), request, deadline).thenApply(response -> response.getCancelled());
  }

  /** What the server is. */
  public GetServerInfoResponse serverInfo(Duration deadline) {
    return call(InfoServiceGrpc.getGetServerInfoMethod(), GetServerInfoRequest.getDefaultInstance(), deadline);
  }

  /** What the server is. */
  public CompletableFuture<GetServerInfoResponse> serverInfoAsync(Duration deadline) {
    return callAsync(InfoServiceGrpc.getGetServerInfoMethod(), GetServerInfoRequest.getDefaultInstance(), deadline);
  }

  /**
   * Whether the server takes calls, by grpc.health.v1; false while it loads its models, drains or has lost its device. Where nobody
   * answers, it throws {@link SeaGrpcException.Unavailable}. Needs no token.
   */
  public boolean isServing(Duration deadline) {
    return HealthCheck.isServing(call(HealthCheck.METHOD, HealthCheckRequest.getDefaultInstance(), deadline));
  }

  /** The same, later. */
  public CompletableFuture<Boolean> isServingAsync(Duration deadline) {
    return callAsync(HealthCheck.METHOD, HealthCheckRequest.getDefaultInstance(), deadline).thenApply(HealthCheck::isServing);
  }

  /** Closes the connection; calls that run are given up. */
  @Override
  public void close() {
    opened.close();
  }

  Channel channel() {
    return channel;
  }

  RetryPolicy retries() {
    return retries;
  }

  static CallOptions options(Deadline deadline) {
    return CallOptions.DEFAULT.withDeadline(deadline);
  }

  private static AlignBatchRequest batch(Iterable<AlignmentSpec> specs) {
    return AlignBatchRequest.newBuilder().addAllSpecs(specs).build();
  }

  private <Q, R> Flow.Publisher<R> publisher(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    return subscriber -> new MessageSubscription<>(this, method, request, deadlineOf(deadline), subscriber).start();
  }

  private static Deadline deadlineOf(Duration longest) {
    return longest == null ? null : Deadline.after(longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  private <Q, R> R call(MethodDescriptor<Q, R> method, Q request, Duration longest) {
    Deadline deadline = deadlineOf(longest);
    return Attempts.run(retries, deadline, () -> ClientCalls.blockingUnaryCall(channel, method, options(deadline), request));
  }

  private <Q, R> CompletableFuture<R> callAsync(MethodDescriptor<Q, R> method, Q request, Duration longest) {
    CompletableFuture<R> result = new CompletableFuture<>();
    attemptAsync(method, request, deadlineOf(longest), 1, result);
    return result;
  }

  private <Q, R> void attemptAsync(MethodDescriptor<Q, R> method, Q request, Deadline deadline, int attempt, CompletableFuture<R> result) {
    ListenableFuture<R> call = ClientCalls.futureUnaryCall(channel.newCall(method, options(deadline)), request);
    result.whenComplete((ignored, failure) -> call.cancel(true));
    Futures.addCallback(
        call,
        new FutureCallback<R>() {
          @Override
          public void onSuccess(R response) {
            result.complete(response);
          }

          @Override
          public void onFailure(Throwable failure) {
            if (!(failure instanceof StatusRuntimeException error)) {
              result.completeExceptionally(failure);
              return;
            }
            Optional<Duration> delay = result.isDone() ? Optional.empty() : retries.delay(error, attempt, deadline);
            if (delay.isEmpty()) {
              result.completeExceptionally(SeaGrpcException.of(error));
            } else {
              Attempts.later(delay.get(), () -> attemptAsync(method, request, deadline, attempt + 1, result));
            }
          }
        },
        MoreExecutors.directExecutor());
  }

  /** How a client connects and calls. */
  public static final class Builder {
    private final String address;
    private String token;
    private InputStream rootCertificates;
    private InputStream certificateChain;
    private InputStream privateKey;
    private RetryPolicy retries = RetryPolicy.DEFAULT;

    private Builder(String address) {
      this.address = address;
    }

    /** The server's bearer token. */
    public Builder token(String token) {
      this.token = token;
      return this;
    }

    /** Certificates in PEM that are trusted instead of the system's. */
    public Builder rootCertificates(InputStream pem) {
      this.rootCertificates = pem;
      return this;
    }

    /**
     * The client's certificate in PEM, then those that signed it, and its private key in PEM (PKCS #8), for a server that asks
     * callers for one.
     */
    public Builder clientCertificate(InputStream chain, InputStream key) {
      this.certificateChain = chain;
      this.privateKey = key;
      return this;
    }

    /** When a refused call is tried again. */
    public Builder retries(RetryPolicy retries) {
      this.retries = retries;
      return this;
    }

    /** Opens it. */
    public SeaClient build() {
      Channels.Opened opened = Channels.open(ServerAddress.parse(address), new Channels.Certificates(rootCertificates, certificateChain, privateKey));
      return new SeaClient(opened, new CallHeaders(token, new Metadata()), retries);
    }
  }
}
