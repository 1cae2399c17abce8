using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The OpenAI-compatible API. Section <c>SeaGrpc:OpenAi</c>.</summary>
public sealed record OpenAiOptions : IValidatableObject
{
    /// <summary>
    /// Address of the API over HTTP/1.1: <c>http://HOST:PORT</c> (port 0: any free port), <c>unix:PATH</c>, or <c>none</c>, the default.
    /// </summary>
    [ListenAddress(AllowNone = true)]
    public string Address { get; init; } = ListenAddress.None;

    /// <summary>
    /// Maximum number of answers in one request: <c>n</c>, times the number of prompts of <c>/v1/completions</c>; 1 to 128, default 8. Each
    /// is an alignment of its own.
    /// </summary>
    [Range(1, 128)]
    public int MaxChoices { get; init; } = 8;

    /// <summary>The backend that drafts come from, if they do not come from the policy. Default none.</summary>
    public UpstreamOptions? Upstream { get; init; }

    /// <summary>Whether the API is served.</summary>
    internal bool IsServed => Address != ListenAddress.None;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Upstream is null)
        {
            yield break;
        }

        var found = new List<ValidationResult>();
        var context = new ValidationContext(Upstream);
        if (!Validator.TryValidateObject(Upstream, context, found, validateAllProperties: true))
        {
            found.AddRange(
                Upstream.Validate(context).Where(result => found.TrueForAll(other => other.ErrorMessage != result.ErrorMessage)));
        }

        foreach (ValidationResult result in found)
        {
            yield return new ValidationResult(result.ErrorMessage, [$"{nameof(Upstream)}:{result.MemberNames.FirstOrDefault()}"]);
        }
    }
}
