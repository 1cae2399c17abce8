using SeaGrpc.Server.Options;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Settings;

/// <summary>A section of the configuration and the options type it is bound to.</summary>
/// <param name="Key">The section's full key.</param>
internal abstract record SettingsSection(string Key)
{
    /// <summary>The key that contains all settings of the server.</summary>
    public const string Root = "SeaGrpc";

    /// <summary>The server's own sections.</summary>
    public static IReadOnlyList<SettingsSection> All { get; } =
    [
        new Bound<TransportOptions>($"{Root}:Transport"),
        new Bound<ModelOptions>($"{Root}:Models"),
        new Bound<LimitOptions>($"{Root}:Limits"),
        new Bound<EngineOptions>($"{Root}:Engine"),
        new Bound<SecurityOptions>($"{Root}:Security"),
        new Bound<TlsOptions>($"{Root}:Tls"),
        new Bound<OpenAiOptions>($"{Root}:OpenAi"),
        new Bound<TelemetryOptions>($"{Root}:Telemetry"),
    ];

    /// <summary>.NET's section.</summary>
    public static SettingsSection Logging { get; } = new Bound<LoggingSettings>("Logging");

    /// <summary>The shape of all of the server's settings.</summary>
    public static SectionShape Shape { get; } =
        new(All.ToDictionary(section => section.Name, SettingShape (section) => section.Options, SettingShape.Keys));

    /// <summary>Every key that the server accepts.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. Shape.Leaves(Root)];

    /// <summary>Its name under <see cref="Root"/>.</summary>
    public string Name => Key[(Root.Length + 1)..];

    /// <summary>The shape of its options.</summary>
    public abstract SectionShape Options { get; }

    /// <summary>Binds the options.</summary>
    public abstract void AddTo(IServiceCollection services);

    /// <summary>Validates the values against the options type.</summary>
    /// <param name="configuration">Must not contain values that cannot be bound.</param>
    public abstract IEnumerable<SettingViolation> Validate(IConfiguration configuration);

    private sealed record Bound<TOptions>(string Key) : SettingsSection(Key)
        where TOptions : class, new()
    {
        public override SectionShape Options { get; } = SettingShape.Of(typeof(TOptions));

        public override void AddTo(IServiceCollection services) => services.AddOptions<TOptions>().BindConfiguration(Key);

        public override IEnumerable<SettingViolation> Validate(IConfiguration configuration) =>
            OptionsValidation.Validate(configuration.GetSection(Key).Get<TOptions>() ?? new TOptions(), Key, Options);
    }
}
