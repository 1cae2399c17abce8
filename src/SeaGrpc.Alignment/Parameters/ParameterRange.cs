using System.Globalization;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>The range of a number.</summary>
/// <param name="Minimum">Smallest value that is accepted.</param>
/// <param name="Maximum">Largest value that is accepted.</param>
/// <param name="Above">The open bound that <paramref name="Minimum"/> represents, if there is one.</param>
/// <param name="Below">The open bound that <paramref name="Maximum"/> represents, if there is one.</param>
public readonly record struct ParameterRange(double Minimum, double Maximum, double? Above = null, double? Below = null)
{
    /// <summary>Distance of the nearest accepted value from an open bound, which float32 arithmetic can still distinguish.</summary>
    public const double Smallest = 1e-6;

    /// <summary>Largest value of a real number without a declared maximum.</summary>
    public const double Largest = 1e6;

    /// <summary>The range of a declaration. Checks that its bounds are consistent.</summary>
    /// <param name="declared">The declaration.</param>
    /// <param name="type">Type of the parameter.</param>
    /// <returns>Null if the parameter is not a number.</returns>
    /// <exception cref="InvalidOperationException">
    /// A number has no lower bound or two, or something other than a number has bounds.
    /// </exception>
    public static ParameterRange? Of(ParameterAttribute declared, ParameterType type)
    {
        ArgumentNullException.ThrowIfNull(declared);
        (double? atLeast, double? above, double? atMost, double? below) =
            (Given(declared.AtLeast), Given(declared.Above), Given(declared.AtMost), Given(declared.Below));
        if (type is not (ParameterType.Integer or ParameterType.Number))
        {
            return (atLeast ?? above ?? atMost ?? below) is null && declared.Limit == RequestLimit.None
                ? null
                : throw new InvalidOperationException("Only numbers have bounds: leave AtLeast, Above, AtMost, Below and Limit out.");
        }

        if (atLeast is null == above is null || (atMost is not null && below is not null))
        {
            throw new InvalidOperationException("A number has one lower bound, AtLeast or Above, and at most one of AtMost and Below.");
        }

        double step = type == ParameterType.Integer ? 1 : Smallest;
        double most = type == ParameterType.Integer ? int.MaxValue : Largest;
        return new ParameterRange(atLeast ?? (above!.Value + step), atMost ?? (below is { } open ? open - step : most), above, below);
    }

    /// <summary>The range, limited to a maximum.</summary>
    public ParameterRange UpTo(double limit) => limit < Maximum ? this with { Maximum = limit, Below = null } : this;

    /// <summary>Whether a value lies in the range. NaN does not.</summary>
    public bool Contains(double value) => value >= Minimum && value <= Maximum;

    /// <summary>The range in words: "at least 1", "above 0", "at least 0, below 1".</summary>
    public override string ToString()
    {
        string lower = Above is { } above ? $"above {Plain(above)}" : $"at least {Plain(Minimum)}";
        bool isOpen = Maximum is int.MaxValue or Largest;
        return Below is { } below ? $"{lower}, below {Plain(below)}" : isOpen ? lower : $"{lower}, at most {Plain(Maximum)}";
    }

    private static double? Given(double bound) => double.IsNaN(bound) ? null : bound;

    private static string Plain(double number) => number.ToString(CultureInfo.InvariantCulture);
}
