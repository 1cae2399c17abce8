using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>One of several rewards. Section <c>SeaGrpc:Models:Rewards:NAME</c>.</summary>
public sealed record RewardOptions : IValidatableObject
{
    /// <summary>
    /// Checkpoint folder of the reward model, or, with <see cref="Basis"/>, of the tuned language model. Either this or
    /// <see cref="Endpoint"/> must be set.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Checkpoint folder of the language model that the model in <see cref="Folder"/> was tuned from. The reward is then what tuning
    /// changed. Default none.
    /// </summary>
    public string? Basis { get; init; }

    /// <summary>
    /// Which labels of a classifier make the reward, as <see cref="PairSettings.RewardLabel"/>. Not with <see cref="Basis"/>.
    /// </summary>
    [RewardLabel]
    public string? Label { get; init; }

    /// <summary>Its mixture weight in the reward, for requests that do not set one; -1e6 to 1e6, default 1.</summary>
    [Range(-1e6, 1e6)]
    public double Share { get; init; } = 1;

    /// <summary>Device of the model. The default is the policy's device.</summary>
    [RegularExpression(PairSettings.DevicePattern, ErrorMessage = "{0} must be cpu, cuda, cuda:N or auto.")]
    public string? Device { get; init; }

    /// <summary>Number format of the model. The default is the policy's format.</summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype? Dtype { get; init; }

    /// <summary>Raw score that counts as 0; -1e9 to 1e9, default 0. Cannot be combined with <see cref="Basis"/>.</summary>
    [Range(-1e9, 1e9)]
    public double Mean { get; init; }

    /// <summary>Raw score units that count as 1; above 0, default 1. Cannot be combined with <see cref="Basis"/>.</summary>
    [Range(1e-9, 1e9)]
    public double Deviation { get; init; } = 1;

    /// <summary>
    /// Address of a reward that runs outside the server, instead of <see cref="Folder"/>: <c>http://HOST:PORT</c>,
    /// <c>https://HOST:PORT</c> or, for <see cref="RemoteRewardKind.Grpc"/>, <c>unix:PATH</c>. Default none.
    /// </summary>
    [RewardEndpoint]
    public string? Endpoint { get; init; }

    /// <summary>What answers at <see cref="Endpoint"/>; default <see cref="RemoteRewardKind.Grpc"/>.</summary>
    [EnumDataType(typeof(RemoteRewardKind))]
    public RemoteRewardKind? Kind { get; init; }

    /// <summary>Name of the model there, which requests carry; 1 to 256 characters. Default none.</summary>
    [StringLength(256, MinimumLength = 1)]
    public string? Model { get; init; }

    /// <summary>Sent to <see cref="Endpoint"/> as a bearer token; 1 to 4096 visible ASCII characters. Default none.</summary>
    [RegularExpression("[!-~]{1,4096}", ErrorMessage = "It must have 1 to 4096 visible ASCII characters.")]
    [DataType(DataType.Password)]
    public string? ApiKey { get; init; }

    /// <summary>
    /// Folder with the chat template (and the special tokens) by which a conversation becomes the text that is sent over HTTP. Default
    /// none: one turn per line.
    /// </summary>
    public string? Template { get; init; }

    /// <summary>How long one request to <see cref="Endpoint"/> may take, retries included; 10 ms to 10 minutes, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a request is made that fails for a passing reason; 1 to 5, default 3. 1 is no retry.</summary>
    [Range(1, 5)]
    public int Attempts { get; init; } = 3;

    /// <summary>
    /// Maximum number of responses in one request; 1 to 100000. More are sent as several requests at once. Default 32 for
    /// <see cref="RemoteRewardKind.Tei"/>, which refuses more unless told otherwise, and 1024 for the others.
    /// </summary>
    [Range(1, 100_000)]
    public int? BatchSize { get; init; }

    /// <summary>
    /// How long nothing is asked of <see cref="Endpoint"/> after its requests have failed repeatedly; 500 ms to 10 minutes, default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the server waits for <see cref="Endpoint"/> when it starts; 0 to 1 hour, default 1 minute. A pair that is loaded later does
    /// not wait.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What answers at <see cref="Endpoint"/>.</summary>
    internal RemoteRewardKind EndpointKind => Kind ?? RemoteRewardKind.Grpc;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Problems().Select(problem => new ValidationResult(problem.Told, [problem.Setting]));

    private IEnumerable<(string Setting, string Told)> Problems() =>
        Endpoint is null ? LoadedProblems() : EndpointProblems(Endpoint);

    private IEnumerable<(string Setting, string Told)> LoadedProblems()
    {
        if (string.IsNullOrEmpty(Folder))
        {
            yield return (nameof(Folder), "It must name a checkpoint folder, or Endpoint the address of a reward that runs elsewhere.");
        }

        foreach (string setting in Given(
            (nameof(Kind), Kind), (nameof(Model), Model), (nameof(ApiKey), ApiKey), (nameof(Template), Template),
            (nameof(BatchSize), BatchSize)))
        {
            yield return (setting, "It is for a reward that runs elsewhere: set Endpoint, or omit it.");
        }
    }

    private IEnumerable<(string Setting, string Told)> EndpointProblems(string endpoint)
    {
        foreach (string setting in Given(
            (nameof(Folder), Folder), (nameof(Basis), Basis), (nameof(Device), Device), (nameof(Dtype), Dtype)))
        {
            yield return (
                setting, "It is for a model that the server loads, but Endpoint names a reward that runs elsewhere: omit one of them.");
        }

        if (EndpointKind != RemoteRewardKind.Grpc)
        {
            if (RewardEndpointAttribute.IsUnix(endpoint))
            {
                yield return (nameof(Endpoint), $"A Unix socket is for Kind=Grpc, but Kind is {EndpointKind}: write http://HOST:PORT.");
            }

            yield break;
        }

        if (Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme != "unix" && url.AbsolutePath != "/")
        {
            yield return (nameof(Endpoint), "A gRPC service has no path: write http://HOST:PORT, or set Kind.");
        }

        foreach (string setting in Given((nameof(Label), Label), (nameof(Template), Template)))
        {
            yield return (setting, "It is for a reward over HTTP, but Kind is Grpc: omit it, or set Kind.");
        }
    }

    private static IEnumerable<string> Given(params (string Setting, object? Value)[] settings) =>
        settings.Where(one => one.Value is not null).Select(one => one.Setting);
}
