using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Settings;

/// <summary>Checks that the addresses and the certificates of section Tls belong together.</summary>
internal static class TlsUse
{
    private const string Transport = $"{SettingsSection.Root}:Transport";
    private const string Tls = $"{SettingsSection.Root}:Tls";

    /// <summary>Every violation.</summary>
    /// <param name="configuration">Must not contain values that cannot be bound.</param>
    public static IEnumerable<SettingViolation> Find(IConfiguration configuration)
    {
        TransportOptions transport = configuration.GetSection(Transport).Get<TransportOptions>() ?? new TransportOptions();
        TlsOptions tls = configuration.GetSection(Tls).Get<TlsOptions>() ?? new TlsOptions();
        (string Name, ListenAddress? Address)[] addresses =
        [
            (nameof(TransportOptions.Grpc), Parse(transport.Grpc)),
            (nameof(TransportOptions.Http), Parse(transport.Http)),
        ];
        foreach ((string name, _) in addresses.Where(each => each.Address is { IsTls: true } && tls.Files.Count == 0))
        {
            yield return new SettingViolation(
                $"{Transport}:{name}",
                $"https:// needs a certificate: set {Tls}:{nameof(TlsOptions.Certificate)} and {Tls}:{nameof(TlsOptions.Key)}, or write "
                + "http://.");
        }

        if (tls.Files.Count > 0 && Array.TrueForAll(addresses, each => each.Address is not { IsTls: true }))
        {
            yield return new SettingViolation(
                Tls,
                $"no address speaks TLS, so its files would not be used: write {Transport}:{nameof(TransportOptions.Grpc)}="
                + "https://HOST:PORT, or remove them.");
        }

        if (tls.ClientCa is not null && transport.WebOrigins.Length > 0 && addresses[1].Address is { IsTls: false })
        {
            yield return new SettingViolation(
                $"{Transport}:{nameof(TransportOptions.Http)}",
                $"pages could call there by gRPC-Web without the certificate that {Tls}:{nameof(TlsOptions.ClientCa)} asks for: write "
                + $"https://, or remove {Transport}:{nameof(TransportOptions.WebOrigins)}.");
        }
    }

    private static ListenAddress? Parse(string text) => ListenAddress.TryParse(text, out ListenAddress? address) ? address : null;
}
