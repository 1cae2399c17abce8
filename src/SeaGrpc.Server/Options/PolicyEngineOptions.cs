using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>An engine that serves the policy outside the server. Section <c>SeaGrpc:Models:Engine</c>.</summary>
public sealed record PolicyEngineOptions : IValidatableObject
{
    /// <summary>Address of the engine: <c>http://HOST:PORT</c> or <c>https://HOST:PORT</c>, also with a path.</summary>
    [Required(ErrorMessage = "It must name the engine's address: http://HOST:PORT.")]
    [RewardEndpoint]
    public string? Endpoint { get; init; }

    /// <summary>What answers at <see cref="Endpoint"/>; default <see cref="EngineKind.Vllm"/>.</summary>
    [EnumDataType(typeof(EngineKind))]
    public EngineKind Kind { get; init; } = EngineKind.Vllm;

    /// <summary>
    /// Name of the model there: vLLM's served name, SGLang's model path, the file name of llama.cpp's model; 1 to 256 characters. Default
    /// the only one that the engine names.
    /// </summary>
    [StringLength(256, MinimumLength = 1)]
    public string? Model { get; init; }

    /// <summary>Sent to <see cref="Endpoint"/> as a bearer token; 1 to 4096 visible ASCII characters. Default none.</summary>
    [RegularExpression("[!-~]{1,4096}", ErrorMessage = "It must have 1 to 4096 visible ASCII characters.")]
    [DataType(DataType.Password)]
    public string? ApiKey { get; init; }

    /// <summary>
    /// Number of the likeliest tokens that the engine tells at a position; 1 to 1000, default 20. vLLM needs <c>--max-logprobs</c> for more
    /// than 20.
    /// </summary>
    [Range(1, 1000)]
    public int Alternatives { get; init; } = 20;

    /// <summary>How long all rows of one turn may take, retries included; 10 ms to 1 hour, default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a request is made that fails for a passing reason; 1 to 5, default 3. 1 is no retry.</summary>
    [Range(1, 5)]
    public int Attempts { get; init; } = 3;

    /// <summary>
    /// Maximum number of connections to <see cref="Endpoint"/>, and so of rows under way at once with HTTP/1.1; 1 to 10000, default 256.
    /// </summary>
    [Range(1, 10_000)]
    public int Connections { get; init; } = 256;

    /// <summary>
    /// Whether the engine, or what stands before it, speaks HTTP/2 without TLS; default false. With TLS, HTTP/2 is used where offered.
    /// </summary>
    public bool Http2 { get; init; }

    /// <summary>
    /// How long nothing is asked of <see cref="Endpoint"/> after its requests have failed repeatedly; 500 ms to 10 minutes, default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the server waits for <see cref="Endpoint"/> when it starts; 0 to 2 hours, default 10 minutes. A pair that is loaded later
    /// does not wait.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "02:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is { } address && RewardEndpointAttribute.IsUnix(address))
        {
            yield return new ValidationResult("An engine has no Unix socket: write http://HOST:PORT.", [nameof(Endpoint)]);
        }
    }
}
