using System.ComponentModel.DataAnnotations;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Options;

/// <summary>
/// A backend with an OpenAI-compatible API, whose drafts the sidecar picks from or improves. Section <c>SeaGrpc:OpenAi:Upstream</c>.
/// </summary>
public sealed record UpstreamOptions : IValidatableObject
{
    /// <summary>
    /// Base address of the backend's API: <c>http://HOST:PORT/v1</c> or <c>https://…</c>. An address without a path gets <c>/v1</c>.
    /// </summary>
    [Required(ErrorMessage = "It must name the backend's address: http://HOST:PORT/v1.")]
    [RewardEndpoint]
    public string? Endpoint { get; init; }

    /// <summary>
    /// Name of the model there; 1 to 256 characters. Default: the one that the request names, or else the only one that the backend lists.
    /// </summary>
    [StringLength(256, MinimumLength = 1)]
    public string? Model { get; init; }

    /// <summary>Sent to <see cref="Endpoint"/> as a bearer token; 1 to 4096 visible ASCII characters. Default none.</summary>
    [RegularExpression("[!-~]{1,4096}", ErrorMessage = "It must have 1 to 4096 visible ASCII characters.")]
    [DataType(DataType.Password)]
    public string? ApiKey { get; init; }

    /// <summary>Number of drafts for requests that do not set one; 1 to 128, default 4.</summary>
    [Range(1, 128)]
    public int Drafts { get; init; } = 4;

    /// <summary>
    /// What is done with the drafts in requests that name no method: <c>best_of_n</c>, the default, picks the one of the highest reward;
    /// any other method of the contract improves them, except <c>base</c>. With parameters as on the command line:
    /// <c>sea[iterations=20]</c>.
    /// </summary>
    [Required]
    public string Method { get; init; } = "best_of_n";

    /// <summary>What follows if the backend does not answer; default <see cref="UpstreamFailure.Error"/>.</summary>
    [EnumDataType(typeof(UpstreamFailure))]
    public UpstreamFailure OnFailure { get; init; }

    /// <summary>
    /// What follows if the drafts cannot be scored or improved; default <see cref="UpstreamAlignmentFailure.Error"/>.
    /// </summary>
    [EnumDataType(typeof(UpstreamAlignmentFailure))]
    public UpstreamAlignmentFailure OnAlignmentFailure { get; init; }

    /// <summary>How long all drafts of one request may take, retries included; 10 ms to 1 hour, default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a request is made that fails for a passing reason; 1 to 5, default 2. 1 is no retry.</summary>
    [Range(1, 5)]
    public int Attempts { get; init; } = 2;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is { } address && RewardEndpointAttribute.IsUnix(address))
        {
            yield return new ValidationResult("A backend has no Unix socket: write http://HOST:PORT/v1.", [nameof(Endpoint)]);
        }

        if (Problem(Method) is { } problem)
        {
            yield return new ValidationResult(problem, [nameof(Method)]);
        }
    }

    private static string? Problem(string method)
    {
        try
        {
            return MethodText.Parse(method).Method.Record == typeof(BaseParameters)
                ? "base takes no drafts: use best_of_n or another method."
                : null;
        }
        catch (ArgumentException wrong)
        {
            return wrong.Message;
        }
    }
}
