using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Options;

/// <summary>A Unix socket. <c>UnixSocketFiles</c> creates its file and sets who may connect.</summary>
/// <param name="Path">Absolute path of the socket file.</param>
internal sealed record UnixListenAddress(string Path) : ListenAddress
{
    /// <summary>Maximum path length in bytes that the operating system accepts (sun_path without the terminating zero).</summary>
    private static readonly int MaxPathBytes = OperatingSystem.IsLinux() ? 107 : 103;

    public override string? Problem => Encoding.UTF8.GetByteCount(Path) is var bytes && bytes > MaxPathBytes
        ? $"The path {Path} has {bytes} bytes, but a Unix socket's path may have at most {MaxPathBytes}: use a shorter one."
        : null;

    private protected override IReadOnlyList<EndPoint> Peers => [new UnixDomainSocketEndPoint(Path)];

    public override void Listen(KestrelServerOptions kestrel, Action<ListenOptions> configure) =>
        kestrel.ListenUnixSocket(Path, configure);
}
