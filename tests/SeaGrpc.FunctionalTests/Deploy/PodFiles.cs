using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>The files that a pod would have of its secrets, on this machine.</summary>
internal sealed class PodFiles : IDisposable
{
    private const string Secrets = "/run/secrets/";

    private readonly TemporaryFolder _folder = new();
    private readonly TlsFolder _tls = new();

    /// <summary>Whether a setting's value is a file of a secret.</summary>
    public static bool IsFile(string value) => value.StartsWith(Secrets, StringComparison.Ordinal);

    /// <summary>The settings of the server in a pod, with files of this machine in the places of the pod's.</summary>
    public string[] Settings(Manifests rendered) =>
    [
        .. rendered.Settings()
            .Where(setting => !setting.StartsWith("--SEAGRPC", StringComparison.Ordinal))
            .Select(setting => setting.Split('=', 2))
            .Select(setting => $"{setting[0]}={(IsFile(setting[1]) ? Here(setting[0]) : setting[1])}"),
    ];

    public void Dispose()
    {
        _tls.Dispose();
        _folder.Dispose();
    }

    private string Here(string setting)
    {
        switch (setting)
        {
            case "--SeaGrpc:Tls:Certificate":
                return _tls.Path("server.pem");
            case "--SeaGrpc:Tls:Key":
                return _tls.Path("server.key");
            case "--SeaGrpc:Tls:ClientCa":
                return _tls.Path(TlsFolder.Root);
            case "--SeaGrpc:Security:AuthTokenFile":
                string token = _folder.File("token");
                File.WriteAllText(token, "a-long-token");
                return token;
            default:
                throw new InvalidOperationException($"{setting} names a file that no secret is known for.");
        }
    }
}
