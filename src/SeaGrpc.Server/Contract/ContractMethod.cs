using Google.Protobuf;
using Google.Protobuf.Reflection;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Contract;

/// <summary>A method's schema and the contract message that carries its parameters, joined once, by name.</summary>
internal sealed class ContractMethod
{
    private readonly FieldDescriptor _field;
    private readonly FieldDescriptor? _preset;

    private ContractMethod(MethodSchema schema, FieldDescriptor field)
    {
        Schema = schema;
        _field = field;
        FieldDescriptor[] fields = [.. field.MessageType.Fields.InDeclarationOrder()];
        _preset = fields.SingleOrDefault(own => own.Name == MethodSchema.PresetKey);
        Presets = _preset is null
            ? null
            : new EnumMapping<Preset>(_preset.EnumType, schema.Presets.Select(preset => (preset.Name, preset)));
        Parameters = [.. fields.Where(own => own != _preset).Select(own => new ContractParameter(
            schema.Parameters.SingleOrDefault(parameter => parameter.Name == own.Name)
                ?? throw new InvalidOperationException($"{own.FullName} of the contract is not a parameter of {schema.Record.Name}."),
            own))];
        string[] missing = [.. schema.Parameters.Except(Parameters.Select(own => own.Parameter)).Select(parameter => parameter.Property)];
        if (missing.Length > 0 || schema.HasPresets != (_preset is not null))
        {
            throw new InvalidOperationException(
                $"{field.MessageType.FullName} has no field for {string.Join(", ", missing.DefaultIfEmpty("the presets"))} of "
                    + $"{schema.Record.Name}.");
        }
    }

    /// <summary>Every method of the contract that is implemented here, in the contract's order.</summary>
    public static IReadOnlyList<ContractMethod> All { get; } =
        [.. from field in Fields
            from schema in MethodSchema.All
            where schema.Name == field.Name
            select new ContractMethod(schema, field)];

    /// <summary>The method that runs if a spec names none.</summary>
    public static ContractMethod Default { get; } = Of(MethodSchema.Default);

    /// <summary>The fields of a spec that name a method.</summary>
    public static IEnumerable<FieldDescriptor> Fields => AlignmentSpec.Descriptor.Oneofs.Single(oneof => oneof.Name == "method").Fields;

    /// <summary>The method's name, which is the name of its field in a spec.</summary>
    public string Name => _field.Name;

    /// <summary>The name of its property in the generated class of a spec.</summary>
    public string PropertyName => _field.PropertyName;

    /// <summary>The schema of its parameters record.</summary>
    public MethodSchema Schema { get; }

    /// <summary>Its parameters, in the order of the message's fields.</summary>
    public IReadOnlyList<ContractParameter> Parameters { get; }

    /// <summary>Its presets; null if it has none.</summary>
    public EnumMapping<Preset>? Presets { get; }

    /// <summary>The method that a spec names; null if it names none that is implemented here.</summary>
    public static ContractMethod? In(AlignmentSpec spec) => All.FirstOrDefault(method => method.MessageIn(spec) is not null);

    /// <summary>The method with a schema.</summary>
    public static ContractMethod Of(MethodSchema schema) => All.Single(method => method.Schema == schema);

    /// <summary>The method's message in a spec; null if the spec names another method.</summary>
    public IMessage? MessageIn(AlignmentSpec spec) => _field.Accessor.HasValue(spec) ? (IMessage)_field.Accessor.GetValue(spec) : null;

    /// <summary>Creates a message of the method with no field set.</summary>
    public IMessage NewMessage() => _field.MessageType.Parser.ParseFrom(ByteString.Empty);

    /// <summary>Sets the method in a spec.</summary>
    public void Put(IMessage message, AlignmentSpec spec) => _field.Accessor.SetValue(spec, message);

    /// <summary>The number of the preset that a message names; null if it names none.</summary>
    public int? PresetNumber(IMessage message) =>
        _preset is not null && _preset.Accessor.HasValue(message) ? Convert.ToInt32(_preset.Accessor.GetValue(message)) : null;

    /// <summary>The preset that a message implies if it names none.</summary>
    public Preset Implied(IMessage message) => Schema.Implied(parameter => Choice(parameter, message));

    /// <summary>The names of a spec's method and preset: those that apply where it names none.</summary>
    /// <param name="spec">A request's, valid or not.</param>
    public static (string Method, string Preset) NamesIn(AlignmentSpec spec)
    {
        if (In(spec) is not { } method || method.MessageIn(spec) is not { } message)
        {
            return (Default.Name, Default.Schema.Presets[0].Name);
        }

        Preset? preset = method.PresetNumber(message) is { } number ? method.Presets!.Read(number) : method.Implied(message);
        return (method.Name, preset?.Name ?? MethodSchema.DefaultPreset);
    }

    /// <summary>Sets the preset in a message.</summary>
    public void SetPreset(IMessage message, Preset preset) => _preset!.Accessor.SetValue(message, Presets!.Write(preset));

    private object? Choice(Parameter parameter, IMessage message)
    {
        ContractParameter field = Parameters.Single(own => own.Parameter == parameter);
        return field.IsSet(message) ? field.Choices?.Read((int)field.Get(message)) : null;
    }
}
