package io.seagrpc.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param authority HOST:PORT; null for a Unix socket
 * @param isTls whether it speaks TLS
 * @param socket path of a Unix socket; null for TCP
 */
record ServerAddress(String authority, boolean isTls, String socket) {
  private static final Pattern SOCKET = Pattern.compile("unix:(?:(?=///)//)?(?!//)(?<path>(?=.*[^/]).+)", Pattern.DOTALL);
  private static final Pattern TCP =
      Pattern.compile(
          "(?:(?<scheme>https?)://)?(?<host>[^\\s/?#@\\[\\]:]+|\\[[^\\s/?#@\\[\\]]+\\])(?::(?<port>[0-9]{1,5}))?/?", Pattern.CASE_INSENSITIVE);

  /** Reads http://HOST:PORT, https://HOST:PORT, HOST:PORT or unix:PATH. The port is optional behind a scheme, which has its own. */
  static ServerAddress parse(String address) {
    Matcher socket = SOCKET.matcher(address);
    if (socket.matches()) {
      return new ServerAddress(null, false, socket.group("path"));
    }
    Matcher tcp = TCP.matcher(address);
    if (tcp.matches() && (tcp.group("scheme") != null || tcp.group("port") != null)) {
      boolean isTls = "https".equalsIgnoreCase(tcp.group("scheme"));
      int port = tcp.group("port") != null ? Integer.parseInt(tcp.group("port")) : isTls ? 443 : 80;
      if (port > 0 && port < 65536) {
        return new ServerAddress(tcp.group("host") + ":" + port, isTls, null);
      }
    }
    throw new IllegalArgumentException(
        "'" + address + "' is not an address: write http://HOST:PORT, https://HOST:PORT, HOST:PORT (as http://) or unix:PATH.");
  }
}
