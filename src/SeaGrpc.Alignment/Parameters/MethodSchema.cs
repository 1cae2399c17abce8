using System.Reflection;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>The parameters and presets of one method, read once from its record.</summary>
public sealed class MethodSchema
{
    /// <summary>The only preset of a method that declares none, and the first preset of any other.</summary>
    public const string DefaultPreset = "default";

    /// <summary>The key that names a preset, in a request and on the command line.</summary>
    public const string PresetKey = "preset";

    private const string Suffix = "Parameters";

    /// <summary>Reads a record.</summary>
    internal MethodSchema(Type record)
    {
        Record = record;
        Name = ContractNames.Snake(record.Name[..^Suffix.Length]);
        Parameters = [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (property, declared: property.GetCustomAttribute<ParameterAttribute>()))
            .Where(found => found.declared is not null)
            .Select(found => new Parameter(found.property, found.declared!))];
        Preset[] presets =
        [
            .. record
                .GetProperties(BindingFlags.Public | BindingFlags.Static)
                .Where(property => property.PropertyType == record)
                .Select(ReadPreset),
        ];
        Presets = presets.Length > 0 ? presets : [new Preset(DefaultPreset, (MethodParameters)Activator.CreateInstance(record)!)];
    }

    /// <summary>Every method, by name.</summary>
    public static IReadOnlyList<MethodSchema> All { get; } =
    [
        .. typeof(MethodParameters)
            .Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(MethodParameters)))
            .Select(record => new MethodSchema(record))
            .OrderBy(method => method.Name, StringComparer.Ordinal),
    ];

    /// <summary>The method that runs if none is named.</summary>
    public static MethodSchema Default { get; } = All.Single(method => method.Record.IsDefined(typeof(DefaultMethodAttribute)));

    /// <summary>The method's name: that of its field in an AlignmentSpec, and that of the record without "Parameters".</summary>
    public string Name { get; }

    /// <summary>Type of the parameters record.</summary>
    public Type Record { get; }

    /// <summary>Its parameters: first the record's own, in order, then those common to all methods.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Its presets, starting with the default one: the record's static properties of its own type.</summary>
    public IReadOnlyList<Preset> Presets { get; }

    /// <summary>Whether a request may name a preset.</summary>
    public bool HasPresets => Presets.Count > 1;

    /// <summary>The valid keys, in order: the parameters' names, and the preset's key if there are several presets.</summary>
    public IEnumerable<string> Keys =>
        Parameters.Select(parameter => parameter.Name).Concat(HasPresets ? [PresetKey] : []).Order(StringComparer.Ordinal);

    /// <summary>The parameter of a name; null if there is none.</summary>
    /// <param name="key">Its name in the contract or the name of its property, with underscores or hyphens.</param>
    public Parameter? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string name = key.Replace('-', '_');
        return Parameters.FirstOrDefault(parameter => parameter.Name == name)
            ?? Parameters.FirstOrDefault(parameter => ContractNames.Snake(parameter.Property) == name);
    }

    /// <summary>The schema of a record.</summary>
    public static MethodSchema Of(MethodParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return All.Single(method => method.Record == parameters.GetType());
    }

    /// <summary>The preset that unset parameters come from if none is named.</summary>
    /// <param name="assigned">Returns the value that a parameter is set to; null if it is not set.</param>
    public Preset Implied(Func<Parameter, object?> assigned)
    {
        ArgumentNullException.ThrowIfNull(assigned);
        return Presets.FirstOrDefault(preset => preset.ImpliedBy is { } cause && cause.Value.Equals(assigned(cause.Parameter)))
            ?? Presets[0];
    }

    private Preset ReadPreset(PropertyInfo property)
    {
        var cause = property.GetCustomAttribute<ImpliedByAttribute>();
        return new Preset(
            ContractNames.Snake(property.Name),
            (MethodParameters)property.GetValue(null)!,
            cause is null ? null : (Parameters.Single(parameter => parameter.Property == cause.Property), cause.Value));
    }
}
