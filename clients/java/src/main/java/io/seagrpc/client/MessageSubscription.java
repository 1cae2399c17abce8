package io.seagrpc.client;

import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;

/** The messages of one call for one subscriber. */
final class MessageSubscription<Q, R> implements Flow.Subscription {
  private final SeaClient client;
  private final MethodDescriptor<Q, R> method;
  private final Q request;
  private final Deadline deadline;
  private final Flow.Subscriber<? super R> subscriber;
  private ClientCall<Q, R> call;
  private int attempt;
  private long wanted;
  private boolean cancelled;

  MessageSubscription(
      SeaClient client, MethodDescriptor<Q, R> method, Q request, Deadline deadline, Flow.Subscriber<? super R> subscriber) {
    this.client = client;
    this.method = method;
    this.request = request;
    this.deadline = deadline;
    this.subscriber = subscriber;
  }

  void start() {
    subscriber.onSubscribe(this);
    attempt();
  }

  @Override
  public synchronized void request(long count) {
    int now = (int) Math.min(count, Integer.MAX_VALUE);
    wanted = Math.min(wanted + now, Integer.MAX_VALUE);
    if (call != null) {
      call.request(now);
    }
  }

  @Override
  public synchronized void cancel() {
    cancelled = true;
    if (call != null) {
      call.cancel("The subscription was cancelled.", null);
    }
  }

  private synchronized void attempt() {
    if (cancelled) {
      return;
    }
    attempt++;
    call = client.channel().newCall(method, SeaClient.options(deadline));
    call.start(new Listener(), new Metadata());
    call.sendMessage(request);
    call.halfClose();
    if (wanted > 0) {
      call.request((int) wanted);
    }
  }

  private synchronized boolean isCancelled() {
    return cancelled;
  }

  /** What the call says. */
  private final class Listener extends ClientCall.Listener<R> {
    private boolean any;

    @Override
    public void onMessage(R message) {
      any = true;
      synchronized (MessageSubscription.this) {
        wanted--;
      }
      if (!isCancelled()) {
        subscriber.onNext(message);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (isCancelled()) {
        return;
      }
      if (status.isOk()) {
        subscriber.onComplete();
        return;
      }
      StatusRuntimeException error = status.asRuntimeException(trailers);
      Optional<Duration> delay = any ? Optional.empty() : client.retries().delay(error, attempt, deadline);
      if (delay.isPresent()) {
        Attempts.later(delay.get(), MessageSubscription.this::attempt);
      } else {
        subscriber.onError(SeaGrpcException.of(error));
      }
    }
  }
}
