using Google.Protobuf;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Validation;
using SeaGrpc.V1;
using ParameterType = SeaGrpc.Alignment.Parameters.ParameterType;
using SeaParameters = SeaGrpc.Alignment.Sea.SeaParameters;
using SeaSampler = SeaGrpc.Alignment.Sea.SeaSampler;

namespace SeaGrpc.FunctionalTests.Parameters;

/// <summary>Every parameter goes from the wire to its record and back, within its range and no further.</summary>
[Trait("tier", "quick")]
public sealed class ParameterMappingTests
{
    private static readonly LimitOptions Limits = new();

    public static TheoryData<string, string> Parameters =>
        [.. ContractMethod.All.SelectMany(method => method.Parameters.Select(own => (method.Name, own.Parameter.Name)))];

    public static TheoryData<string, string> Numbers =>
        [.. ContractMethod.All.SelectMany(method => method.Parameters.Where(own => own.Parameter.Range is not null)
            .Select(own => (method.Name, own.Parameter.Name)))];

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_field_sets_its_property_and_no_other(string name, string key)
    {
        (ContractMethod method, ContractParameter field) = Find(name, key);
        foreach (object value in Values(field.Parameter))
        {
            (MethodParameters? read, _) = Read(method, message => field.Set(message, value));
            Preset absent = method.Schema.Implied(parameter => parameter == field.Parameter ? value : null);
            Assert.Equal(field.Parameter.With(absent.Parameters, value), read);
            IMessage written = MethodMapper.Of(read!);
            Assert.Equal(
                field.Choices?.NameOf(value) ?? ParameterText.Of(value),
                field.Text(field.Choices?.Read((int)field.Get(written)) ?? field.Get(written))
            );
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_is_accepted_at_its_bounds_and_refused_beyond(string name, string key)
    {
        (ContractMethod method, ContractParameter field) = Find(name, key);
        ParameterRange range = Limits.Within(field.Parameter)!.Value;
        Assert.Null(Refused(range.Minimum));
        Assert.Null(Refused(range.Maximum));
        string path = $"spec.{name}.{key}";
        double step = field.Parameter.Type == ParameterType.Integer ? 1 : 1e-9;
        Assert.Equal(path, Refused(range.Minimum - step));
        if (range.Maximum < int.MaxValue)
        {
            Assert.Equal(path, Refused(range.Maximum + step));
        }

        if (field.Parameter.Type == ParameterType.Number)
        {
            Assert.Equal(path, Refused(double.NaN));
            Assert.Equal(path, Refused(double.PositiveInfinity));
        }

        // Alone: the rules between parameters are another test's.
        string? Refused(double value) => Read(method, message =>
            {
                field.Set(message, field.Parameter.Type == ParameterType.Integer ? (object)(int)value : value);
                foreach (
                    ContractParameter other in method.Parameters.Where(other =>
                        other != field && other.Parameter.Limit == RequestLimit.MaxSamples
                    )
                )
                {
                    other.Set(message, 1);
                }
            }).Violation?.Field;
    }

    [Fact]
    public void A_sampler_implies_its_preset_and_a_named_preset_stands_above_it()
    {
        Assert.Equal(SeaParameters.Langevin, Sea(new V1.SeaParameters { Sampler = V1.SeaSampler.Langevin }));
        Assert.Equal(
            SeaParameters.Default with
            {
                Sampler = SeaSampler.Langevin,
            },
            Sea(new V1.SeaParameters { Sampler = V1.SeaSampler.Langevin, Preset = SeaPreset.Default })
        );
        Assert.Equal(SeaParameters.Paper, Sea(new V1.SeaParameters { Preset = SeaPreset.Paper }));

        static MethodParameters? Sea(V1.SeaParameters message) =>
            new MethodValidator(Limits).Read(new AlignmentSpec { Sea = message }, "spec", new Violations());
    }

    [Fact]
    public void A_value_without_a_partner_ends_the_pairing_of_two_enums()
    {
        EnumMapping<string> Pair(params string[] names) =>
            new(V1.SeaParameters.Descriptor.FindFieldByName("preset").EnumType, names.Select(name => (name, name)));
        Assert.Equal("paper", Pair("default", "paper", "langevin").Read((int)SeaPreset.Paper));
        Assert.Contains("SEA_PRESET_LANGEVIN", Assert.Throws<InvalidOperationException>(() => Pair("default", "paper")).Message);
        Assert.Contains(
            "SEA_PRESET_QUICK",
            Assert.Throws<InvalidOperationException>(() => Pair("default", "paper", "langevin", "quick")).Message
        );
    }

    private static IEnumerable<object> Values(Parameter parameter) =>
        parameter.Type switch
        {
            ParameterType.Integer => [(int)parameter.Range!.Value.Minimum + 2],
            ParameterType.Number => [(parameter.Range!.Value.Minimum + Math.Min(1, parameter.Range.Value.Maximum)) / 3],
            ParameterType.Boolean => [true, false],
            _ => Enum.GetValues(parameter.ValueType).Cast<object>(),
        };

    private static (MethodParameters? Parameters, Violation? Violation) Read(ContractMethod method, Action<IMessage> change)
    {
        IMessage message = method.NewMessage();
        change(message);
        var spec = new AlignmentSpec();
        method.Put(message, spec);
        var violations = new Violations();
        MethodParameters? read = new MethodValidator(Limits).Read(spec, "spec", violations);
        return (read, violations.Count == 0 ? null : Assert.Throws<InvalidRequestException>(violations.ThrowIfAny).Violations.Single());
    }

    private static (ContractMethod Method, ContractParameter Field) Find(string name, string key)
    {
        ContractMethod method = ContractMethod.All.Single(method => method.Name == name);
        return (method, method.Parameters.Single(field => field.Parameter.Name == key));
    }
}
