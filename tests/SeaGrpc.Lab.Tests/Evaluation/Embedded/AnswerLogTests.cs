using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

public sealed class AnswerLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("partial.jsonl");

    [Fact]
    public void What_was_finished_is_found_again()
    {
        AnswerRecord record = Answers.Make("sea", 3, 1, met: 2, reward: 0.1, 10, 1, 2);
        using (var log = new AnswerLog(Path))
        {
            log.Add(record);
        }

        using var again = new AnswerLog(Path);
        AnswerRecord found = again.Find(record.Key)!;
        Assert.Equal(record.Assessment, found.Assessment);
        Assert.Equal(record.BestReward, found.BestReward);
        Assert.Equal(record.Cost, found.Cost);
        Assert.Null(again.Find("another"));
    }

    [Fact]
    public void A_line_that_was_cut_short_is_left_out_and_does_not_spoil_the_next()
    {
        using (var log = new AnswerLog(Path))
        {
            log.Add(Answers.Make("sea", 0, 1, met: 2));
        }

        File.AppendAllText(Path, File.ReadAllText(Path)[..40]);
        using (var log = new AnswerLog(Path))
        {
            log.Add(Answers.Make("sea", 1, 1, met: 2));
        }

        using var again = new AnswerLog(Path);
        Assert.NotNull(again.Find("sea 0 1"));
        Assert.NotNull(again.Find("sea 1 1"));
    }

    [Fact]
    public void A_fresh_log_forgets()
    {
        using (var log = new AnswerLog(Path))
        {
            log.Add(Answers.Make("sea", 0, 1, met: 2));
        }

        using var fresh = new AnswerLog(Path, fresh: true);
        Assert.Null(fresh.Find("sea 0 1"));
    }

    public void Dispose() => _folder.Dispose();
}
