using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using TorchSharp;

namespace SeaGrpc.Alignment.Tests.Rewards.Texts;

/// <summary>What a reward model of another vocabulary reads by pieces, against the whole in one pass without a cache.</summary>
public sealed class TextRewardStateTests : IDisposable
{
    private const double Tolerance = 1e-5;
    private const string Own = "the checkpoint's own";
    private readonly TextPair _pair = new();
    private readonly CostCounter _cost = new();

    public void Dispose() => _pair.Dispose();

    /// <summary>The checkpoint's own; one that changes answers; one without special tokens, which merges across all of its text.</summary>
    public static TheoryData<string> Templates =>
    [
        Own,
        "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content | trim }}{% if message.role == 'assistant' %}"
            + "{{ eos_token }}{% endif %}{% endfor %}",
        "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}",
    ];

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_thousand_edits_of_answers_are_scored_as_in_one_pass(string template)
    {
        using var pair = new TextPair(template == Own ? null : template);
        var edits = new RandomEdits(1);
        using IRewardState state = pair.Models.Rewards[0].Prefill(pair.RewardPrompt, pair.Models.IsEos, _cost);
        int[][] chains = [edits.Piece(60), edits.Piece(60)];
        using IRewardChains followed = state.Follow(Rows(chains), room: 96);
        for (int round = 0; round < 125; round++)
        {
            int[] of = [.. Enumerable.Range(0, 8).Select(_ => edits.Below(chains.Length))];
            int[][] moved = [.. of.Select(chain => edits.Edited(chains[chain]))];
            AssertScores(pair, moved, followed.Moved([new MovedRows(Rows(moved), of, 0)]).Rewards);
            chains =
                [.. chains.Select((present, chain) => Array.IndexOf(of, chain) is var at and >= 0 ? moved[at] : present)];
            followed.Replace(Rows(chains), 0);
        }

        AssertScores(pair, chains, state.Rewards(Rows(chains)));
    }

    [Fact]
    public void Growing_answers_are_scored_as_in_one_pass()
    {
        var edits = new RandomEdits(2);
        using IRewardState state = Prefill();
        IRewardRows rows = state.Grow(3, 96);
        List<int>[] answers = [[], [], []];
        for (int round = 0; round < 40; round++)
        {
            // Candidates of one answer, in its place.
            int count = 1 + edits.Below(3);
            int[] beam = [.. Enumerable.Repeat(edits.Below(3), 4)];
            int[][] candidates = [.. beam.Select(_ => edits.Piece(3))];
            bool[] whole = [.. beam.Select(_ => edits.Below(2) == 0)];
            using (IRewardRows fan = state.Fan(rows, beam, 8))
            {
                Check(fan.Read(candidates, whole, 0), beam, candidates, whole);
            }

            int[][] next = [.. answers.Select(_ => (int[])[.. edits.Piece(count), .. Enumerable.Repeat((int)'a', count)])];
            next = [.. next.Select(own => own[..count])];
            bool[] ended = [.. answers.Select(_ => edits.Below(2) == 0)];
            Check(rows.Read(next, ended, count), [0, 1, 2], next, ended);
            for (int row = 0; row < 3; row++)
            {
                answers[row].AddRange(next[row]);
            }

            if (answers[0].Count > 60 || round % 9 == 8)
            {
                // Rows go on from the beginnings of others.
                int kept = edits.Below(answers[0].Count + 1);
                IRewardRows gathered = state.Gather([(rows, 2), (rows, 0), (rows, 2)], 96, kept);
                rows.Dispose();
                rows = gathered;
                answers = [.. new[] { 2, 0, 2 }.Select(row => answers[row][..kept])];
                rows.Follow([[228, 189], [228, 189], [228, 189]]);
                Array.ForEach(answers, answer => answer.AddRange([228, 189]));
            }
        }

        rows.Dispose();

        void Check(float[] scores, int[] of, int[][] tokens, bool[] whole)
        {
            for (int row = 0; row < scores.Length; row++)
            {
                int[] answer = [.. answers[of[row]], .. tokens[row]];
                Assert.Equal(_pair.ScoreIds(_pair.RewardPrompt.Read(answer, whole[row])), scores[row], Tolerance);
            }
        }
    }

    [Fact]
    public void Only_what_follows_the_first_difference_is_read()
    {
        using IRewardState state = Prefill();
        int[] answer = [.. System.Text.Encoding.UTF8.GetBytes("The answer is that the kettle leaks.").Select(value => (int)value)];
        using IRewardChains chains = state.Follow(Rows([answer]));
        int whole = _pair.RewardPrompt.Read(answer, isWhole: true).Length;
        long before = _pair.Reward.Decoder.PositionsRead;
        long counted = _cost.Cost.RewardTokens;
        chains.Moved([new MovedRows(Rows([[.. answer[..^1], '!']]), [0], 0)]);
        Assert.InRange(_pair.Reward.Decoder.PositionsRead - before, 1, 4);
        Assert.Equal(_pair.Reward.Decoder.PositionsRead - before, _cost.Cost.RewardTokens - counted);
        Assert.InRange(whole, 40, int.MaxValue);
    }

    [Fact]
    public void Growing_answers_free_all_their_tensors()
    {
        using IRewardState state = Prefill();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (IRewardRows rows = state.Grow(2, 20))
        {
            rows.Read([[97, 98], [99, 100]], [true, false], 2);
            using IRewardRows fan = state.Fan(rows, [1, 1], 4);
            fan.Read([[97], [98]], [true, true], 1);
            using IRewardRows copies = state.Gather([(fan, 0), (rows, 1)], 20);
            copies.Read([[97], [98]], [true, true], 1);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private IRewardState Prefill() => _pair.Models.Rewards[0].Prefill(_pair.RewardPrompt, _pair.Models.IsEos, _cost);

    private HardResponses Rows(int[][] answers) =>
        HardResponses.FromRagged(answers, _pair.Models.Prompts.EosId, _pair.Models.IsEos, _ => true);

    private static void AssertScores(TextPair pair, int[][] answers, float[] scores)
    {
        for (int row = 0; row < answers.Length; row++)
        {
            Assert.Equal(pair.Score(answers[row]), scores[row], Tolerance);
        }
    }
}
