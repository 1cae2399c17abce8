using System.Net;
using System.Net.Sockets;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Listening;
using SeaGrpc.Server.Options;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests;

/// <summary>Addresses that the server listens on, and the files of Unix sockets.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ListeningTests
{
    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://+:0")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::]:0")]
    public async Task Names_for_several_addresses_are_both_families_where_there_is_IPv6(string address)
    {
        await using RunningServer server = await RunningServer.ListenAsync(
            null, null, $"Transport:Grpc={address}", $"Transport:Http={address}");
        foreach (int port in (int[])[new Uri(server.Address).Port, new Uri(server.HttpAddress).Port])
        {
            Assert.True(await IsOpenAsync(IPAddress.Loopback, port));
            Assert.Equal(HasLoopback6(), await IsOpenAsync(IPAddress.IPv6Loopback, port));
        }
    }

    [Theory]
    [InlineData("600")]
    [InlineData("0660")]
    [InlineData("666")]
    public void A_socket_has_its_mode_before_anybody_can_connect(string mode)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("sea.sock");
        using Socket socket = new UnixSocketFiles(new TransportOptions { UnixSocketMode = mode }).Bind(new UnixDomainSocketEndPoint(path));
        Assert.Equal((UnixFileMode)Convert.ToInt32(mode, 8), File.GetUnixFileMode(path));
        using var early = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.Equal(
            SocketError.ConnectionRefused,
            Assert.Throws<SocketException>(() => early.Connect(new UnixDomainSocketEndPoint(path))).SocketErrorCode);
    }

    [Fact]
    public void A_socket_is_given_to_a_group_by_name_or_number()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0u, UnixRights.GroupId("root"));
        Assert.Equal(4711u, UnixRights.GroupId("4711"));
        Assert.Null(UnixRights.GroupId("no-such-group"));
        var files = new UnixSocketFiles(new TransportOptions { UnixSocketMode = "660", UnixSocketGroup = "4711" });
        var endpoint = new UnixDomainSocketEndPoint(folder.File("sea.sock"));
        if (Environment.UserName == "root")
        {
            using Socket socket = files.Bind(endpoint);
            Assert.Equal("4711", OwnerGroup(folder.File("sea.sock")));
        }
        else
        {
            Assert.Contains("SeaGrpc:Transport:UnixSocketGroup", Assert.Throws<ListenException>(() => files.Bind(endpoint)).Message);
        }
    }

    [Fact]
    public async Task The_default_mode_is_for_the_servers_user_alone()
    {
        await using RunningServer server = await RunningServer.ListenAsync(
            null, null, "Transport:Grpc=unix:{folder}sea.sock", "Transport:Http=none");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Address["unix:".Length..]));
    }

    [Theory]
    [InlineData("file", "is a file, which is left unchanged")]
    [InlineData("folder", "is a folder")]
    [InlineData("pipe", "is a named pipe")]
    [InlineData("link", "is a symbolic link")]
    [InlineData("dangling link", "is a symbolic link")]
    [InlineData("link to a stale socket", "is a symbolic link")]
    [InlineData("live", "another server listens there")]
    [InlineData("datagram", "another server listens there")]
    public void What_is_no_left_over_socket_is_never_removed(string kind, string told)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("sea.sock");
        using Socket? live = Make(kind, path, folder.File("data"));
        ListenException failure = Assert.Throws<ListenException>(() => Bind(path));
        Assert.Contains($"unix:{path} cannot be created", failure.Message);
        Assert.Contains(told, failure.Message);
        Assert.Contains("sea.sock", Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
        Assert.Equal(kind is "link to a stale socket" or "link", Path.Exists(folder.File("data")));
    }

    [Fact]
    public void A_device_is_left_as_it_is()
    {
        string told = Assert.Throws<ListenException>(() => Bind("/dev/full")).Message;
        Assert.Equal(
            "unix:/dev/full cannot be created: the path is a device, which is left unchanged. Use a free path, or remove it.",
            told);
        Assert.Equal(FileKind.Device, FileKinds.Of("/dev/full"));
    }

    [Fact]
    public void A_path_below_a_file_is_no_folder()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("data"), "precious");
        Assert.Contains(
            $"there is no folder {folder.File("data")}.", Assert.Throws<ListenException>(() => Bind(folder.File("data/sea.sock"))).Message);
        Assert.Equal("precious", File.ReadAllText(folder.File("data")));
    }

    /// <summary>192.0.2.0/24 is for documentation: no machine has an address of it.</summary>
    [Fact]
    public async Task An_address_that_the_machine_does_not_have_is_named()
    {
        ListenException failure = await Assert.ThrowsAsync<ListenException>(
            () => RunningServer.ListenAsync(null, null, "Transport:Grpc=http://192.0.2.1:50051"));
        Assert.StartsWith("The server cannot listen on http://192.0.2.1:50051: ", failure.Message);
        Assert.Contains("This machine has no such address", failure.Message);
    }

    [Fact]
    public async Task Asking_for_health_where_no_port_is_named_says_so() =>
        Assert.Equal(
            1,
            await Server.SeaServer.RunAsync(
                ["--SeaGrpc:Transport:Grpc=http://127.0.0.1:0", "--SeaGrpc:Transport:Http=none", HealthProbe.Argument]));

    [Fact]
    public void A_socket_that_nobody_listens_on_is_replaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("sea.sock");
        LeaveStale(path);
        Assert.Equal(FileKind.Socket, FileKinds.Of(path));
        using Socket socket = Bind(path);
        Assert.Equal(FileKind.Socket, FileKinds.Of(path));
    }

    [Fact]
    public void A_missing_folder_is_named_with_the_address()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("missing/sea.sock");
        string told = Assert.Throws<ListenException>(() => Bind(path)).Message;
        Assert.Contains($"unix:{path} cannot be created: there is no folder {folder.File("missing")}.", told);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("stale")]
    public async Task Asking_for_health_removes_nothing(string kind)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("sea.sock");
        using Socket? live = Make(kind, path, folder.File("data"));
        Assert.Equal(
            1,
            await Server.SeaServer.RunAsync(
                [$"--SeaGrpc:Transport:Grpc=unix:{path}", "--SeaGrpc:Transport:Http=none", HealthProbe.Argument]));
        Assert.True(Path.Exists(path));
    }

    [Theory]
    [InlineData("%2Frun%2Fsea.sock")]
    [InlineData("run%2Fsea.sock")]
    [InlineData("localhost")]
    public async Task A_unix_socket_answers_whatever_authority_a_call_names(string authority)
    {
        await using RunningServer server = await RunningServer.ListenAsync(
            null, null, "Transport:Grpc=unix:{folder}sea.sock", "Transport:Http=none");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.Address["unix:".Length..]));
        Assert.Equal(PlainHttp2.Headers, await PlainHttp2.AnswerAsync(new NetworkStream(socket), authority));
    }

    [Fact]
    public async Task Over_TCP_an_authority_that_is_no_host_is_refused()
    {
        await using RunningServer server = await RunningServer.ListenAsync(null, null);
        var address = new Uri(server.Address);
        using var client = new TcpClient(address.Host, address.Port);
        Assert.Equal(PlainHttp2.Reset, await PlainHttp2.AnswerAsync(client.GetStream(), "%2Frun%2Fsea.sock"));
    }

    private static Socket Bind(string path) => new UnixSocketFiles(new TransportOptions()).Bind(new UnixDomainSocketEndPoint(path));

    private static Socket? Make(string kind, string path, string data)
    {
        switch (kind)
        {
            case "file":
                File.WriteAllText(path, "precious");
                return null;
            case "folder":
                Directory.CreateDirectory(path);
                return null;
            case "pipe":
                Run("mkfifo", path);
                return null;
            case "link":
                File.CreateSymbolicLink(path, data);
                File.WriteAllText(data, "precious");
                return null;
            case "dangling link":
                File.CreateSymbolicLink(path, data);
                return null;
            case "link to a stale socket":
                LeaveStale(data);
                File.CreateSymbolicLink(path, data);
                return null;
            case "stale":
                LeaveStale(path);
                return null;
            case "datagram":
                var messages = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                messages.Bind(new UnixDomainSocketEndPoint(path));
                return messages;
            default:
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                socket.Listen();
                return socket;
        }
    }

    /// <summary>As a process that was killed leaves it: .NET removes a socket's file with the socket.</summary>
    private static void LeaveStale(string path) =>
        Run("python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path);

    private static string OwnerGroup(string path) => Run("stat", "-c", "%g", path).Trim();

    private static string Run(string program, params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static bool HasLoopback6()
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<bool> IsOpenAsync(IPAddress ip, int port)
    {
        try
        {
            using var client = new TcpClient(ip.AddressFamily);
            await client.ConnectAsync(ip, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
