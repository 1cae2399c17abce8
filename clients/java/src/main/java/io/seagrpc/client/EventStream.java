package io.seagrpc.client;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.seagrpc.v1.AlignmentServiceGrpc;
import io.seagrpc.v1.StreamAlignRequest;
import io.seagrpc.v1.StreamAlignResponse;
import java.util.Iterator;

/** The events of one alignment, for one thread that waits for them. Closing it ends the run. */
public final class EventStream implements Iterator<StreamAlignResponse>, Iterable<StreamAlignResponse>, AutoCloseable {
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Iterator<StreamAlignResponse> events;

  EventStream(SeaClient client, StreamAlignRequest request, Deadline deadline) {
    events = Attempts.run(client.retries(), deadline, () -> first(client, request, deadline));
  }

  /** Waits for the next event. */
  @Override
  public boolean hasNext() {
    try {
      return events.hasNext();
    } catch (StatusRuntimeException error) {
      throw SeaGrpcException.of(error);
    }
  }

  @Override
  public StreamAlignResponse next() {
    try {
      return events.next();
    } catch (StatusRuntimeException error) {
      throw SeaGrpcException.of(error);
    }
  }

  /** Itself: the events can be gone through once. */
  @Override
  public Iterator<StreamAlignResponse> iterator() {
    return this;
  }

  /** Ends the run, from any thread. */
  @Override
  public void close() {
    context.cancel(Status.CANCELLED.asException());
  }

  private Iterator<StreamAlignResponse> first(SeaClient client, StreamAlignRequest request, Deadline deadline) {
    Context previous = context.attach();
    try {
      Iterator<StreamAlignResponse> started =
          ClientCalls.blockingServerStreamingCall(client.channel(), AlignmentServiceGrpc.getStreamAlignMethod(), SeaClient.options(deadline), request);
      // Nothing is sent before admission: a refusal shows before the first event.
      started.hasNext();
      return started;
    } finally {
      context.detach(previous);
    }
  }
}
