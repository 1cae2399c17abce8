using Google.Protobuf.Reflection;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// How large the fields of a request may be before its bytes are parsed. A list or text a little over its limit still passes, so that the
/// validators report it with everything else that is wrong.
/// </summary>
internal sealed class FieldSizes
{
    /// <summary>Most bytes in fields that the contract does not have, together.</summary>
    public const int MostUnknownBytes = 256 * 1024;

    private const int MostNameBytes = 4096;
    private const int LongestCharacter = 4; // bytes of UTF-8
    private readonly Dictionary<FieldDescriptor, FieldSize> _sizes = [];
    private readonly LimitOptions _limits;

    /// <summary>Of requests under the operator's limits.</summary>
    public FieldSizes(LimitOptions limits)
    {
        _limits = limits;
        MostParts = 65_536 + (16L * limits.MaxScorePairs);
        foreach (MethodDescriptor method in AlignmentService.Descriptor.Methods.Concat(InfoService.Descriptor.Methods))
        {
            Add(method.InputType);
        }
    }

    /// <summary>Most messages and texts in a request, together.</summary>
    public long MostParts { get; }

    /// <summary>The size of a list or a text; null if the field has a size of its own.</summary>
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

/// <summary>The size of one field.</summary>
/// <param name="Limit">What the request may have, as the caller is told it.</param>
/// <param name="Most">Elements of a list or bytes of a text at which it is refused unread.</param>
/// <param name="Unit">What <paramref name="Limit"/> counts.</param>
internal sealed record FieldSize(long Limit, long Most, string Unit);
