using Google.Protobuf.Reflection;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Contract;
using SeaGrpc.V1;
using ParameterType = SeaGrpc.Alignment.Parameters.ParameterType;

namespace SeaGrpc.FunctionalTests.Parameters;

/// <summary>A parameter is a property of its method's record and a field of the method's message: the two say the same.</summary>
[Trait("tier", "quick")]
public sealed class ParameterContractTests
{
    public static TheoryData<string> Methods => [.. MethodSchema.All.Select(method => method.Name)];

    [Fact]
    public void Every_method_of_the_contract_has_a_record_and_every_record_a_method() =>
        Assert.Equal(ContractMethod.Fields.Select(field => field.Name).Order(), MethodSchema.All.Select(method => method.Name).Order());

    [Theory]
    [MemberData(nameof(Methods))]
    public void Fields_have_the_names_and_types_of_the_properties(string name)
    {
        MethodSchema method = Schema(name);
        MessageDescriptor message = Message(name);
        Assert.Equal(method.Record.Name, message.Name);
        Assert.Equal(
            method.Parameters.Select(parameter => (parameter.Name, Type(parameter))).Order(),
            message.Fields.InDeclarationOrder()
                .Where(field => field.Name != MethodSchema.PresetKey)
                .Select(field => (field.Name, TypeOf(field)))
                .Order());

        static string Type(Parameter parameter) => parameter.Type switch
        {
            ParameterType.Integer => "optional Int32",
            ParameterType.Number => "optional Double",
            ParameterType.Boolean => "optional Bool",
            _ => $"optional {parameter.ValueType.Name}",
        };
        static string TypeOf(FieldDescriptor field) =>
            (field.HasPresence ? "optional " : "") + (field.FieldType == FieldType.Enum ? field.EnumType.Name : field.FieldType.ToString());
    }

    /// <remarks>With the environment variable SEAGRPC_WRITE_PAGES the comments are written instead.</remarks>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Comments_of_fields_say_what_the_properties_declare(string name)
    {
        MethodSchema method = Schema(name);
        var proto = new MethodProto();
        if (Environment.GetEnvironmentVariable("SEAGRPC_WRITE_PAGES") is not null)
        {
            foreach (Parameter parameter in method.Parameters)
            {
                proto.Replace(method.Record.Name, parameter.Name, ParameterComment.Of(method, parameter));
            }

            proto.Write();
        }

        Assert.All(method.Parameters, parameter => Assert.Equal(
            $"{parameter.Name}: {ParameterComment.Of(method, parameter)}",
            $"{parameter.Name}: {proto.Comment(method.Record.Name, parameter.Name)}"));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Enums_have_the_same_values_by_name(string name)
    {
        MessageDescriptor message = Message(name);
        Assert.All(Schema(name).Parameters.Where(parameter => parameter.Type == ParameterType.Enum), parameter => Assert.Equal(
            Enum.GetNames(parameter.ValueType)
                .Select(value => ContractNames.EnumValue(parameter.ValueType.Name, value))
                .Order(StringComparer.Ordinal),
            message.FindFieldByName(parameter.Name).EnumType.Values.Where(value => value.Number != 0)
                .Select(value => value.Name)
                .Order(StringComparer.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Presets_have_the_same_names(string name)
    {
        MethodSchema method = Schema(name);
        EnumDescriptor? presets = Message(name).FindFieldByName(MethodSchema.PresetKey)?.EnumType;
        Assert.Equal(method.HasPresets, presets is not null);
        Assert.Equal(
            method.HasPresets
                ? method.Presets.Select(preset => ContractNames.EnumValue(presets!.Name, preset.Name)).Order(StringComparer.Ordinal)
                : [],
            presets?.Values.Where(value => value.Number != 0).Select(value => value.Name).Order(StringComparer.Ordinal)
                ?? Enumerable.Empty<string>());
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_preset_has_a_field_for_its_defaults(string name)
    {
        MethodSchema method = Schema(name);
        Assert.All(method.Presets, preset => Assert.Equal(
            method.Record.Name,
            MethodDefaults.Descriptor.FindFieldByName(preset == method.Presets[0] ? name : $"{name}_{preset.Name}")?.MessageType.Name));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_servers_limits_on_parameters_are_in_the_contract(string name) =>
        Assert.All(Schema(name).Parameters.Where(parameter => parameter.Limit != RequestLimit.None), parameter =>
        {
            Assert.NotNull(ServerLimits.Descriptor.FindFieldByName(ContractNames.Snake(parameter.Limit.ToString())));
            Assert.NotNull(typeof(Server.Options.LimitOptions).GetProperty(parameter.Limit.ToString()));
        });

    private static MethodSchema Schema(string name) => MethodSchema.All.Single(method => method.Name == name);

    private static MessageDescriptor Message(string name) => AlignmentSpec.Descriptor.FindFieldByName(name).MessageType;
}
