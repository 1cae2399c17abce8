using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Listening;

/// <summary>
/// Takes calls over a Unix socket whatever <c>:authority</c> they name. gRPC's C core sends the socket's path, percent-encoded, which
/// is not a host name: Kestrel would reset the stream. A Unix socket has no host to choose by, so that there each reads as localhost.
/// </summary>
/// <remarks>
/// Kestrel asks for an encoding by a header's name when it reads one, within the flow of the connection's own middleware: so the one sets
/// a mark that the other finds.
/// </remarks>
internal static class UnixAuthority
{
    private static readonly AsyncLocal<bool> OnUnixSocket = new();

    /// <summary>Prepares all listeners that are added from here on.</summary>
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
