package io.seagrpc.client;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.Iterator;

/** The messages of one call, for one thread that waits for them. Closing it ends the call. */
public class MessageStream<T> implements Iterator<T>, Iterable<T>, AutoCloseable {
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Iterator<T> messages;

  <Q> MessageStream(SeaClient client, MethodDescriptor<Q, T> method, Q request, Deadline deadline) {
    messages = Attempts.run(client.retries(), deadline, () -> first(client, method, request, deadline));
  }

  /** Waits for the next message. */
  @Override
  public boolean hasNext() {
    try {
      return messages.hasNext();
    } catch (StatusRuntimeException error) {
      throw SeaGrpcException.of(error);
    }
  }

  @Override
  public T next() {
    try {
      return messages.next();
    } catch (StatusRuntimeException error) {
      throw SeaGrpcException.of(error);
    }
  }

  /** Itself: the messages can be gone through once. */
  @Override
  public Iterator<T> iterator() {
    return this;
  }

  /** Ends the call, from any thread. */
  @Override
  public void close() {
    context.cancel(Status.CANCELLED.asException());
  }

  private <Q> Iterator<T> first(SeaClient client, MethodDescriptor<Q, T> method, Q request, Deadline deadline) {
    Context previous = context.attach();
    try {
      Iterator<T> started = ClientCalls.blockingServerStreamingCall(client.channel(), method, SeaClient.options(deadline), request);
      // Nothing is sent before admission: a refusal shows before the first message.
      started.hasNext();
      return started;
    } finally {
      context.detach(previous);
    }
  }
}
