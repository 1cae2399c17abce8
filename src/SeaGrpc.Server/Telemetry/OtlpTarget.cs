using OpenTelemetry.Exporter;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Settings;

namespace SeaGrpc.Server.Telemetry;

/// <summary>Where spans are sent: what the server's own settings say, or else OpenTelemetry's standard variables.</summary>
/// <param name="Url">The whole URL of the collector's intake.</param>
/// <param name="Protocol">How spans are sent there.</param>
internal sealed record OtlpTarget(Uri Url, OtlpExportProtocol Protocol)
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string TracesProtocolVariable = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
    private const string ExporterVariable = "OTEL_TRACES_EXPORTER";
    private const string DisabledVariable = "OTEL_SDK_DISABLED";
    private const string SignalPath = "v1/traces";

    /// <summary>Headers that are sent along, as NAME=VALUE with commas between them; null for those of the general variable.</summary>
    public string? Headers { get; private init; }

    /// <summary>Whether the variables turn all of OpenTelemetry off.</summary>
    public static bool IsDisabled(IConfiguration variables) =>
        string.Equals(variables[DisabledVariable], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The target, or null if no spans are to be sent. Variables that are wrong count as absent.</summary>
    /// <param name="options">The server's own settings.</param>
    /// <param name="variables">Contains the environment's variables.</param>
    public static OtlpTarget? Of(TelemetryOptions options, IConfiguration variables)
    {
        if (IsDisabled(variables) || options.TracesEndpoint == TracesEndpointAttribute.None
            || (options.TracesEndpoint is null && !ExportsOtlp(variables)))
        {
            return null;
        }

        OtlpExportProtocol protocol = (options.TracesProtocol ?? NamedProtocol(variables)) switch
        {
            TracesProtocol.HttpProtobuf => OtlpExportProtocol.HttpProtobuf,
            _ => OtlpExportProtocol.Grpc,
        };
        return Address(options, variables, protocol) is { } url
            ? new OtlpTarget(url, protocol) { Headers = Value(variables, "OTEL_EXPORTER_OTLP_TRACES_HEADERS") }
            : null;
    }

    /// <summary>What is wrong with the variables that count beside the settings.</summary>
    public static IEnumerable<SettingViolation> Violations(IConfiguration configuration)
    {
        string? own = configuration[$"{SettingsSection.Root}:Telemetry:{nameof(TelemetryOptions.TracesEndpoint)}"];
        if (IsDisabled(configuration) || own is TracesEndpointAttribute.None || (own is null && !ExportsOtlp(configuration)))
        {
            yield break;
        }

        foreach (string name in (string[])(own is null ? [TracesEndpointVariable, EndpointVariable] : []))
        {
            if (Value(configuration, name) is { } text && TracesEndpointAttribute.Read(text) is null)
            {
                yield return Wrong(configuration, name, text, TracesEndpointAttribute.Expected);
            }
        }

        foreach (string name in (string[])[TracesProtocolVariable, ProtocolVariable])
        {
            if (Value(configuration, name) is { } text && Read(text) is null)
            {
                yield return Wrong(configuration, name, text, "grpc or http/protobuf");
            }
        }
    }

    private static SettingViolation Wrong(IConfiguration configuration, string name, string text, string expected) =>
        new(name, $"'{CallerText.Shown(text)}' is not {expected}.", SettingSource.Of(configuration, name));

    private static Uri? Address(TelemetryOptions options, IConfiguration variables, OtlpExportProtocol protocol)
    {
        if (options.TracesEndpoint is null && Value(variables, TracesEndpointVariable) is { } whole
            && TracesEndpointAttribute.Read(whole) is { } url)
        {
            return url; // This variable alone names the whole URL.
        }

        string? text = options.TracesEndpoint ?? Value(variables, EndpointVariable);
        return text is null || TracesEndpointAttribute.Read(text) is not { } root ? null
            : protocol == OtlpExportProtocol.Grpc ? root
            : new Uri($"{root.AbsoluteUri.TrimEnd('/')}/{SignalPath}");
    }

    private static bool ExportsOtlp(IConfiguration variables) => Value(variables, ExporterVariable) is not { } named
        || named.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.OrdinalIgnoreCase);

    private static TracesProtocol? NamedProtocol(IConfiguration variables) =>
        ((string[])[TracesProtocolVariable, ProtocolVariable])
            .Select(name => Value(variables, name) is { } text ? Read(text) : null)
            .FirstOrDefault(protocol => protocol is not null);

    private static TracesProtocol? Read(string protocol) => protocol switch
    {
        "grpc" => TracesProtocol.Grpc,
        "http/protobuf" => TracesProtocol.HttpProtobuf,
        _ => null,
    };

    /// <summary>A variable's value; an empty one is absent, as OpenTelemetry's specification says.</summary>
    private static string? Value(IConfiguration variables, string name) =>
        variables[name]?.Trim() is { Length: > 0 } text ? text : null;
}
