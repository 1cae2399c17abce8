using System.Text.RegularExpressions;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>A method and its given parameters, in the spelling of the command line: <c>sea[preset=paper,chains=4]</c>.</summary>
/// <remarks>
/// Names and keys are the contract's. Hyphens may replace underscores. A preset may also follow the method's name: <c>sea-paper</c>.
/// <c>best-of-16</c> is <c>best_of_n[sample_count=16]</c>. Parameters that are not given have the preset's values.
/// </remarks>
public sealed partial class MethodText
{
    private const string BestOfN = "best_of_n";
    private const string SampleCount = "sample_count";

    private readonly Dictionary<Parameter, object?> _values;

    private MethodText(MethodSchema method, Preset? preset, Dictionary<Parameter, object?> values)
    {
        Method = method;
        Preset = preset;
        _values = values;
    }

    /// <summary>The method.</summary>
    public MethodSchema Method { get; }

    /// <summary>The named preset; null if there is none.</summary>
    public Preset? Preset { get; }

    /// <summary>The given parameters.</summary>
    public IReadOnlyDictionary<Parameter, object?> Values => _values;

    /// <summary>The source of the parameters that are not given: the named preset, or one that a given parameter implies.</summary>
    public MethodParameters Start => (Preset ?? Method.Implied(parameter => _values.GetValueOrDefault(parameter))).Parameters;

    /// <summary>Parses a method's text.</summary>
    /// <exception cref="ArgumentException">
    /// The method or a parameter does not exist, or a value is out of range. The message lists what exists.
    /// </exception>
    public static MethodText Parse(string text)
    {
        (string name, string assignments) = MethodBrackets.Split(text);
        if (BestOf.Match(name) is { Success: true } best)
        {
            return Parse(
                MethodSchema.All.Single(one => one.Name == BestOfN), null, $"{SampleCount}={best.Groups["n"].Value},{assignments}");
        }

        return Find(name) is ({ } method, var preset)
            ? Parse(method, preset, assignments)
            : throw new ArgumentException(
                $"There is no method {name}: use one of {string.Join(", ", MethodSchema.All.Select(method => method.Name))}.");
    }

    /// <summary>Whether a text without its brackets names a method, or a method and a preset.</summary>
    public static bool IsName(string name) => Find(name) is not null || BestOf.IsMatch(name);

    /// <summary>Parses the parameters given for a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="preset">The preset that has already been named, or null.</param>
    /// <param name="assignments">key=value pairs separated by commas; may be empty. The last value of a key counts.</param>
    /// <exception cref="ArgumentException">
    /// A parameter does not exist, or a value is out of range. The message lists what exists.
    /// </exception>
    public static MethodText Parse(MethodSchema method, Preset? preset, string assignments)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(assignments);
        Preset? named = preset;
        var values = new Dictionary<Parameter, object?>();
        foreach (string assignment in assignments.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (assignment.Split('=', 2, StringSplitOptions.TrimEntries) is not [var key, var value])
            {
                throw new ArgumentException(
                    $"{assignment} does not set a parameter of {method.Name}: write key=value, with one of {Keys(method)}.");
            }

            if (method.HasPresets && key == MethodSchema.PresetKey)
            {
                named = preset is null
                    ? Named(method, value)
                    : throw new ArgumentException($"The name before the brackets already selects a preset: omit {assignment}.");
            }
            else
            {
                Parameter parameter = method.Find(key) ?? throw new ArgumentException(
                    $"{method.Name} has no parameter {key}: did you mean {NearestName.Of(key.Replace('-', '_'), method.Keys)}? It has "
                        + $"{Keys(method)}.");
                values[parameter] = ParameterText.Parse(parameter, value);
            }
        }

        return new MethodText(method, named, values);
    }

    /// <summary>The complete parameters.</summary>
    public MethodParameters ToParameters() => Over(Start);

    /// <summary>Complete parameters with the given ones applied.</summary>
    /// <param name="start">The source of the parameters that are not given; not modified.</param>
    public MethodParameters Over(MethodParameters start) =>
        _values.Aggregate(start, (parameters, given) => given.Key.With(parameters, given.Value));

    /// <exception cref="ArgumentException">A given parameter has no effect because of another one.</exception>
    public void ThrowIfWithoutEffect()
    {
        MethodParameters complete = ToParameters();
        foreach (Parameter given in _values.Keys)
        {
            if (given.OnlyWith is { } need && Method.Parameters.Single(parameter => parameter.Property == need.Property) is var other
                && !need.Value.Equals(other.Get(complete)))
            {
                throw new ArgumentException(
                    $"{given} has an effect only with {other}={ParameterText.Of(need.Value)}, but {other} is "
                        + $"{ParameterText.Of(other.Get(complete))}.");
            }
        }
    }

    /// <summary>The text with the contract's names: <c>sea[preset=paper,chains=4]</c>.</summary>
    public override string ToString() => MethodBrackets.Join(
        Method.Name,
        string.Join(
            ',',
            _values.Select(given => $"{given.Key}={ParameterText.Of(given.Value)}")
                .Prepend(Preset is null ? "" : $"{MethodSchema.PresetKey}={Preset.Name}")
            .Where(part => part.Length > 0)));

    // A whole number that has at most 7 digits and does not begin with 0.
    [GeneratedRegex(@"^best[-_]of[-_](?<n>[1-9][0-9]{0,6})\z")]
    private static partial Regex BestOf { get; }

    private static (MethodSchema Method, Preset? Preset)? Find(string name)
    {
        string asked = name.Replace('-', '_');
        foreach (MethodSchema method in MethodSchema.All)
        {
            if (asked == method.Name)
            {
                return (method, null);
            }

            if (method.HasPresets && method.Presets.FirstOrDefault(preset => asked == $"{method.Name}_{preset.Name}") is { } preset)
            {
                return (method, preset);
            }
        }

        return null;
    }

    private static Preset Named(MethodSchema method, string value)
    {
        string name = ParameterText.Plain(value, $"{method.Name}_{MethodSchema.PresetKey}");
        return method.Presets.FirstOrDefault(preset => preset.Name == name)
            ?? throw new ArgumentException(
                $"preset must be one of {string.Join(", ", method.Presets.Select(preset => preset.Name))}, but is {value}.");
    }

    private static string Keys(MethodSchema method) => string.Join(", ", method.Keys);
}
