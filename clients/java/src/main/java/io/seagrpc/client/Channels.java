package io.seagrpc.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.InputStream;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import javax.net.ssl.SSLException;

/** Opens a channel to http://HOST:PORT, https://HOST:PORT or unix:PATH. */
final class Channels {
  private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
  private static final String UNIX_SCHEME = "unix:";

  private Channels() {}

  /** A channel and the threads that serve it. */
  record Opened(ManagedChannel channel, EventLoopGroup threads) {
    void close() {
      channel.shutdownNow();
      threads.shutdownGracefully();
    }
  }

  static Opened open(String address, InputStream rootCertificates) {
    EventLoopGroup threads = new NioEventLoopGroup(1);
    NettyChannelBuilder builder = builder(address, rootCertificates);
    if (!address.startsWith(UNIX_SCHEME)) {
      builder.channelType(NioSocketChannel.class);
    }
    return new Opened(builder.eventLoopGroup(threads).disableRetry().maxInboundMessageSize(MAX_MESSAGE_BYTES).build(), threads);
  }

  private static NettyChannelBuilder builder(String address, InputStream rootCertificates) {
    if (address.startsWith(UNIX_SCHEME)) {
      return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(address.substring(UNIX_SCHEME.length())))
          .channelFactory(UnixSocketChannel::new)
          .overrideAuthority("localhost")
          .usePlaintext();
    }
    URI url = URI.create(address);
    if (url.getHost() != null && url.getPort() > 0) {
      NettyChannelBuilder builder = NettyChannelBuilder.forAddress(url.getHost(), url.getPort());
      if ("http".equals(url.getScheme())) {
        return builder.usePlaintext();
      }
      if ("https".equals(url.getScheme())) {
        try {
          return rootCertificates == null
              ? builder.useTransportSecurity()
              : builder.sslContext(GrpcSslContexts.forClient().trustManager(rootCertificates).build());
        } catch (SSLException unreadable) {
          throw new IllegalArgumentException("The root certificates cannot be read.", unreadable);
        }
      }
    }
    throw new IllegalArgumentException("'" + address + "' is no address: write http://HOST:PORT, https://HOST:PORT or unix:PATH.");
  }
}
