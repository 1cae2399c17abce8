namespace SeaGrpc.Alignment.Parameters;

/// <summary>
/// A method and the parameters that are given for it, as the command line spells them: <c>sea[preset=paper,chains=4]</c>.
/// </summary>
/// <remarks>
/// Names and keys are the contract's; hyphens may stand for underscores. A preset may follow the method's name too: <c>sea-paper</c>.
/// What is not given has the preset's value.
/// </remarks>
public sealed class MethodText
{
    private readonly Dictionary<Parameter, object?> _values;

    private MethodText(MethodSchema method, Preset? preset, Dictionary<Parameter, object?> values)
    {
        Method = method;
        Preset = preset;
        _values = values;
    }

    /// <summary>The method.</summary>
    public MethodSchema Method { get; }

    /// <summary>The preset that is named; null if none is.</summary>
    public Preset? Preset { get; }

    /// <summary>The parameters that are given.</summary>
    public IReadOnlyDictionary<Parameter, object?> Values => _values;

    /// <summary>Where the parameters that are not given come from: the preset that is named, or that one of them implies.</summary>
    public MethodParameters Start => (Preset ?? Method.Implied(parameter => _values.GetValueOrDefault(parameter))).Parameters;

    /// <summary>Reads a method's text.</summary>
    /// <exception cref="ArgumentException">There is no such method or parameter, or a value is out of its range; the message says what
    /// there is.</exception>
    public static MethodText Parse(string text)
    {
        (string name, string assignments) = MethodBrackets.Split(text);
        return Find(name) is ({ } method, var preset)
            ? Parse(method, preset, assignments)
            : throw new ArgumentException(
                $"There is no method {name}: use one of {string.Join(", ", MethodSchema.All.Select(method => method.Name))}.");
    }

    /// <summary>Whether a text without its brackets names a method, or a method and a preset.</summary>
    public static bool IsName(string name) => Find(name) is not null;

    /// <summary>Reads the parameters that are given for a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="preset">The preset that is named already; or null.</param>
    /// <param name="assignments">key=value pairs with commas between them; may be empty. The last one of a key counts.</param>
    /// <exception cref="ArgumentException">There is no such parameter, or a value is out of its range; the message says what there
    /// is.</exception>
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

    /// <summary>Complete parameters with those that are given.</summary>
    /// <param name="start">Where the parameters that are not given come from; not modified.</param>
    public MethodParameters Over(MethodParameters start) =>
        _values.Aggregate(start, (parameters, given) => given.Key.With(parameters, given.Value));

    /// <exception cref="ArgumentException">A parameter is given that another one leaves without effect.</exception>
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

    /// <summary>The text, with the contract's names: <c>sea[preset=paper,chains=4]</c>.</summary>
    public override string ToString() => MethodBrackets.Join(
        Method.Name,
        string.Join(
            ',',
            _values.Select(given => $"{given.Key}={ParameterText.Of(given.Value)}")
                .Prepend(Preset is null ? "" : $"{MethodSchema.PresetKey}={Preset.Name}")
            .Where(part => part.Length > 0)));

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
