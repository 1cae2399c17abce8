using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Bench.Iterations;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Prefixes;

/// <summary>What a search reads of prefixes that it has read before, against the products alone and against reading all again.</summary>
internal sealed class PrefixesBench : IDisposable
{
    private readonly PrefixesSetting _setting;
    private readonly Func<TimeSpan> _clock;
    private readonly ModelReward _reward;
    private readonly RunContext _context;
    private readonly RewardRows _beams;
    private readonly RewardRows _answer;
    private readonly ProductsAlone _products;
    private readonly int[][] _next;
    private readonly int[] _cuts;
    private readonly int[][] _rewritten;

    /// <summary>Reads the prompt, the beams and the response that is rewritten.</summary>
    /// <param name="models">The models, with one reward model; not taken over.</param>
    /// <param name="setting">The lengths.</param>
    /// <param name="clock">The time.</param>
    public PrefixesBench(AlignmentModels models, PrefixesSetting setting, Func<TimeSpan> clock)
    {
        _setting = setting;
        _clock = clock;
        _reward = (ModelReward)models.Rewards[0];
        var start = new RandomStart(models, seed: 1);
        int[] prompt = start.Tokens(setting.PromptTokens);
        int longest = Math.Max(setting.AnswerTokens, setting.Depth + 1) + 1;
        _context = new RunContext(models, new AlignmentTask
        {
            Prompt = new EncodedPrompt(
                prompt, [new RewardPrompt(prompt, [.. start.Tokens(setting.Tail - 1), models.Prompts.EosId])]),
            Method = new EnergySearchParameters(),
            Seed = 1,
            MaxResponseTokens = longest,
        });
        _context.Prefill();
        _beams = RewardRows.Start(_context, setting.Beams, longest);
        Read(_beams, [.. Enumerable.Range(0, setting.Beams).Select(_ => start.Tokens(setting.Depth))], setting.Depth);
        _next = [.. Enumerable.Range(0, setting.Beams * setting.Candidates).Select(_ => start.Tokens(1))];
        int[] answer = start.Tokens(setting.AnswerTokens);
        _answer = RewardRows.Start(_context, 1, longest);
        Read(_answer, [answer], setting.AnswerTokens);
        var random = new Random(2);
        _cuts = [.. Enumerable.Range(0, setting.Rewrites).Select(_ => random.Next(setting.AnswerTokens))];
        _rewritten = [.. _cuts.Select(cut => (int[])[.. answer[..cut], .. start.Tokens(setting.AnswerTokens - cut)])];
        _products = new ProductsAlone(_reward.Model.Decoder, CandidatePositions, setting.PromptTokens);
    }

    private int CandidatePositions => _next.Length * (1 + _setting.Tail);

    private int RewritePositions => _cuts.Sum(cut => _setting.AnswerTokens - cut + _setting.Tail);

    private int[] Parents => [.. Enumerable.Range(0, _next.Length).Select(index => index / _setting.Candidates)];

    /// <summary>Measures; what is compared takes turns.</summary>
    /// <param name="repeats">Turns.</param>
    /// <param name="memory">What was measured before.</param>
    /// <param name="jobs">What was measured before.</param>
    public PrefixesFigures Measure(int repeats, SearchMemory? memory, IReadOnlyList<JobsFigures> jobs)
    {
        double difference = Difference(Rewrites(), Separate());
        var projections = new double[repeats];
        var attention = new double[repeats];
        var candidates = new double[repeats];
        var copied = new double[repeats];
        var rewrites = new double[repeats];
        var afterPrompt = new double[repeats];
        var separate = new double[repeats];
        _products.Projections();
        _products.Attention();
        Candidates();
        CopiedCandidates();
        AfterPrompt();
        for (int turn = 0; turn < repeats; turn++)
        {
            projections[turn] = Seconds(_products.Projections);
            attention[turn] = Seconds(_products.Attention);
            candidates[turn] = Seconds(() => Candidates());
            copied[turn] = Seconds(() => CopiedCandidates());
            rewrites[turn] = Seconds(() => Rewrites());
            afterPrompt[turn] = Seconds(() => AfterPrompt());
            separate[turn] = Seconds(() => Separate());
        }

        double[] products = [.. projections.Zip(attention, (left, right) => left + right)];
        return new PrefixesFigures(
            new CandidateFigures(
                CandidatePositions, Median.Of(candidates), Median.Of(copied), Median.Of(products), Median.Of(projections),
                Ratio(candidates, products), Ratio(candidates, projections), Ratio(copied, products)),
            new RewriteFigures(
                RewritePositions, Median.Of(rewrites), Median.Of(afterPrompt), Median.Of(separate), Ratio(afterPrompt, rewrites),
                Ratio(separate, rewrites), difference),
            memory,
            jobs);
    }

    public void Dispose()
    {
        _products.Dispose();
        _beams.Dispose();
        _answer.Dispose();
        _context.Dispose();
    }

    private static double Ratio(double[] above, double[] below) => Median.Of(above.Zip(below, (left, right) => left / right));

    // Over the spread of the rewards, whose size means nothing.
    private static double Difference(float[] actual, float[] expected) =>
        actual.Zip(expected, (left, right) => Math.Abs(left - right)).Max() / Math.Max(expected.Max() - expected.Min(), 1e-12);

    private double Seconds(Action read)
    {
        TimeSpan start = _clock();
        read();
        return (_clock() - start).TotalSeconds;
    }

    private float[] Candidates()
    {
        using RewardRows rows = _beams.Fan(Parents, room: 1);
        return Read(rows, _next, advance: 1);
    }

    private float[] CopiedCandidates()
    {
        using RewardRows rows = RewardRows.Gather([.. Parents.Select(beam => (_beams, beam))], _setting.Depth + 1);
        return Read(rows, _next, advance: 1);
    }

    private float[] Rewrites()
    {
        RewardRows[] rows = [.. _cuts.Select(cut => _answer.Fan([0], _setting.AnswerTokens - cut, cut))];
        try
        {
            float[][] rewards = RewardRows.Read(_context, [.. rows.Select((own, index) => (
                own, (IReadOnlyList<int[]>)[_rewritten[index][_cuts[index]..]], (IReadOnlyList<bool>)[true], 0))]);
            return [.. rewards.Select(one => one[0])];
        }
        finally
        {
            Array.ForEach(rows, own => own.Dispose());
        }
    }

    private float[] AfterPrompt() => _context.Prompt.Rewards[0].State.Rewards(
        HardResponses.FromRagged(_rewritten, _context.Models.Prompts.EosId, _context.Models.IsEos, _ => false));

    private float[] Separate() => [.. _rewritten.Select(answer =>
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = _reward.Model.Decoder;
        RewardPrompt prompt = _context.Task.Prompt.Rewards[0];
        long[] ids = [.. prompt.Prefix.Concat(answer).Concat(prompt.Suffix).Select(id => (long)id)];
        Tensor hidden = decoder.Forward(decoder.Embed(tensor(ids, device: decoder.Device).view(1, -1)));
        return _reward.Model.Head.Rewards(hidden.narrow(1, ids.Length - 1, 1).flatten(0, 1)).cpu().data<float>()[0];
    })];

    private float[] Read(RewardRows rows, int[][] tokens, int advance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return RewardRows.Read(_context, [(rows, tokens, [.. tokens.Select(_ => true)], advance)])[0];
    }
}
