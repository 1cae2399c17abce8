using SeaGrpc.Server;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>A sidecar with the embedded models that speaks TLS and asks its callers for certificates, and files for callers.</summary>
internal sealed class TlsSidecar : IAsyncDisposable
{
    private readonly TlsFolder _files;
    private readonly Sidecar _sidecar;

    private TlsSidecar(TlsFolder files, Sidecar sidecar)
    {
        _files = files;
        _sidecar = sidecar;
    }

    /// <summary>https://127.0.0.1:PORT.</summary>
    public string Address => _sidecar.Address;

    /// <summary>Starts it.</summary>
    /// <param name="callers">The names of callers that get a certificate: NAME.pem and NAME.key.</param>
    public static async Task<TlsSidecar> StartAsync(params string[] callers)
    {
        var files = new TlsFolder();
        Array.ForEach(callers, files.WriteClient);
        var settings = files.MutualSettings.Select(setting => setting.Split('=', 2))
            .ToDictionary(setting => $"SeaGrpc:{setting[0]}", string? (setting) => setting[1]);
        settings["SeaGrpc:Models:Threads"] = "1";
        return new TlsSidecar(files, await Sidecar.StartAsync(settings));
    }

    /// <summary>Path of a file: <see cref="TlsFolder.Root"/>, or one of a caller's.</summary>
    public string File(string name) => _files.Path(name);

    public async ValueTask DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        _files.Dispose();
    }
}
