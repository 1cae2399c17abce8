using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Validation;

/// <summary>Reads the fields of one message: an unset field has its default, a value out of bounds is a violation.</summary>
/// <param name="path">Path of the message; empty for the request itself.</param>
/// <param name="violations">Takes what is wrong.</param>
internal sealed class FieldReader(string path, Violations violations)
{
    /// <summary>A real number.</summary>
    public double Real(string field, bool has, double value, double absent, ParameterRange range) =>
        has && Accepts(field, value, range) ? value : absent;

    /// <summary>A whole number.</summary>
    public int Whole(string field, bool has, int value, int absent, int min, int max) =>
        has && Accepts(field, value, new ParameterRange(min, max)) ? value : absent;

    /// <summary>An enum's value; its zero and numbers that the contract does not have are violations.</summary>
    /// <param name="field">The field.</param>
    /// <param name="number">The number that it has.</param>
    /// <param name="choices">The numbers that it may have.</param>
    /// <param name="absent">What counts where it has another.</param>
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

    /// <summary>Whether a whole number lies in a range; a note says where the range comes from, if that is not plain.</summary>
    public bool Accepts(string field, int value, ParameterRange range, string note = "")
    {
        bool accepts = range.Contains(value);
        if (!accepts)
        {
            violations.OutOfRange(Of(field), value, (int)range.Minimum, (int)range.Maximum, note);
        }

        return accepts;
    }

    /// <summary>Whether a real number is finite and lies in a range.</summary>
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

    /// <summary>A time; null if it is unset or a violation.</summary>
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

    /// <summary>Full path of a field.</summary>
    public string Of(string field) => path.Length == 0 ? field : $"{path}.{field}";
}
