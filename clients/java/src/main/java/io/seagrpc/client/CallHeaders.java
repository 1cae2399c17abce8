package io.seagrpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

/**
 * Puts the token and a caller's metadata on every call. An authorization among the metadata takes the token's place.
 *
 * @param token null for none
 * @param metadata what goes with every call; never changed
 */
record CallHeaders(String token, Metadata metadata) implements ClientInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** These and others, which take the place of those with the same keys. */
  CallHeaders and(Metadata others) {
    Metadata both = new Metadata();
    both.merge(metadata);
    for (String key : others.keys()) {
      if (key.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        both.discardAll(Metadata.Key.of(key, Metadata.BINARY_BYTE_MARSHALLER));
      } else {
        both.discardAll(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
      }
    }
    both.merge(others);
    return new CallHeaders(token, both);
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        headers.merge(metadata);
        if (token != null && !headers.containsKey(AUTHORIZATION)) {
          headers.put(AUTHORIZATION, "Bearer " + token);
        }
        super.start(listener, headers);
      }
    };
  }
}
