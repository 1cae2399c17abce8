namespace SeaGrpc.Alignment.Parameters;

/// <summary>A method and the parameters that are given for it, as the command line spells them: <c>sea[preset=paper,chains=4]</c>.</summary>
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

    /// <summary>The preset that is named; null where none is.</summary>
    public Preset? Preset { get; }

    /// <summary>The parameters that are given.</summary>
    public IReadOnlyDictionary<Parameter, object?> Values => _values;

    /// <summary>Reads a method's text.</summary>
    /// <exception cref="ArgumentException">There is no such method or parameter, or a value is out of its range; the message says what there is.</exception>
    public static MethodText Parse(string text)
    {
        (string name, string assignments) = MethodBrackets.Split(text);
        string asked = name.Replace('-', '_');
        foreach (MethodSchema method in MethodSchema.All)
        {
            if (asked == method.Name)
            {
                return Parse(method, null, assignments);
            }

            if (method.HasPresets && method.Presets.FirstOrDefault(preset => asked == $"{method.Name}_{preset.Name}") is { } preset)
            {
                return Parse(method, preset, assignments);
            }
        }

        throw new ArgumentException($"There is no method {name}: use one of {string.Join(", ", MethodSchema.All.Select(method => method.Name))}.");
    }

    /// <summary>Reads the parameters that are given for a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="preset">The preset that is named already; or null.</param>
    /// <param name="assignments">key=value pairs with commas between them; may be empty. The last one of a key counts.</param>
    /// <exception cref="ArgumentException">There is no such parameter, or a value is out of its range; the message says what there is.</exception>
    public static MethodText Parse(MethodSchema method, Preset? preset, string assignments)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(assignments);
        var values = new Dictionary<Parameter, object?>();
        foreach (string assignment in assignments.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (assignment.Split('=', 2, StringSplitOptions.TrimEntries) is not [string key, string value])
            {
                throw new ArgumentException($"{assignment} sets no parameter of {method.Name}: write key=value, with one of {Keys(method)}.");
            }

            if (method.HasPresets && key == MethodSchema.PresetKey)
            {
                preset = preset is null ? Named(method, value) : throw new ArgumentException($"{method.Name}_{preset.Name} names its preset: leave preset={value} out.");
            }
            else
            {
                Parameter parameter = method.Find(key) ?? throw new ArgumentException(
                    $"{method.Name} has no parameter {key}: did you mean {NearestName.Of(key, method.Keys)}? It has {Keys(method)}.");
                values[parameter] = ParameterText.Parse(parameter, value);
            }
        }

        return new MethodText(method, preset, values);
    }

    /// <summary>The complete parameters.</summary>
    public MethodParameters ToParameters() => Over((Preset ?? Method.Implied(_values.GetValueOrDefault)).Parameters);

    /// <summary>Complete parameters with those that are given.</summary>
    /// <param name="start">Where the parameters that are not given come from; not modified.</param>
    public MethodParameters Over(MethodParameters start) => _values.Aggregate(start, (parameters, given) => given.Key.With(parameters, given.Value));

    private static Preset Named(MethodSchema method, string value)
    {
        string name = ParameterText.Plain(value, $"{method.Name}_{MethodSchema.PresetKey}");
        return method.Presets.FirstOrDefault(preset => preset.Name == name)
            ?? throw new ArgumentException($"preset must be one of {string.Join(", ", method.Presets.Select(preset => preset.Name))}, but is {value}.");
    }

    private static string Keys(MethodSchema method) => string.Join(", ", method.Keys);
}
