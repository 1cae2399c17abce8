using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment;

/// <summary>
/// Upper estimate of the memory that one alignment needs in addition to the weights, in bytes, from shapes alone; for admission.
/// </summary>
/// <param name="Caches">Keys and values of the prompt and of every row that is decoded or searched, for all models.</param>
/// <param name="Activations">What the largest pass holds at once.</param>
/// <param name="Vocabulary">Vocabulary-wide tensors: logits, optimiser state, predictions, and chunks being processed.</param>
/// <param name="Waste">Heap fragmentation.</param>
public sealed record TaskMemory(long Caches, long Activations, long Vocabulary, long Waste = 0)
{
    /// <summary>Number of vocabulary-wide fp32 tensors that Langevin keeps: logits, Adam's two moments, the policy's predictions.</summary>
    private const int KeptByLangevin = 4;

    /// <summary>Number of temporaries in addition to logits that are being processed.</summary>
    private const int Temporaries = 4;

    /// <summary>
    /// Number of results of products with the vocabulary matrix at once: one in the weights' dtype, and one in fp32 if that differs.
    /// </summary>
    private const int Products = 2;

    /// <summary>Size of a proposal and its score, without its tokens.</summary>
    private const int MoveBytes = 256;

    /// <summary>Heap fragmentation: one part in N.</summary>
    private const int PartsPerWaste = 8;

    /// <summary>The total.</summary>
    public long Total => Caches + Activations + Vocabulary + Waste;

    /// <summary>Computes the estimate.</summary>
    /// <param name="models">The models.</param>
    /// <param name="task">The alignment.</param>
    public static TaskMemory Of(AlignmentModels models, AlignmentTask task)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(task);
        int response = task.MaxResponseTokens;
        Reader[] readers =
        [
            .. OfPolicy(models, task.Prompt.Policy.Count, response),
            .. models.Rewards.SelectMany((reward, index) => reward.Decoders.Select(decoder => new Reader(
                decoder,
                task.Prompt.Rewards[index].Prefix.Count,
                task.Prompt.Rewards[index].Suffix.Count,
                task.Prompt.Rewards[index].AnswerIds(response),
                reward.ReadsText ? 2 : 1))),
        ];
        long rows = DecodedRows(task);
        (long read, bool backward) = LargestPass(task.Method, response, rows);
        long vocabulary = Widest(models) * sizeof(float);
        bool langevin = task.Method is SeaParameters { Sampler: SeaSampler.Langevin };
        long kept = langevin ? KeptByLangevin * ((SeaParameters)task.Method).Chains * response * vocabulary : 0;
        TaskMemory needed = Estimate(readers, response, rows, read, backward, vocabulary);
        return WithWaste(
            needed with
            {
                Caches = needed.Caches + Copies(readers, task.Method) + Shared(models) + Kept(models, task.Method),
                Activations = needed.Activations + Moves(task.Method, response),
                Vocabulary = needed.Vocabulary + kept,
            }
        );
    }

    /// <summary>Memory that scoring the given responses needs, with a given number per turn.</summary>
    /// <param name="models">The models.</param>
    /// <param name="pairs">Prompts and responses; at least one.</param>
    /// <param name="together">How many are scored in one turn.</param>
    /// <param name="backward">Whether there is a backward pass, too.</param>
    public static TaskMemory OfScores(
        AlignmentModels models,
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        int together,
        bool backward = false
    )
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(pairs);
        int response = pairs.Max(pair => pair.Response.Count) + 1;
        Reader[] readers =
        [
            .. OfPolicy(models, pairs.Max(pair => pair.Prompt.Policy.Count), response),
            .. models.Rewards.SelectMany((reward, index) => reward.Decoders.Select(decoder => new Reader(
                decoder,
                pairs.Max(pair => pair.Prompt.Rewards[index].Prefix.Count),
                pairs.Max(pair => pair.Prompt.Rewards[index].Suffix.Count),
                reward.ReadsText ? pairs.Max(pair => AnswerIds(pair.Prompt.Rewards[index], pair.Response)) : response))),
        ];
        long vocabulary = Widest(models) * sizeof(float);
        TaskMemory needed = Estimate(
            readers,
            response,
            rows: 0,
            Math.Min(Math.Min(together, pairs.Count), ResponseScorer.GroupRows(response)),
            backward,
            vocabulary);
        return WithWaste(needed with { Caches = needed.Caches + Shared(models) });
    }

    // None if it runs elsewhere.
    private static IEnumerable<Reader> OfPolicy(AlignmentModels models, int prompt, int response) =>
        models.Reference.Decoders.Select(decoder => new Reader(decoder, prompt, 0, response));

    // What is read through common layers, and the keys and values of one such pass over whole responses.
    private static long Shared(AlignmentModels models) => models.Reference.Decoders.Where(decoder => decoder.Split != 0)
        .Sum(decoder => RunReading.Bytes(decoder, decoder.Split)
            + (RunReading.Slots * ServingMemory.KeysAndValues(decoder.Config) * decoder.BytesPerNumber));

    // What is read of responses, by methods that come back to it. A reward that reads texts keeps none.
    private static long Kept(AlignmentModels models, MethodParameters method) =>
        method is EnergySearchParameters or SeaParameters { Sampler: SeaSampler.GradientFlips }
            ? models.Reference.Decoders.Sum(RecentStates.Bytes)
                + models.Reference.Decoders.Concat(models.Rewards.Where(reward => !reward.ReadsText).SelectMany(reward => reward.Decoders))
                    .Where(decoder => decoder.IsWrittenOut)
                    .Sum(decoder => RunReading.Bytes(decoder, decoder.Config.LayerCount - decoder.Split))
            : 0;

    // A reward that reads text has gradients as wide as its own vocabulary.
    private static long Widest(AlignmentModels models) => models.Rewards.Where(reward => reward.ReadsText)
        .SelectMany(reward => reward.Decoders)
        .Select(decoder => (long)decoder.Config.VocabularySize)
        .Append(models.Policy.Description.VocabularySize)
        .Max();

    private static int AnswerIds(RewardPrompt prompt, IReadOnlyList<int> response) =>
        Math.Max(1, prompt.LengthWith(response) - prompt.Prefix.Count - prompt.Suffix.Count);

    private static TaskMemory Estimate(
        Reader[] readers,
        long response,
        long rows,
        long read,
        bool backward,
        long vocabulary
    ) =>
        new(
            readers.Sum(reader => reader.PositionBytes * (reader.Around + (rows * reader.Generations * reader.RowPositions)))
                + readers.Select(reader => reader.PositionBytes * reader.ScoredPositions(read)).DefaultIfEmpty().Max(),
            readers.Select(reader => Activation(reader.Decoder, reader.Around, reader.Answer, read, backward)).DefaultIfEmpty().Max(),
            (Products * Math.Min(PositionChunks.MaxProductElements * sizeof(float), read * response * vocabulary))
                + (Temporaries * (Math.Min(PositionChunks.MaxElements * sizeof(float), read * response * vocabulary) + (rows * vocabulary)))
        );

    private static TaskMemory WithWaste(TaskMemory needed) => needed with { Waste = needed.Total / PartsPerWaste };

    /// <summary>Keys and values that are copied for the proposals of one pass, of one model at a time.</summary>
    private static long Copies(Reader[] readers, MethodParameters method) =>
        Substituting(method) is not { } sea || readers.Length == 0
            ? 0
            : readers.Max(reader =>
                reader.PositionBytes * reader.RowPositions
                * Math.Min(ReadingPlan.RowsAfter(readers.Max(other => other.Around) + readers[0].Answer), MostProposals(sea))
            );

    /// <summary>An iteration's proposals and what they lead to, as plain numbers.</summary>
    private static long Moves(MethodParameters method, long response) =>
        Substituting(method) is { } sea
            ? Math.Min(MostProposals(sea), sea.Chains * response * ProposalOrder.MostPerPosition)
                * (MoveBytes + (response * sizeof(int)))
            : 0;

    /// <summary>The parameters of a method's token substitutions; null if it makes none.</summary>
    private static SeaParameters? Substituting(MethodParameters method) =>
        method switch
        {
            SeaParameters { Sampler: SeaSampler.GradientFlips } sea => sea,
            EnergySearchParameters { Substitutions: true } search => SeaParameters.Default with { Proposals = search.Proposals },
            _ => null,
        };

    private static long MostProposals(SeaParameters sea) => 8L * sea.Proposals * sea.Chains;

    /// <summary>Rows that have a growing cache of their own.</summary>
    private static long DecodedRows(AlignmentTask task) => task.Method switch
    {
        SeaParameters sea => Math.Min(ResponseSampler.GroupRows, Math.Max(sea.Chains, sea.DraftSamples)) + sea.Chains,
        BestOfNParameters best => best.Plan().Round(0).Rows(1),
        ArgsParameters args => args.Plan(task).Shape.Rows(1),
        ChunkBeamSearchParameters beam => beam.Plan(task).Shape.Rows(1),
        EnergySearchParameters search => 1 + Math.Max(
            Math.Max(EnergySearchShapes.Widest(search).Rows(1), EnergySearchShapes.Samples(PrefixSearch.BatchRows).Rows(1)),
            EnergySearchShapes.Rewrites(search, PrefixRises.None).Rows(search.Rewrites)),
        _ => 1,
    };

    /// <summary>Rows of the largest pass over whole responses, and whether it has a backward pass.</summary>
    private static (long Rows, bool Backward) LargestPass(MethodParameters method, long response, long rows) =>
        method switch
        {
            SeaParameters { Sampler: SeaSampler.GradientFlips } sea => (
                Math.Max(
                    Math.Max(Math.Min(ReadingPlan.RowsAfter(0), MostProposals(sea)), sea.Chains),
                    Math.Min(sea.DraftSamples, ResponseScorer.GroupRows(response))
                ),
                false
            ),
            SeaParameters sea => (sea.Chains, true),
            EnergySearchParameters { Substitutions: true } => (
                Math.Max(rows, Math.Min(ReadingPlan.RowsAfter(0), MostProposals(Substituting(method)!))),
                false
            ),
            _ => (rows, false),
        };

    // In bfloat16 a product on the CPU packs its matrix. On other devices autograd keeps what it makes.
    private static long Activation(TransformerDecoder decoder, long prompt, long response, long rows, bool backward) =>
        decoder.IsWrittenOut
            ? (ServingMemory.WrittenOutActivations(decoder.Config, prompt, response, rows, backward) * decoder.BytesPerNumber)
                + (decoder.BytesPerNumber < sizeof(float) ? ServingMemory.LargestMatrix(decoder.Config) * decoder.BytesPerNumber : 0)
            : (backward ? decoder.Config.LayerCount : 1)
                * ServingMemory.LayerActivations(decoder.Config, prompt, response, rows)
                * decoder.BytesPerNumber;

    /// <summary>A model that reads a task's prompt and responses.</summary>
    /// <param name="Decoder">The model.</param>
    /// <param name="Prompt">Positions before the response.</param>
    /// <param name="Suffix">Positions after it.</param>
    /// <param name="Answer">Positions of the response itself.</param>
    /// <param name="Generations">
    /// Number of caches that a growing row has at once: rows that continue others keep these while they are read.
    /// </param>
    private sealed record Reader(TransformerDecoder Decoder, long Prompt, long Suffix, long Answer, int Generations = 1)
    {
        public long Around => Prompt + Suffix;

        /// <summary>Keys and values of one position.</summary>
        public long PositionBytes => ServingMemory.KeysAndValues(Decoder.Config) * Decoder.BytesPerNumber;

        /// <summary>Positions of whole responses, beside the rows that grow, whose keys and values one pass makes for other runs.</summary>
        public long ScoredPositions(long rows) => Decoder.IsWrittenOut ? Math.Min(RunReading.Slots, rows * (Answer + Suffix)) : 0;

        /// <summary>Positions that a growing row has of its own: where the decoder reads a shared prompt in its place, not that.</summary>
        public long RowPositions => (Decoder.IsWrittenOut ? 0 : Prompt) + Answer + Suffix;
    }
}
