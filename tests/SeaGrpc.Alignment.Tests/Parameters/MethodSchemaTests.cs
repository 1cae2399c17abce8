using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Alignment.Tests.Parameters;

/// <summary>What a record declares is what its schema says.</summary>
public sealed class MethodSchemaTests
{
    private static readonly MethodSchema Trial = new(typeof(TrialMethodParameters));

    [Fact]
    public void Every_settable_property_of_a_method_is_a_parameter() => Assert.All(MethodSchema.All, method => Assert.Equal(
        method.Record.GetProperties()
            .Where(property => property.CanWrite && !property.GetMethod!.IsStatic)
            .Select(property => property.Name)
            .Order(),
        method.Parameters.Select(parameter => parameter.Property).Order()));

    [Fact]
    public void Names_types_and_presets_follow_from_the_record()
    {
        Assert.Equal("trial_method", Trial.Name);
        Assert.Equal(["default", "wide"], Trial.Presets.Select(preset => preset.Name));
        Assert.Equal(
            ["bound", "kind", "width", "reward_weight", "sampling_temperature", "reference_temperature"],
            Trial.Parameters.Select(parameter => parameter.Name));
        Assert.Equal((ParameterType.Number, true), (Trial.Find("bound")!.Type, Trial.Find("bound")!.IsOptional));
        Assert.Equal((ParameterType.Enum, true), (Trial.Find("kind")!.Type, Trial.Find("kind")!.IsOptional));
        Assert.Equal(new ParameterRange(2, 8), Trial.Find("width")!.Range);
    }

    [Fact]
    public void An_optional_parameter_may_have_no_value()
    {
        MethodText given = MethodText.Parse(Trial, null, "bound=2.5,kind=langevin");
        Assert.Equal(new TrialMethodParameters { Bound = 2.5, Kind = SeaSampler.Langevin }, given.ToParameters());
        MethodText taken = MethodText.Parse(Trial, Trial.Presets[1], "bound=none,kind=none");
        Assert.Equal(new TrialMethodParameters { Width = 8 }, taken.ToParameters());
        Assert.Equal("trial_method[preset=wide,bound=none,kind=none]", taken.ToString());
        Assert.Equal(
            "bound must be a number, above 1 (1.000001 to 1000000), or none, but is 1.",
            Assert.Throws<ArgumentException>(() => MethodText.Parse(Trial, null, "bound=1")).Message);
    }

    [Theory]
    [InlineData(typeof(UnboundedParameters), "lower bound")]
    [InlineData(typeof(TextParameters), "must be int, double, bool or an enum")]
    [InlineData(typeof(BoundedChoiceParameters), "Only numbers have bounds")]
    public void A_declaration_that_makes_no_parameter_is_refused(Type record, string said) =>
        Assert.Contains(said, Assert.Throws<InvalidOperationException>(() => new MethodSchema(record)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 1, null, null, "at least 0, at most 1")]
    [InlineData(1e-6, 1e6, 0.0, null, "above 0")]
    [InlineData(0, 0.999999, null, 1.0, "at least 0, below 1")]
    [InlineData(1, int.MaxValue, null, null, "at least 1")]
    public void A_range_is_said_in_words(double minimum, double maximum, double? above, double? below, string words) =>
        Assert.Equal(words, new ParameterRange(minimum, maximum, above, below).ToString());

    private sealed record TrialMethodParameters : MethodParameters
    {
        [Parameter("A bound.", Above = 1)]
        public double? Bound { get; init; }

        [Parameter("A kind.")]
        public SeaSampler? Kind { get; init; }

        [Parameter("A width.", AtLeast = 2, AtMost = 8)]
        public int Width { get; init; } = 4;

        public static TrialMethodParameters Default { get; } = new();

        public static TrialMethodParameters Wide { get; } = new() { Width = 8, Bound = 3 };
    }

    private sealed record UnboundedParameters : MethodParameters
    {
        [Parameter("A number without bounds.")]
        public double Value { get; init; }
    }

    private sealed record TextParameters : MethodParameters
    {
        [Parameter("A text.")]
        public string Value { get; init; } = "";
    }

    private sealed record BoundedChoiceParameters : MethodParameters
    {
        [Parameter("A choice with a bound.", AtLeast = 1)]
        public bool Value { get; init; }
    }
}
