using System.Globalization;
using System.Numerics;

namespace SeaGrpc.Server.Errors;

/// <summary>Collects the errors of one request: the first <see cref="MostListed"/> violations, and their total number.</summary>
internal sealed class Violations
{
    /// <summary>Maximum number of violations that are kept.</summary>
    public const int MostListed = 100;

    private readonly List<Violation> _found = [];

    /// <summary>Number of violations so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a required field that is not set.</summary>
    public void Required(string field, string description) => Add(new Violation(field, description, "REQUIRED"));

    /// <summary>Adds a value that is not allowed.</summary>
    public void Invalid(string field, string description) => Add(new Violation(field, description, "INVALID_VALUE"));

    /// <summary>Adds a number outside its bounds.</summary>
    public void OutOfRange<T>(string field, T actual, T min, T max, string unit = "")
        where T : INumber<T> =>
        Add(
            new Violation(
                field,
                $"must be from {Text(min)} to {Text(max)}{unit}, but is {Text(actual)}",
                "OUT_OF_RANGE",
                Text(min),
                Text(max),
                Text(actual)
            )
        );

    /// <summary>Adds something that exceeds a server limit.</summary>
    public void TooLong(string field, int actual, int max, string unit) =>
        Add(new Violation(
            field, $"may have at most {max} {unit}, but has {actual}; shorten it", "TOO_LONG", null, Text(max), Text(actual)));

    /// <exception cref="InvalidRequestException">There are violations.</exception>
    public void ThrowIfAny()
    {
        if (_found.Count > 0)
        {
            throw new InvalidRequestException([.. _found], Count - _found.Count);
        }
    }

    private void Add(Violation violation)
    {
        Count++;
        if (_found.Count < MostListed)
        {
            _found.Add(violation);
        }
    }

    private static string Text<T>(T number)
        where T : INumber<T> => number.ToString(null, CultureInfo.InvariantCulture);
}
