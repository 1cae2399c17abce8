using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.MovingDay;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

public sealed class AnswerTasksTests
{
    private static readonly MovingDayWorld World = new();
    private static readonly IReadOnlyList<WorldPrompt> Prompts = World.TuningPrompts(3, seed: 2);

    [Fact]
    public void Every_task_from_drafts_has_a_draft_of_its_own()
    {
        AnswerTask[] tasks = [.. Tasks(new EnergySearchParameters(), nameof(MovingError.SentenceSwapped), seeds: 2)];
        Assert.Equal(2 * Prompts.Count, tasks.Select(task => task.Draft).Distinct(StringComparer.Ordinal).Count());
        Assert.All(tasks, task =>
        {
            Assert.Equal("energy-search from SentenceSwapped", task.Method);
            Assert.Equal(
                World.DamagedAnswer(task.Prompt, nameof(MovingError.SentenceSwapped), (int)(task.Seed % int.MaxValue)), task.Draft);
            Assert.False(World.Assess(task.Prompt, task.Draft!).AllGood);
        });
    }

    [Theory]
    [InlineData(DraftedParameters.NoLimit, DraftedParameters.LossFromCallersDraft)]
    [InlineData(2, 2)]
    public void The_floor_under_fluency_is_that_of_a_request_with_a_draft(double set, double inEffect) =>
        Assert.All(
            Tasks(new EnergySearchParameters { MaxFluencyLoss = set }, nameof(MovingError.FactChanged), seeds: 1),
            task => Assert.Equal(inEffect, ((DraftedParameters)task.Parameters).MaxFluencyLoss));

    [Fact]
    public void A_method_without_drafts_is_named()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(
            () => Tasks(new BaseParameters(), nameof(MovingError.FactChanged), seeds: 1).ToArray());
        Assert.StartsWith("energy-search takes no draft.", failure.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<AnswerTask> Tasks(MethodParameters parameters, string error, int seeds) =>
        AnswerTasks.FromDrafts("energy-search", parameters, World, error, Prompts, firstSeed: 1, seeds);
}
