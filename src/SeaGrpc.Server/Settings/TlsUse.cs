using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Settings;

/// <summary>Checks that the addresses and the certificates of section Tls belong together.</summary>
internal static class TlsUse
{
    private const string Transport = $"{SettingsSection.Root}:Transport";
    private const string Tls = $"{SettingsSection.Root}:Tls";
    private const string OpenAi = $"{SettingsSection.Root}:OpenAi";

    /// <summary>Every violation.</summary>
    /// <param name="configuration">Must not contain values that cannot be bound.</param>
    public static IEnumerable<SettingViolation> Find(IConfiguration configuration)
    {
        TransportOptions transport = configuration.GetSection(Transport).Get<TransportOptions>() ?? new TransportOptions();
        TlsOptions tls = configuration.GetSection(Tls).Get<TlsOptions>() ?? new TlsOptions();
        OpenAiOptions openAi = configuration.GetSection(OpenAi).Get<OpenAiOptions>() ?? new OpenAiOptions();
        (string Key, ListenAddress? Address)[] addresses =
        [
            ($"{Transport}:{nameof(TransportOptions.Grpc)}", Parse(transport.Grpc)),
            ($"{Transport}:{nameof(TransportOptions.Http)}", Parse(transport.Http)),
            ($"{OpenAi}:{nameof(OpenAiOptions.Address)}", Parse(openAi.Address)),
        ];
        foreach ((string key, _) in addresses.Where(each => each.Address is { IsTls: true } && tls.Files.Count == 0))
        {
            yield return new SettingViolation(
                key,
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

        if (tls.ClientCa is not null)
        {
            // Who may connect to a Unix socket is the system's to decide.
            if ((transport.WebOrigins.Length > 0 || transport.Console) && addresses[1].Address is TcpListenAddress { Secure: false })
            {
                yield return new SettingViolation(
                    addresses[1].Key,
                    $"pages could call there by gRPC-Web without the certificate that {Tls}:{nameof(TlsOptions.ClientCa)} asks for: write "
                    + $"https://, or remove {Transport}:{nameof(TransportOptions.WebOrigins)} and {nameof(TransportOptions.Console)}.");
            }

            if (addresses[2].Address is TcpListenAddress { Secure: false })
            {
                yield return new SettingViolation(
                    addresses[2].Key,
                    $"callers there would need no certificate, which {Tls}:{nameof(TlsOptions.ClientCa)} asks for: write https://.");
            }
        }
    }

    private static ListenAddress? Parse(string text) => ListenAddress.TryParse(text, out ListenAddress? address) ? address : null;
}
