using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>The layers as they are written out for the CPU, against the same layers as a graph of autograd.</summary>
[Trait("tier", "slow")]
public sealed class CpuDecoderTests : IDisposable
{
    private const int Rows = 3;
    private const int Positions = 9;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Families => [.. FamilyCheckpoint.Configs.Keys];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string name in FamilyCheckpoint.Configs.Keys)
            {
                foreach (int prompts in new[] { 0, 1, Rows })
                {
                    cases.Add(name, prompts);
                }
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>After no prompt, one that all rows share, or one of each row.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void States_and_gradients_are_those_of_the_graph(string name, int prompts)
    {
        using PolicyModel model = Load(name, ModelDtype.Float32);
        using var scope = NewDisposeScope();
        (Tensor[] written, Tensor[] graph, Tensor again) = Both(model.Decoder, prompts);
        Assert.InRange(Difference(written[0], graph[0]), 0, 2e-6);
        Assert.InRange(Difference(written[1], graph[1]), 0, 1e-5);
        Assert.Equal(written[0].data<float>().ToArray(), again.data<float>().ToArray());
    }

    /// <summary>In bfloat16 both round, the graph more often: what counts is how far each is from fp32 with the same weights.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void In_bfloat16_no_more_is_lost_than_by_the_graph(string name)
    {
        using PolicyModel exact = Load(name, ModelDtype.Float32);
        using PolicyModel rounded = Load(name, ModelDtype.BFloat16);
        using var scope = NewDisposeScope();
        (_, Tensor[] expected, _) = Both(exact.Decoder, prompts: 1);
        (Tensor[] written, Tensor[] graph, _) = Both(rounded.Decoder, prompts: 1);
        for (int index = 0; index < expected.Length; index++)
        {
            Assert.InRange(Difference(written[index], expected[index]), 0, 1.5f * Difference(graph[index], expected[index]));
        }
    }

    /// <summary>Enough scores to be processed in pieces: whole groups, rows of one, queries of one block.</summary>
    [Theory]
    [InlineData(700, 40, 4)]
    [InlineData(3000, 40, 4)]
    [InlineData(3000, 300, 1)]
    public void Long_prompts_are_read_in_pieces(int prompt, int positions, int rows)
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        using KeyValueCache cache = KeyValueCache.Create(decoder, 1, prompt);
        using (no_grad())
        {
            decoder.Forward(decoder.Embed(Ids(1, prompt, generator)), cache);
        }

        cache.Freeze();
        Tensor embeddings = decoder.Embed(Ids(rows, positions, generator)).detach();
        Tensor gradient = randn([rows, positions, decoder.Config.HiddenSize], generator: generator);
        Tensor leaf = embeddings.clone().requires_grad_(true);
        Tensor expected = decoder.Forward(leaf, cache);
        using RecordedPass pass = decoder.Record(embeddings, cache);
        Assert.InRange(Difference(pass.Hidden, expected.detach()), 0, 2e-6);
        Assert.InRange(Difference(pass.Backward(gradient), autograd.grad([expected], [leaf], [gradient])[0]), 0, 1e-5);
    }

    /// <summary>What grows token by token gives what is read at once.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    public void A_growing_cache_gives_the_states_of_a_whole_pass(string name)
    {
        using PolicyModel model = Load(name, ModelDtype.Float32);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(7);
        Tensor ids = Ids(Rows, Positions, generator);
        Tensor whole = decoder.Forward(decoder.Embed(ids));
        using KeyValueCache cache = KeyValueCache.Create(decoder, Rows, Positions + 2);
        List<Tensor> steps = [];
        foreach ((int start, int count) in new[] { (0, 4), (4, 1), (5, 3), (8, 1) })
        {
            steps.Add(decoder.Forward(decoder.Embed(ids.narrow(1, start, count)), cache));
        }

        Assert.InRange(Difference(cat(steps, 1), whole), 0, 2e-6);
    }

    /// <summary>What counts is how far each is from fp32 with the same weights.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void In_bfloat16_a_growing_cache_loses_no_more_than_a_whole_pass(string name)
    {
        using PolicyModel exact = Load(name, ModelDtype.Float32);
        using PolicyModel rounded = Load(name, ModelDtype.BFloat16);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(29);
        Tensor ids = Ids(Rows, Positions, generator);
        Tensor expected = exact.Decoder.Forward(exact.Decoder.Embed(ids));
        Tensor whole = rounded.Decoder.Forward(rounded.Decoder.Embed(ids));
        using KeyValueCache cache = KeyValueCache.Create(rounded.Decoder, Rows, Positions + 2);
        Tensor Next(int at) => rounded.Decoder.Forward(rounded.Decoder.Embed(ids.narrow(1, at, 1)), cache);
        Tensor grown = cat([.. Enumerable.Range(0, Positions).Select(Next)], 1);
        Assert.InRange(Difference(grown, expected), 0, 1.5f * Difference(whole, expected));
    }

    /// <summary>A few rows read a prompt's keys and values in place, many in libtorch's products: windows, caps and groups alike.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    public void In_bfloat16_a_row_after_a_prompt_is_the_same_alone_and_among_many(string name)
    {
        using PolicyModel model = Load(name, ModelDtype.BFloat16);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(31);
        const int Before = 600;
        const int Many = 200;
        using KeyValueCache prompt = KeyValueCache.Create(decoder, 1, Before);
        decoder.Forward(decoder.Embed(Ids(1, Before, generator)), prompt);
        prompt.Freeze();
        Tensor ids = Ids(1, 3, generator);
        Tensor Read(int rows)
        {
            using KeyValueCache branch = prompt.Branch(decoder, rows, Before + 3);
            return cat(
                [.. Enumerable.Range(0, 3).Select(at => decoder.Forward(decoder.Embed(ids.narrow(1, at, 1).expand(rows, -1)), branch))], 1);
        }

        Assert.InRange(Difference(Read(1), Read(Many).narrow(0, Many - 1, 1)), 0, 2e-2f);
    }

    /// <summary>
    /// Rows that stand on a prompt without copying it give what rows with a copy of it give, cut short and gathered anew as well.
    /// </summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    public void A_branch_gives_what_a_copy_gives(string name)
    {
        using PolicyModel model = Load(name, ModelDtype.Float32);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(17);
        const int Before = 9;
        using KeyValueCache prompt = KeyValueCache.Create(decoder, 1, Before);
        decoder.Forward(decoder.Embed(Ids(1, Before, generator)), prompt);
        prompt.Freeze();
        using KeyValueCache copy = prompt.Fork(decoder, Rows, Before + Positions);
        using KeyValueCache branch = prompt.Branch(decoder, Rows, Before + Positions);
        foreach (int count in new[] { 4, 1, 3 })
        {
            Tensor next = decoder.Embed(Ids(Rows, count, generator));
            Assert.InRange(Difference(decoder.Forward(next, branch), decoder.Forward(next, copy)), 0, 2e-6);
        }

        int[] rows = [.. Enumerable.Range(0, Rows), 0, Rows - 1];
        const int Kept = Before + 5;
        using KeyValueCache copied = KeyValueCache.Gather(decoder, [.. rows.Select(row => (copy, row))], Kept + 6, Kept);
        using KeyValueCache branched = KeyValueCache.Gather(decoder, [.. rows.Select(row => (branch, row))], Kept + 6, Kept);
        Assert.Equal((Before, Kept), (branched.TrunkLength, branched.Length));
        Tensor more = decoder.Embed(Ids(rows.Length, 6, generator));
        Tensor expected = decoder.Forward(more, copied);
        Assert.InRange(Difference(decoder.Forward(more, branched), expected), 0, 2e-6);

        // Some of the rows only, as a long pass is done in parts.
        branched.Truncate(Kept);
        using KeyValueCache some = branched.Rows(1, 2);
        Assert.InRange(Difference(decoder.Forward(more.narrow(0, 1, 2), some), expected.narrow(0, 1, 2)), 0, 2e-6);
        Assert.Throws<InvalidOperationException>(branch.Freeze);
        Assert.Throws<ArgumentOutOfRangeException>(() => branch.Truncate(Before - 1));
    }

    /// <summary>
    /// Rows that go on from rows of a branch without copying them give what copies give: with few new positions and many, in both number
    /// formats, gathered anew, in parts, and after what they go on from is disposed of.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void A_fan_gives_what_copies_give(string name)
    {
        Compare(name, ModelDtype.Float32, 2e-6f);
        Compare(name, ModelDtype.BFloat16, 2e-2f);
    }

    private void Compare(string name, ModelDtype dtype, float tolerance)
    {
        using PolicyModel model = Load(name, dtype);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(23);
        const int Before = 9;
        const int Kept = Before + 5;
        using KeyValueCache prompt = KeyValueCache.Create(decoder, 1, Before);
        decoder.Forward(decoder.Embed(Ids(1, Before, generator)), prompt);
        prompt.Freeze();
        KeyValueCache beams = prompt.Branch(decoder, Rows, Before + 20);
        decoder.Forward(decoder.Embed(Ids(Rows, 7, generator)), beams);
        int[] rows = [0, 2, 0, 1, 1, 1, 2];
        using KeyValueCache copies = KeyValueCache.Gather(decoder, [.. rows.Select(row => (beams, row))], Kept + 40, Kept);
        using KeyValueCache fan = beams.Fan(decoder, rows, Kept + 40, Kept);
        Assert.Equal((Before, Kept, Kept), (fan.TrunkLength, fan.SharedLength, fan.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => beams.Truncate(Kept - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => fan.Truncate(Kept - 1));

        // What goes on growing does not disturb those that go on from its beginning.
        beams.Truncate(Kept);
        decoder.Forward(decoder.Embed(Ids(Rows, 3, generator)), beams);
        beams.Dispose();
        foreach (int count in new[] { 1, 3, 18 })
        {
            Tensor next = decoder.Embed(Ids(rows.Length, count, generator));
            Assert.InRange(Difference(decoder.Forward(next, fan), decoder.Forward(next, copies)), 0, tolerance);
        }

        (int, int)[] survivors = [(3, 0), (0, 0), (3, 0)];
        foreach (int length in new[] { Before + 2, Kept, fan.Length })
        {
            using KeyValueCache ofCopies = KeyValueCache.Gather(
                decoder, [.. survivors.Select(one => (copies, one.Item1))], length + 4, length);
            using KeyValueCache ofFan = KeyValueCache.Gather(decoder, [.. survivors.Select(one => (fan, one.Item1))], length + 4, length);
            using KeyValueCache fanOfFan = fan.Fan(decoder, [.. survivors.Select(one => one.Item1)], length + 4, length);
            Tensor more = decoder.Embed(Ids(survivors.Length, 4, generator));
            Tensor expected = decoder.Forward(more, ofCopies);
            Assert.InRange(Difference(decoder.Forward(more, ofFan), expected), 0, tolerance);
            Assert.InRange(Difference(decoder.Forward(more, fanOfFan), expected), 0, tolerance);
        }

        // Some of the rows only, as a long pass is done in parts; and with a graph, as where weights are trained.
        fan.Truncate(Kept);
        copies.Truncate(Kept);
        Tensor last = decoder.Embed(Ids(rows.Length, 2, generator));
        Tensor whole = decoder.Forward(last, copies);
        using KeyValueCache some = fan.Rows(2, 3);
        Assert.InRange(Difference(decoder.Forward(last.narrow(0, 2, 3), some), whole.narrow(0, 2, 3)), 0, tolerance);
        using var gradients = enable_grad();
        Assert.InRange(Difference(decoder.Forward(last.clone().requires_grad_(true), fan).detach(), whole), 0, 2 * tolerance);
    }

    [Fact]
    public void Rows_that_do_not_fit_are_not_gathered()
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(27);
        using KeyValueCache cache = KeyValueCache.Create(model.Decoder, 1, 6);
        model.Decoder.Forward(model.Decoder.Embed(Ids(1, 6, generator)), cache);
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyValueCache.Gather(model.Decoder, [(cache, 0)], 5));
    }

    /// <summary>Rows are read by their addresses: one that is not there must not be.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Rows_that_are_not_there_are_refused(int row)
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(31);
        TransformerDecoder decoder = model.Decoder;
        using KeyValueCache prompt = KeyValueCache.Create(decoder, 1, 3);
        decoder.Forward(decoder.Embed(Ids(1, 3, generator)), prompt);
        prompt.Freeze();
        using KeyValueCache branch = prompt.Branch(decoder, 2, 6);
        decoder.Forward(decoder.Embed(Ids(2, 2, generator)), branch);
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyValueCache.Gather(decoder, [(branch, row)], 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => branch.Fan(decoder, [0, row], 6, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => branch.Fan(decoder, [0], capacity: 4, length: 5));
    }

    [Fact]
    public void Buffers_are_laid_out_once_while_the_same_jobs_iterate()
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(8);
        Iterate(decoder, 4, generator);
        long laidOut = decoder.BufferLayouts;
        for (int iteration = 0; iteration < 50; iteration++)
        {
            Iterate(decoder, 4, generator);
            // A job that leaves makes room for others.
            Iterate(decoder, 2, generator);
        }

        Assert.Equal(laidOut, decoder.BufferLayouts);
        Iterate(decoder, 5, generator);
        Assert.Equal(laidOut + 1, decoder.BufferLayouts);
    }

    /// <summary>A batch that is too large is halved and tried again: the halves must not ask for the whole's buffers.</summary>
    [Fact]
    public void Buffers_of_a_pass_that_failed_are_given_back()
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(13);
        using KeyValueCache full = KeyValueCache.Create(decoder, 8, Positions - 1);
        Assert.Throws<InvalidOperationException>(() => decoder.Forward(decoder.Embed(Ids(8, Positions, generator)), full));
        long laidOut = decoder.BufferLayouts;
        Iterate(decoder, 2, generator);
        Assert.Equal(laidOut + 1, decoder.BufferLayouts);
    }

    [Fact]
    public void Only_a_pass_that_leaves_its_cache_alone_can_be_walked_back()
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        using KeyValueCache cache = KeyValueCache.Create(model.Decoder, 1, 4);
        Tensor embeddings = model.Decoder.Embed(Ids(1, 2, generator));
        Assert.Throws<ArgumentException>(() => model.Decoder.Record(embeddings, cache));
    }

    /// <summary>Weights that are trained keep their graph.</summary>
    [Fact]
    public void Weights_that_ask_for_gradients_get_them()
    {
        using PolicyModel model = Load("llama", ModelDtype.Float32);
        using var scope = NewDisposeScope();
        using var generator = new Generator(10);
        Tensor weight = model.Decoder.Leaves().Last();
        weight.requires_grad_(true);
        Tensor hidden = model.Decoder.Forward(model.Decoder.Embed(Ids(1, 4, generator)));
        Assert.NotNull(autograd.grad([model.Decoder.Logits(hidden).sum()], [weight])[0]);
        weight.requires_grad_(false);
    }

    /// <summary>Hidden states and the gradient at the embeddings, in both ways; and the states of a pass that keeps nothing.</summary>
    private static (Tensor[] Written, Tensor[] Graph, Tensor Again) Both(TransformerDecoder decoder, int prompts)
    {
        using var generator = new Generator(5);
        using KeyValueCache? cache = Prompt(decoder, prompts, generator);
        Tensor embeddings = decoder.Embed(Ids(Rows, Positions, generator)).detach();
        Tensor gradient = randn([Rows, Positions, decoder.Config.HiddenSize], generator: generator).to(decoder.Dtype);
        Tensor leaf = embeddings.clone().requires_grad_(true);
        Tensor states = decoder.Forward(leaf, cache);
        Tensor atLeaf = autograd.grad([states], [leaf], [gradient])[0];
        using RecordedPass pass = decoder.Record(embeddings, cache);
        Tensor back = pass.Backward(gradient);
        using var noGrad = no_grad();
        return ([pass.Hidden, back], [states.detach(), atLeaf], decoder.Forward(embeddings, cache));
    }

    private static void Iterate(TransformerDecoder decoder, int rows, Generator generator)
    {
        using var scope = NewDisposeScope();
        using RecordedPass pass = decoder.Record(decoder.Embed(Ids(rows, Positions, generator)));
        pass.Backward(pass.Hidden);
    }

    private static KeyValueCache? Prompt(TransformerDecoder decoder, int prompts, Generator generator)
    {
        if (prompts == 0)
        {
            return null;
        }

        using var noGrad = no_grad();
        KeyValueCache cache = KeyValueCache.Create(decoder, prompts, 11);
        decoder.Forward(decoder.Embed(Ids(prompts, 11, generator)), cache);
        return cache.Freeze();
    }

    private static Tensor Ids(int rows, int positions, Generator generator) =>
        randint(0, 264, [rows, positions], ScalarType.Int64, generator: generator);

    private static float Difference(Tensor actual, Tensor expected)
    {
        Tensor wide = expected.to(ScalarType.Float32);
        return ((actual.to(ScalarType.Float32) - wide).norm() / wide.norm()).item<float>();
    }

    private PolicyModel Load(string name, ModelDtype dtype)
    {
        string path = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
        FamilyCheckpoint.Write(path, name, dtype: ScalarType.BFloat16);
        return PolicyModel.Load(path, new ModelLoadOptions("cpu", dtype));
    }
}
