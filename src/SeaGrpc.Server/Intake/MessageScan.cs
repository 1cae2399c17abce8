using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// Counts the contents of a serialized request without parsing it, so that a refusal costs no more than the request. Parsed objects take up
/// to fifty times the bytes of a message.
/// </summary>
/// <remarks>
/// The message may still be incomplete, or not protobuf at all: the parser reports that. Source: the wire format of Protocol Buffers.
/// </remarks>
internal ref struct MessageScan
{
    private readonly FieldSizes _sizes;
    private SequenceReader<byte> _bytes;
    private long _parts;
    private long _unknown;

    private MessageScan(FieldSizes sizes, ReadOnlySequence<byte> message)
    {
        _sizes = sizes;
        _bytes = new SequenceReader<byte>(message);
    }

    /// <summary>Returns what is too large, or null.</summary>
    /// <param name="message">The message or its beginning.</param>
    /// <param name="type">Its type.</param>
    /// <param name="sizes">The limits.</param>
    public static Violation? Excess(ReadOnlySequence<byte> message, MessageDescriptor type, FieldSizes sizes) =>
        new MessageScan(sizes, message).Scan(type, message.Length);

    /// <summary>Scans fields up to an offset. The recursion ends because the contract's messages do not contain themselves.</summary>
    private Violation? Scan(MessageDescriptor type, long end)
    {
        Dictionary<FieldDescriptor, long>? counts = null;
        int groups = 0; // proto2 only: the contract has none.
        while (_bytes.Consumed < end && TryReadVarint(out ulong tag))
        {
            long start = _bytes.Consumed;
            FieldDescriptor? field = groups == 0 ? type.FindFieldByNumber((int)Math.Min(tag >> 3, int.MaxValue)) : null;
            var wire = (WireFormat.WireType)(tag & 7);
            ulong length = 0;
            bool isWhole = wire switch
            {
                WireFormat.WireType.Varint => TryReadVarint(out _),
                WireFormat.WireType.Fixed64 => TrySkip(8),
                WireFormat.WireType.Fixed32 => TrySkip(4),
                WireFormat.WireType.LengthDelimited => TryReadVarint(out length),
                WireFormat.WireType.StartGroup => ++groups > 0,
                WireFormat.WireType.EndGroup => --groups >= 0,
                _ => false,
            };
            if (!isWhole)
            {
                return null;
            }

            long until = wire == WireFormat.WireType.LengthDelimited
                ? _bytes.Consumed + (long)Math.Min(length, int.MaxValue)
                : _bytes.Consumed;
            if (field is null)
            {
                _unknown += until - start;
                if (_unknown > FieldSizes.MostUnknownBytes)
                {
                    return Whole(
                        $"has more than {FieldSizes.MostUnknownBytes} bytes in fields that this server does not know; omit them",
                        FieldSizes.MostUnknownBytes);
                }
            }
            else if (Part(field, wire, until, ref counts) is { } excess)
            {
                return excess;
            }

            if (!TrySkip(until - _bytes.Consumed))
            {
                return null;
            }
        }

        return null;
    }

    private Violation? Part(FieldDescriptor field, WireFormat.WireType wire, long until, ref Dictionary<FieldDescriptor, long>? counts)
    {
        if (wire == WireFormat.WireType.LengthDelimited && ++_parts > _sizes.MostParts)
        {
            return Whole($"has more than {_sizes.MostParts} messages and texts; send fewer in one request", _sizes.MostParts);
        }

        long before = 0;
        if (field.IsRepeated)
        {
            counts ??= [];
            before = counts.GetValueOrDefault(field);
            counts[field] = before + Elements(field, wire, until);
            if (TooLarge(field, counts[field]) is { } many)
            {
                return many;
            }
        }
        else if (TooLarge(field, until - _bytes.Consumed) is { } large)
        {
            return large;
        }

        if (field.FieldType != FieldType.Message
            || wire != WireFormat.WireType.LengthDelimited
            || Scan(field.MessageType, until) is not { } inner)
        {
            return null;
        }

        string name = field.IsRepeated ? string.Create(CultureInfo.InvariantCulture, $"{field.Name}[{before}]") : field.Name;
        return inner.Field.Length == 0 ? inner : inner with { Field = $"{name}.{inner.Field}" };
    }

    /// <summary>Number of elements that this occurrence adds to a list: more than one if numbers are packed.</summary>
    private readonly long Elements(FieldDescriptor field, WireFormat.WireType wire, long until)
    {
        if (wire != WireFormat.WireType.LengthDelimited || field.FieldType is FieldType.Message or FieldType.String or FieldType.Bytes)
        {
            return 1;
        }

        ReadOnlySequence<byte> packed = _bytes.UnreadSequence.Slice(0, Math.Min(_bytes.Remaining, until - _bytes.Consumed));
        long ends = 0;
        foreach (ReadOnlyMemory<byte> segment in packed)
        {
            foreach (byte each in segment.Span)
            {
                ends += each < 0x80 ? 1 : 0;
            }
        }

        return ends;
    }

    private readonly Violation? TooLarge(FieldDescriptor field, long size) =>
        _sizes.Of(field) is { } limit && size > limit.Most
            ? new Violation(
                field.Name,
                $"may have at most {limit.Limit} {limit.Unit}, but has far more; shorten it",
                "TOO_LONG",
                null,
                limit.Limit.ToString(CultureInfo.InvariantCulture)
            )
            : null;

    private static Violation Whole(string description, long most) =>
        new(string.Empty, $"The request {description}.", "TOO_LONG", null, most.ToString(CultureInfo.InvariantCulture));

    private bool TrySkip(long count)
    {
        if (_bytes.Remaining < count)
        {
            return false;
        }

        _bytes.Advance(Math.Max(0, count));
        return true;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && _bytes.TryRead(out byte next); shift += 7)
        {
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
