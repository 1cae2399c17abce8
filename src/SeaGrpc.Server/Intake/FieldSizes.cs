using Google.Protobuf.Reflection;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// Limits on the fields of a request before its bytes are parsed. A list or text slightly over its limit still passes, so that the
/// validators report it together with all other errors.
/// </summary>
internal sealed class FieldSizes
{
    /// <summary>Maximum total bytes of fields that are not in the contract.</summary>
    public const int MostUnknownBytes = 256 * 1024;

    private const int MostNameBytes = 4096;
    private const int LongestCharacter = 4; // bytes in UTF-8
    private readonly Dictionary<FieldDescriptor, FieldSize> _sizes = [];
    private readonly LimitOptions _limits;

    /// <summary>Derives the sizes from the operator's limits.</summary>
    public FieldSizes(LimitOptions limits)
    {
        _limits = limits;
        MostParts = 65_536 + (16L * Math.Max(limits.MaxScorePairs, limits.MaxBatchSpecs));
        foreach (MethodDescriptor method in AlignmentService.Descriptor.Methods.Concat(InfoService.Descriptor.Methods))
        {
            Add(method.InputType);
        }
    }

    /// <summary>Maximum total number of messages and texts in a request.</summary>
    public long MostParts { get; }

    /// <summary>The size limit of a list or text; null for fields of fixed size.</summary>
    public FieldSize? Of(FieldDescriptor field) => _sizes.TryGetValue(field, out FieldSize? size) ? size : null;

    private void Add(MessageDescriptor type)
    {
        foreach (FieldDescriptor field in type.Fields.InFieldNumberOrder())
        {
            if (_sizes.ContainsKey(field))
            {
                continue;
            }

            if (field.IsRepeated)
            {
                _sizes[field] = Elements(field);
            }
            else if (field.FieldType is FieldType.String or FieldType.Bytes)
            {
                _sizes[field] = Text(field);
            }

            if (field.FieldType == FieldType.Message)
            {
                Add(field.MessageType);
            }
        }
    }

    private FieldSize Elements(FieldDescriptor field)
    {
        (int most, string unit) = (field.ContainingType.Name, field.Name) switch
        {
            (nameof(Chat), "messages") => (_limits.MaxPromptCharacters, "messages"),
            (nameof(TokenIds), "ids") => (Math.Max(_limits.MaxPromptTokens, _limits.MaxResponseTokens), "tokens"),
            (nameof(UpdateOptions), "chains") => (Math.Max(_limits.MaxChains, _limits.MaxSamples), "chains"),
            (nameof(ScoreRequest), "pairs") => (_limits.MaxScorePairs, "pairs"),
            (nameof(AlignBatchRequest), "specs") => (_limits.MaxBatchSpecs, "specs"),
            _ => (1024, "elements"),
        };
        return new FieldSize(most, (2L * most) + 1024, unit);
    }

    private FieldSize Text(FieldDescriptor field)
    {
        int most = _limits.MaxPromptCharacters;
        return field.Name is "text" or "content"
            ? new FieldSize(most, ((2L * most) + 1024) * LongestCharacter, "characters")
            : new FieldSize(MostNameBytes, MostNameBytes, "bytes");
    }
}

/// <summary>The size limit of one field.</summary>
/// <param name="Limit">The limit as reported to the caller.</param>
/// <param name="Most">Elements of a list or bytes of a text at which the request is refused without parsing.</param>
/// <param name="Unit">Unit of <paramref name="Limit"/>.</param>
internal sealed record FieldSize(long Limit, long Most, string Unit);
