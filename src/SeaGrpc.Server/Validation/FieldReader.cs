using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Validation;

/// <summary>Reads the fields of one message. An unset field has its default; a value out of range is a violation.</summary>
/// <param name="path">Path of the message; empty for the request itself.</param>
/// <param name="violations">Receives violations.</param>
internal sealed class FieldReader(string path, Violations violations)
{
    /// <summary>Reads a real number.</summary>
    public double Real(string field, bool has, double value, double absent, ParameterRange range) =>
        has && Accepts(field, value, range) ? value : absent;

    /// <summary>Reads an integer.</summary>
    public int Whole(string field, bool has, int value, int absent, int min, int max) =>
        has && Accepts(field, value, new ParameterRange(min, max)) ? value : absent;

    /// <summary>Reads an enum value. 0 and numbers that are not in the contract are violations.</summary>
    /// <param name="field">The field.</param>
    /// <param name="number">The number that was sent.</param>
    /// <param name="choices">The allowed values.</param>
    /// <param name="absent">The value to use after a violation.</param>
    public T? Choice<T>(string field, int number, EnumMapping<T> choices, T? absent)
        where T : class
    {
        if (choices.Read(number) is { } value)
        {
            return value;
        }

        violations.Invalid(Of(field), $"has no value {number}; it must be one of 1 to {choices.Names.Count()} ({choices.Name})");
        return absent;
    }

    /// <summary>Whether an integer is in range. A note says where the range comes from if that is not obvious.</summary>
    public bool Accepts(string field, int value, ParameterRange range, string note = "")
    {
        bool accepts = range.Contains(value);
        if (!accepts)
        {
            violations.OutOfRange(Of(field), value, (int)range.Minimum, (int)range.Maximum, note);
        }

        return accepts;
    }

    /// <summary>Whether a real number is finite and in range.</summary>
    public bool Accepts(string field, double value, ParameterRange range)
    {
        bool accepts = range.Contains(value);
        if (!accepts && double.IsFinite(value))
        {
            violations.OutOfRange(Of(field), value, range.Minimum, range.Maximum);
        }
        else if (!accepts)
        {
            violations.Invalid(
                Of(field),
                $"must be a finite number from {range.Minimum} to {range.Maximum}, but is {(double.IsNaN(value) ? "NaN" : "infinite")}");
        }

        return accepts;
    }

    /// <summary>Reads a duration; null if it is unset or a violation.</summary>
    public TimeSpan? Time(string field, Duration? value, TimeSpan min, TimeSpan max)
    {
        if (value is null)
        {
            return null;
        }

        TimeSpan time;
        try
        {
            time = value.ToTimeSpan();
        }
        catch (InvalidOperationException)
        {
            violations.Invalid(
                Of(field),
                $"is not a valid duration: seconds {value.Seconds}, nanos {value.Nanos}; both must have the same sign, and nanos "
                    + "must be less than a second");
            return null;
        }

        if (time >= min && time <= max)
        {
            return time;
        }

        violations.OutOfRange(Of(field), time.TotalSeconds, min.TotalSeconds, max.TotalSeconds, " seconds");
        return null;
    }

    /// <summary>The full path of a field.</summary>
    public string Of(string field) => path.Length == 0 ? field : $"{path}.{field}";
}
