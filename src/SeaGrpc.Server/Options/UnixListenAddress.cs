using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Options;

/// <summary>A Unix socket. How its file is made and whom it lets in: <c>UnixSocketFiles</c>.</summary>
/// <param name="Path">Its absolute path.</param>
internal sealed record UnixListenAddress(string Path) : ListenAddress
{
    /// <summary>Bytes of a path that the operating system takes (sun_path, without the zero at its end).</summary>
    private static readonly int MaxPathBytes = OperatingSystem.IsLinux() ? 107 : 103;

    public override string? Problem => Encoding.UTF8.GetByteCount(Path) is var bytes && bytes > MaxPathBytes
        ? $"The path {Path} has {bytes} bytes, but a Unix socket's path may have at most {MaxPathBytes}: use a shorter one."
        : null;

    private protected override IReadOnlyList<EndPoint> Peers => [new UnixDomainSocketEndPoint(Path)];

    public override void Listen(KestrelServerOptions kestrel, HttpProtocols protocols) =>
        kestrel.ListenUnixSocket(Path, listen => listen.Protocols = protocols);
}
