using System.Net.Sockets;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Listening;

/// <summary>
/// Creates the files of the Unix sockets that the server listens on. (1) An existing file is removed only if it is a socket that nobody
/// listens on any more, such as a killed process leaves behind. (2) The socket gets its group and mode before (3) it listens. Until then
/// the system refuses every connection, so none is accepted under the default permissions of a new file.
/// </summary>
/// <param name="transport">Mode and group.</param>
internal sealed class UnixSocketFiles(TransportOptions transport)
{
    /// <summary>Returns a bound socket that does not listen yet.</summary>
    /// <exception cref="ListenException">The socket cannot be created.</exception>
    public Socket Bind(UnixDomainSocketEndPoint endpoint)
    {
        string path = endpoint.ToString();
        MakeWay(path); // 1
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endpoint);
            SetRights(path); // 2
            return socket; // 3
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw new ListenException(
                $"unix:{path} cannot be created: {refused.Message}. The server's user needs write permission in "
                    + $"{Path.GetDirectoryName(path)}; "
                + "or use another path (SeaGrpc:Transport:Grpc, SeaGrpc:Transport:Http).",
                refused);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void MakeWay(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            throw new ListenException(
                $"unix:{path} cannot be created: there is no folder {folder}. Create it, or use a path in an existing folder.");
        }

        switch (FileKinds.Of(path))
        {
            case FileKind.None:
                return;
            case FileKind.Socket:
                RemoveUnlessLive(path);
                return;
            case FileKind kind:
                throw new ListenException(
                    $"unix:{path} cannot be created: the path is {Words(kind)}, which is left unchanged. Use a free path, "
                        + "or remove it.");
        }
    }

    private static void RemoveUnlessLive(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        probe.Blocking = false; // A server that accepts no connections may leave one waiting for ever.
        SocketError answer = SocketError.Success;
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException refused)
        {
            answer = refused.SocketErrorCode;
        }

        if (answer != SocketError.ConnectionRefused)
        {
            throw new ListenException(
                answer == SocketError.AccessDenied
                    ? $"unix:{path} cannot be created: there is a socket of another user. Use another path, "
                        + "or remove the socket if its server has ended."
                    : $"unix:{path} cannot be created: another server listens there. Stop it, or use another path.");
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ListenException(
                $"unix:{path} cannot be created: there is a stale socket, which cannot be removed ({failure.Message}). "
                    + "Remove it.", failure);
        }
    }

    private void SetRights(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (!UnixRights.TryParseMode(transport.UnixSocketMode, out UnixFileMode mode))
        {
            throw new InvalidOperationException($"'{transport.UnixSocketMode}' was validated as a mode.");
        }

        try
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (transport.UnixSocketGroup is { } group && UnixRights.GroupId(group) is { } id)
            {
                UnixRights.SetGroup(path, id);
            }

            File.SetUnixFileMode(path, mode);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ListenException(
                $"unix:{path} cannot be given the mode "
                    + $"{transport.UnixSocketMode}{(transport.UnixSocketGroup is { } group ? $" and the group {group}" : string.Empty)}: "
                    + $"{failure.Message} "
                + "Only root can give a file to a group that it is not in: add the server's user to the group, or change "
                + "SeaGrpc:Transport:UnixSocketGroup.",
                failure);
        }
    }

    private static string Words(FileKind kind) => kind switch
    {
        FileKind.Folder => "a folder",
        FileKind.Link => "a symbolic link",
        FileKind.Pipe => "a named pipe",
        FileKind.Device => "a device",
        _ => "a file",
    };
}
