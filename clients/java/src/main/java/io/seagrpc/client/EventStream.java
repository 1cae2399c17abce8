package io.seagrpc.client;

import io.grpc.Deadline;
import io.seagrpc.v1.AlignmentServiceGrpc;
import io.seagrpc.v1.StreamAlignRequest;
import io.seagrpc.v1.StreamAlignResponse;

/** The events of one alignment, for one thread that waits for them. Closing it ends the run. */
public final class EventStream extends MessageStream<StreamAlignResponse> {
  EventStream(SeaClient client, StreamAlignRequest request, Deadline deadline) {
    super(client, AlignmentServiceGrpc.getStreamAlignMethod(), request, deadline);
  }
}
