using Google.Protobuf.WellKnownTypes;

namespace SeaGrpc.Server.Validation;

/// <summary>Reads the fields of one message: unset is the default, out of bounds is a violation.</summary>
/// <param name="path">Path of the message; empty for the request itself.</param>
/// <param name="violations">Takes what is wrong.</param>
internal sealed class FieldReader(string path, Violations violations)
{
    /// <summary>The least of a number that has to be above 0: what fp32 arithmetic still tells from 0.</summary>
    public const double Smallest = 1e-6;

    /// <summary>The most of any real parameter.</summary>
    public const double Largest = 1e6;

    /// <summary>A number above 0.</summary>
    public double Positive(string field, bool has, double value, double absent) => Real(field, has, value, absent, Smallest);

    /// <summary>A number that may be 0.</summary>
    public double NonNegative(string field, bool has, double value, double absent) => Real(field, has, value, absent, 0);

    /// <summary>A probability below 1.</summary>
    public double Probability(string field, bool has, double value, double absent) => Real(field, has, value, absent, 0, 1 - Smallest);

    /// <summary>A whole number; a note says where the bounds come from, if that is not plain.</summary>
    public int Whole(string field, bool has, int value, int absent, int min, int max, string note = "")
    {
        if (!has || (value >= min && value <= max))
        {
            return has ? value : absent;
        }

        violations.OutOfRange(Of(field), value, min, max, note);
        return absent;
    }

    /// <summary>An enumeration; its zero and values that the contract does not have are violations.</summary>
    /// <typeparam name="TWire">The contract's type.</typeparam>
    /// <typeparam name="TPlain">The plain type; its values are the contract's less 1.</typeparam>
    public TPlain Choice<TWire, TPlain>(string field, bool has, TWire value, TPlain absent)
        where TWire : struct, System.Enum
        where TPlain : struct, System.Enum
    {
        if (!has)
        {
            return absent;
        }

        int number = Convert.ToInt32(value);
        if (number > 0 && System.Enum.IsDefined(value))
        {
            return (TPlain)(object)(number - 1);
        }

        violations.Invalid(Of(field), $"has no value {number}; it must be one of 1 to {System.Enum.GetValues<TWire>().Length - 1} ({typeof(TWire).Name})");
        return absent;
    }

    /// <summary>A time; null where it is unset or a violation.</summary>
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
            violations.Invalid(Of(field), $"is no valid duration: seconds {value.Seconds}, nanos {value.Nanos}; both must have one sign and nanos be below a second");
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

    private double Real(string field, bool has, double value, double absent, double min, double max = Largest)
    {
        if (!has || (value >= min && value <= max))
        {
            return has ? value : absent;
        }

        if (double.IsFinite(value))
        {
            violations.OutOfRange(Of(field), value, min, max);
        }
        else
        {
            violations.Invalid(Of(field), $"must be a finite number from {min} to {max}, but is {(double.IsNaN(value) ? "NaN" : "infinite")}");
        }

        return absent;
    }
}
