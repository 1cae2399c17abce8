using SeaGrpc.Modeling.Batching;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests;

/// <summary>Model passes of several jobs in one batch.</summary>
public sealed class PassExchangeTests
{
    private const int Positions = 5;

    [Fact]
    public void Passes_that_wait_together_are_one_batch_with_the_numbers_of_each_alone()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange();
        float[][] alone = [.. Enumerable.Range(0, 3).Select(job => Work(models, job, backward: true))];
        var together = new float[3][];
        JobLane[] lanes = [.. Enumerable.Range(0, 3).Select(_ => exchange.Open())];
        for (int job = 0; job < 3; job++)
        {
            int own = job;
            lanes[job].Begin(() => together[own] = Work(models, own, backward: true));
        }

        Drive(exchange, lanes);
        Assert.Equal(alone, together);
        // Forward and backward, of three jobs each.
        Assert.Equal((6, 2), (exchange.Passes, exchange.Batches));
    }

    [Fact]
    public void Logits_of_few_rows_are_one_batch_with_the_numbers_of_each_alone()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange();
        int[] sizes = [4, 1, 33, 128];
        float[][] alone = [.. sizes.Select(rows => Logits(models, rows))];
        var together = new float[sizes.Length][];
        JobLane[] lanes = [.. sizes.Select(_ => exchange.Open())];
        for (int job = 0; job < sizes.Length; job++)
        {
            int own = job;
            lanes[job].Begin(() => together[own] = Logits(models, sizes[own]));
        }

        Drive(exchange, lanes);
        Assert.Equal(alone, together);
        Assert.Equal((4, 1), (exchange.Passes, exchange.Batches));
    }

    [Fact]
    public void A_pass_that_fails_fails_its_own_job_alone()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange();
        float[] alone = Work(models, 0, backward: false);
        float[]? good = null;
        JobLane[] lanes = [exchange.Open(), exchange.Open(), exchange.Open()];
        lanes[0].Begin(() => good = Work(models, 0, backward: false));
        lanes[1].Begin(() => Misfit(models));
        lanes[2].Begin(() => Work(models, 2, backward: false));
        Drive(exchange, [lanes[0], lanes[2]]);
        Assert.ThrowsAny<Exception>(lanes[1].ThrowIfFailed);
        Assert.Equal(alone, good);
    }

    [Fact]
    public void A_batch_holds_no_more_tokens_than_it_may()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange(maxTokens: 2 * 2 * Positions);
        JobLane[] lanes = [.. Enumerable.Range(0, 5).Select(_ => exchange.Open())];
        foreach (JobLane lane in lanes)
        {
            lane.Begin(() => Work(models, 0, backward: false));
        }

        Drive(exchange, lanes);
        Assert.Equal((5, 3), (exchange.Passes, exchange.Batches));
    }

    [Fact]
    public void Jobs_out_of_step_come_into_step()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange();
        JobLane[] lanes = [exchange.Open(), exchange.Open()];
        lanes[0].Begin(() => Alternate(models, policyFirst: true));
        lanes[1].Begin(() => Alternate(models, policyFirst: false));
        Drive(exchange, lanes);
        // Twelve passes: the first is alone, and so may be the last.
        Assert.InRange(exchange.Batches, 6, 8);
    }

    [Fact]
    public void Work_that_waits_ends_when_it_is_abandoned()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange();
        JobLane lane = exchange.Open();
        lane.Begin(() => Work(models, 0, backward: false));
        Assert.False(lane.IsIdle);
        exchange.Abandon(new InvalidOperationException("The end."));
        Assert.True(lane.IsIdle);
        Assert.Equal("The end.", Assert.Throws<InvalidOperationException>(lane.ThrowIfFailed).Message);
        Assert.False(exchange.HasWaiting);
    }

    [Fact]
    public void Work_that_waits_for_an_answer_from_outside_leaves_the_device_to_others_and_takes_no_turns_for_it_afterwards()
    {
        using AlignmentModels models = TinyModels.Load();
        int answers = 0;
        using var exchange = new PassExchange(onAnswer: () => answers++);
        var answer = new TaskCompletionSource<int>();
        int taken = 0;
        JobLane waiting = exchange.Open();
        waiting.Begin(() => taken = OutsideWork.Await(_ => answer.Task));
        JobLane busy = exchange.Open();
        busy.Begin(() => Work(models, 0, backward: true));
        while (!busy.IsIdle)
        {
            exchange.Exchange();
        }

        exchange.Exchange();
        Assert.True(waiting.IsWaitingOutside);
        JobLane late = exchange.Open();
        Assert.Equal(busy.Spent, late.Spent);
        Assert.True(waiting.Spent < busy.Spent);

        answer.SetResult(3);
        Assert.Equal((1, false), (answers, waiting.IsWaitingOutside));
        exchange.Exchange();
        Assert.Equal((3, true, busy.Spent), (taken, waiting.IsIdle, waiting.Spent));
    }

    [Fact]
    public void An_answer_that_was_begun_comes_while_the_work_goes_on()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange();
        var answer = new TaskCompletionSource<int>();
        int taken = 0;
        JobLane lane = exchange.Open();
        lane.Begin(() =>
        {
            using OutsideAnswer<int> begun = OutsideWork.Begin(_ => answer.Task);
            Work(models, 0, backward: false);
            taken = begun.Take();
        });
        Assert.False(lane.IsWaitingOutside);
        exchange.Exchange();
        Assert.True(lane.IsWaitingOutside);
        answer.SetResult(3);
        exchange.Exchange();
        Assert.Equal((3, true), (taken, lane.IsIdle));
    }

    [Fact]
    public void Work_that_is_abandoned_while_it_waits_for_an_answer_stops_asking()
    {
        using var exchange = new PassExchange();
        CancellationToken asked = default;
        JobLane lane = exchange.Open();
        lane.Begin(() => OutsideWork.Await(stop =>
        {
            asked = stop;
            return new TaskCompletionSource<int>().Task;
        }));
        lane.Abandon(new InvalidOperationException("The end."));
        Assert.True(lane.IsIdle && asked.IsCancellationRequested);
        Assert.Equal("The end.", Assert.Throws<InvalidOperationException>(lane.ThrowIfFailed).Message);
    }

    private static float[] Logits(AlignmentModels models, int rows)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)rows);
        TransformerDecoder decoder = models.Policy.Decoder;
        return ModelPasses.Logits(decoder, randn([rows, decoder.Config.HiddenSize], generator: generator)).data<float>().ToArray();
    }

    private static void Drive(PassExchange exchange, JobLane[] lanes)
    {
        while (exchange.HasWaiting)
        {
            exchange.Exchange();
        }

        Assert.All(lanes, lane =>
        {
            Assert.True(lane.IsIdle);
            lane.ThrowIfFailed();
        });
    }

    /// <summary>A forward pass over two rows, and one back to its inputs.</summary>
    private static float[] Work(AlignmentModels models, int job, bool backward)
    {
        using var scope = NewDisposeScope();
        TransformerDecoder decoder = models.Policy.Decoder;
        Tensor ids = Counting(job, 2 * Positions).view(2, Positions);
        using var noGrad = no_grad();
        Tensor inputs = decoder.Embed(ids);
        if (!backward)
        {
            return decoder.Forward(inputs).flatten().data<float>().ToArray();
        }

        using RecordedPass pass = decoder.Record(inputs);
        return pass.Backward(ones_like(pass.Hidden)).flatten().data<float>().ToArray();
    }

    private static Tensor Counting(int from, int count) => tensor(Enumerable.Range(from, count).Select(id => (long)id).ToArray());

    private static void Misfit(AlignmentModels models)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        models.Policy.Decoder.Forward(zeros([1, Positions, models.Policy.Decoder.Config.HiddenSize + 1]));
    }

    private static void Alternate(AlignmentModels models, bool policyFirst)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder[] decoders = [models.Policy.Decoder, .. models.Rewards[0].Decoders];
        for (int turn = 0; turn < 6; turn++)
        {
            TransformerDecoder decoder = decoders[(turn + (policyFirst ? 0 : 1)) % 2];
            decoder.Forward(decoder.Embed(Counting(0, Positions).view(1, Positions)));
        }
    }
}
