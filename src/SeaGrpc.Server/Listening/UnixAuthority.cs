using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Listening;

/// <summary>
/// Accepts calls over a Unix socket with any <c>:authority</c>. gRPC's C core sends the socket's path, percent-encoded, which is not a host
/// name, so Kestrel would reset the stream. A Unix socket has no hosts to choose from, so every value is read as localhost.
/// </summary>
/// <remarks>
/// Kestrel asks for an encoding by header name when it reads a header, within the connection's own middleware. So the middleware sets a
/// mark that the encoding selector finds.
/// </remarks>
internal static class UnixAuthority
{
    private static readonly AsyncLocal<bool> OnUnixSocket = new();

    /// <summary>Prepares all listeners that are added after this call.</summary>
    public static void Accept(KestrelServerOptions kestrel)
    {
        kestrel.ConfigureEndpointDefaults(listen =>
        {
            if (listen.SocketPath is not null)
            {
                listen.Use(next => connection =>
                {
                    OnUnixSocket.Value = true;
                    return next(connection);
                });
            }
        });
        kestrel.RequestHeaderEncodingSelector = name => name == ":authority" && OnUnixSocket.Value ? Localhost.Encoding : null;
    }

    /// <summary>Decodes everything to localhost.</summary>
    private sealed class Localhost : Encoding
    {
        private const string Host = "localhost";

        public static readonly Localhost Encoding = new();

        public override int GetCharCount(byte[] bytes, int index, int count) => Host.Length;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        {
            Host.CopyTo(0, chars, charIndex, Host.Length);
            return Host.Length;
        }

        public override int GetMaxCharCount(int byteCount) => Host.Length;

        public override int GetByteCount(char[] chars, int index, int count) => ASCII.GetByteCount(chars, index, count);

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetMaxByteCount(int charCount) => ASCII.GetMaxByteCount(charCount);
    }
}
