package io.seagrpc.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import javax.net.ssl.SSLException;

/** Opens a channel to a {@link ServerAddress}. */
final class Channels {
  private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

  private Channels() {}

  /** A channel and the threads that serve it. */
  record Opened(ManagedChannel channel, EventLoopGroup threads) {
    void close() {
      channel.shutdownNow();
      threads.shutdownGracefully();
    }
  }

  /** Certificates in PEM; each may be null. */
  record Certificates(InputStream roots, InputStream chain, InputStream key) {}

  static Opened open(ServerAddress address, Certificates certificates) {
    // Daemons: a program that does not close its client ends all the same.
    EventLoopGroup threads = new NioEventLoopGroup(1, new DefaultThreadFactory("seagrpc-client", true));
    NettyChannelBuilder builder = address.socket() != null ? socket(address) : tcp(address, certificates);
    return new Opened(builder.eventLoopGroup(threads).disableRetry().maxInboundMessageSize(MAX_MESSAGE_BYTES).build(), threads);
  }

  private static NettyChannelBuilder socket(ServerAddress address) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(address.socket()))
        .channelFactory(UnixSocketChannel::new)
        .overrideAuthority("localhost")
        .usePlaintext();
  }

  private static NettyChannelBuilder tcp(ServerAddress address, Certificates certificates) {
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget("dns:///" + address.authority()).channelType(NioSocketChannel.class);
    if (!address.isTls()) {
      return builder.usePlaintext();
    }
    try {
      SslContextBuilder tls = GrpcSslContexts.forClient();
      if (certificates.roots() != null) {
        tls.trustManager(certificates.roots());
      }
      if (certificates.chain() != null) {
        tls.keyManager(certificates.chain(), certificates.key());
      }
      return builder.sslContext(tls.build());
    } catch (SSLException | IllegalArgumentException unreadable) {
      throw new IllegalArgumentException("The certificates or the key cannot be read.", unreadable);
    }
  }
}
