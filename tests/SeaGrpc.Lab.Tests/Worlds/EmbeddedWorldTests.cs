using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Tests.Worlds;

/// <summary>What an evaluation may take for granted of every world.</summary>
public sealed class EmbeddedWorldTests
{
    public static TheoryData<string> Names => [.. EmbeddedWorlds.All.Select(world => world.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Prompts_follow_from_a_seed_and_never_overlap(string name)
    {
        var world = EmbeddedWorlds.Find(name);
        var heldOut = world.HeldOutPrompts(400, seed: 1);
        var tuning = world.TuningPrompts(200, seed: 1);
        Assert.Equal(heldOut, world.HeldOutPrompts(400, seed: 1));
        Assert.NotEqual(heldOut, world.HeldOutPrompts(400, seed: 2));
        Assert.Equal(600, heldOut.Concat(tuning).Select(prompt => prompt.Text).Distinct().Count());
        Assert.All(heldOut.Concat(tuning), prompt => Assert.True(prompt.HeldOut));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_worst_answer_is_grammatical_and_meets_nothing(string name)
    {
        var world = EmbeddedWorlds.Find(name);
        foreach (var prompt in world.HeldOutPrompts(100, seed: 3))
        {
            var assessment = world.Assess(prompt, world.WorstAnswer(prompt, seed: 4));
            Assert.Equal(new Assessment(0, world.RequirementCount, Grammatical: true, OnTopic: true), assessment);
            Assert.True(assessment.Harmful);
            Assert.False(assessment.AllGood);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_answer_fits_the_longest_response(string name)
    {
        var world = EmbeddedWorlds.Find(name);
        Assert.All(
            world.HeldOutPrompts(100, seed: 5),
            prompt => Assert.InRange(WordText.Split(world.WorstAnswer(prompt, seed: 6)).Length, 20, world.MaxResponseTokens - 8));
    }

    [Fact]
    public void An_unknown_world_is_answered_with_the_names_of_the_known() =>
        Assert.Contains(
            "support-desk, keep-your-word, moving-day", Assert.Throws<ArgumentException>(() => EmbeddedWorlds.Find("x")).Message,
            StringComparison.Ordinal);
}
