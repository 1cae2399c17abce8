using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Rewards;

/// <summary>
/// Reward models whose chat template does not write an answer as it stands: they read what it writes, as transformers' chat flow has it.
/// </summary>
[Trait("tier", "slow")]
public sealed class RewritingTemplateTests : IDisposable
{
    private const string Frame =
        "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{% if message.role == 'assistant' %}ANSWER{{ eos_token }}{% "
            + "else %}{{ message.content }}{% endif %}{% endfor %}";

    private static readonly ModelLoadOptions Options = new("cpu", ModelDtype.Float32);
    private static readonly ChatMessage[] Conversation = [new("user", "Hi")];
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Methods => ["sea", "substitutions", "best_of_n", "args", "args, tokens", "beam"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{{ message.content }}", false)]
    [InlineData("{{ '\\n' + message.content + '\\n' }}", false)]
    [InlineData("{{ message.content | trim }}", true)]
    [InlineData("{{ message.content.rstrip('\\n') }}", true)]
    [InlineData("{{ message.content.split('</think>')[-1].lstrip('\\n') }}", true)]
    [InlineData(
        "{% if '</think>' in message.content %}{{ message.content.split('</think>')[-1] }}{% else %}{{ message.content }}{% endif %}",
        true)]
    [InlineData("{% if message.content %}{{ message.content }}{% else %}(nothing){% endif %}", true)]
    [InlineData("{{ message.content }}|{{ message.content }}", true)]
    public void A_template_that_changes_answers_is_known_at_load(string answer, bool changes)
    {
        using RewardModel model = Reward(answer);
        Assert.Equal(changes, new ModelReward("r", model).RewritesAnswers);
    }

    [Theory]
    [InlineData("{{ message.content | trim }}", "  hi there\n\n")]
    [InlineData("{{ message.content | trim }}", "hi there")]
    [InlineData("{{ message.content | trim }}", "  \n ")]
    [InlineData("{{ message.content.split('</think>')[-1].lstrip('\\n') }}", "<think>\nno\n</think>\n\nyes ")]
    [InlineData("{% if message.content %}{{ message.content }}{% else %}(nothing){% endif %}", "")]
    [InlineData("{{ message.content }}|{{ message.content }}", "ab")]
    [InlineData("{% if message.content.endswith('!') %}loud: {% endif %}{{ message.content }}", "hi!")]
    public void A_score_is_that_of_the_rendered_conversation(string answer, string text)
    {
        using AlignmentModels models = Models(answer);
        int[] response = models.Policy.Tokenizer.Encode(text);
        ScoredResponse scored = models.Score(
            [(models.Prompts.EncodeChat(Conversation), response), (models.Prompts.EncodeChat(Conversation), [65, 66, 67, 68])], 1)[0];
        Assert.Equal(RenderedReward(models, response), scored.Reward, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_scores_what_the_template_writes(string name)
    {
        // Every answer is changed by this one.
        using AlignmentModels models = Models("{{ message.content }}|{{ message.content }}");
        EncodedPrompt prompt = models.Prompts.EncodeChat(Conversation);
        AlignmentOutcome outcome = Search.Runs.Run(
            models, new AlignmentTask { Prompt = prompt, Method = Method(name), Seed = 5, MaxResponseTokens = 8 }).Outcome;
        Assert.Equal(RenderedReward(models, outcome.Response.Tokens), outcome.Response.Reward, 1e-3);
    }

    [Fact]
    public void Tokens_are_found_where_the_model_reads_them()
    {
        using AlignmentModels models = Models("{{ message.content | trim }}");
        RewardPrompt prompt = models.Prompts.EncodeChat(Conversation).Rewards[0];
        int[][] answers = [[32, 104, 105, 10, 10], [104, 105], [32, 32]];
        RewardInputs read = RewardInputs.Of(prompt, answers, [true, true, true]);
        Assert.Equal(prompt.Prefix.Count, read.Kept);
        Assert.Equal([-1, 0, 1, -1, -1, 2], read.Places[0]);
        Assert.Equal([0, 1, 2], read.Places[1]);
        Assert.Equal([-1, -1, 0], read.Places[2]);
        Assert.Equal(
            [104, 105, TinyCheckpoint.Eos, 104, 105, TinyCheckpoint.Eos, TinyCheckpoint.Eos, TinyCheckpoint.Eos, TinyCheckpoint.Eos],
            read.Ids);
        Assert.Equal([2, 2, 0], read.Ends);
    }

    [Fact]
    public void A_gradient_is_zero_at_tokens_that_the_model_does_not_read()
    {
        using var scope = NewDisposeScope();
        using AlignmentModels models = Models("{{ message.content | trim }}");
        EncodedPrompt prompt = models.Prompts.EncodeChat(Conversation);
        Tensor trimmed = Gradient(models, prompt, [32, 104, 105, 10]);
        Tensor plain = Gradient(models, prompt, [104, 105]);
        Assert.Equal(0, trimmed[0].abs().sum().item<float>());
        Assert.Equal(0, trimmed[3].abs().sum().item<float>());
        Assert.InRange((trimmed.narrow(0, 1, 2) - plain.narrow(0, 0, 2)).abs().max().item<float>(), 0, 1e-5);
        Assert.NotEqual(0, plain[0].abs().sum().item<float>());
    }

    [Theory]
    [InlineData("{{ message.role }}")]
    [InlineData("{{ message.content | upper }}")]
    public void A_template_that_leaves_answers_out_is_refused_at_load(string answer)
    {
        using RewardModel model = Reward(answer);
        Assert.Contains(
            "omits the assistant's last turn", Assert.Throws<ChatTemplateException>(() => new ModelReward("r", model)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ message.content }}|{{ message.content }}")]
    [InlineData("{% if message.content %}{{ 'thought' * message.content | length }}{% endif %}{{ message.content }}")]
    public void The_room_for_an_answer_counts_what_the_template_makes_of_it(string answer)
    {
        using AlignmentModels models = Models(answer);
        EncodedPrompt prompt = models.Prompts.EncodeChat(Conversation);
        int room = prompt.Room(512, 512, 400);
        int[] words = models.Prompts.EncodeResponse(string.Concat(Enumerable.Repeat(" word", 400)));
        Assert.InRange(room, 1, 300);
        Assert.InRange(prompt.Rewards[0].LengthWith(words[..room]), 1, 512);
        Assert.InRange(prompt.Rewards[0].LengthWith(words[..(room + 1)]), 513, int.MaxValue);
        Assert.Equal(20, prompt.Room(512, 512, 20));
    }

    [Fact]
    public void A_template_that_only_shortens_answers_takes_no_room_away()
    {
        using AlignmentModels models = Models("{{ message.content | trim }}");
        EncodedPrompt prompt = models.Prompts.EncodeChat(Conversation);
        Assert.Equal(512 - prompt.LongestReward, prompt.Room(512, 512, 512));
        Assert.True(prompt.Room(512, prompt.Rewards[0].Prefix.Count, 512) < 1);
    }

    [Fact]
    public void An_answer_that_the_template_makes_longer_than_the_model_reads_is_named()
    {
        using var scope = NewDisposeScope();
        using AlignmentModels models = Models("{{ message.content }}|{{ message.content }}");
        EncodedPrompt prompt = models.Prompts.EncodeChat(Conversation);
        int[] response = [.. Enumerable.Repeat(97, 300)];
        int length = prompt.Rewards[0].LengthWith(response);
        Assert.Equal(prompt.LongestReward + 601, length);
        var error = Assert.Throws<AnswerTooLongException>(() => models.Score([(prompt, response)], 1));
        Assert.Contains($"{length} tokens", error.Message, StringComparison.Ordinal);
        Assert.Contains("at most 512", error.Message, StringComparison.Ordinal);
        Assert.Contains("max_response_tokens", error.Message, StringComparison.Ordinal);
        Assert.Throws<AnswerTooLongException>(() => Gradient(models, prompt, response));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_template_that_writes_the_answer_alone_is_served(string name)
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 1);
        using var models = new AlignmentModels(
            PolicyModel.Load(_folder.File("policy"), Options), RewardOf("{{ messages[-1].content }}{{ eos_token }}"));
        EncodedPrompt prompt = models.Prompts.EncodeChat(Conversation);
        Assert.Empty(prompt.Rewards[0].Prefix);
        AlignmentOutcome outcome = Search.Runs.Run(
            models, new AlignmentTask { Prompt = prompt, Method = Method(name), Seed = 5, MaxResponseTokens = 8 }).Outcome;
        Assert.Equal(RewardOfIds(models, [.. outcome.Response.Tokens, TinyCheckpoint.Eos]), outcome.Response.Reward, 1e-3);
    }

    private static MethodParameters Method(string name) => name switch
    {
        "sea" => new SeaParameters { Iterations = 3, Chains = 2 },
        "substitutions" => new SeaParameters { Sampler = SeaSampler.GradientFlips, Iterations = 4, Chains = 2, Proposals = 8 },
        "best_of_n" => new BestOfNParameters { SampleCount = 4 },
        "args" => new ArgsParameters { Candidates = 4 },
        "args, tokens" => new ArgsParameters { Candidates = 4, PrefixScoring = ArgsPrefixScoring.Raw },
        _ => new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 3 },
    };

    private static Tensor Gradient(AlignmentModels models, EncodedPrompt prompt, int[] response)
    {
        HardResponses rows = HardResponses.FromRagged([response], models.Prompts.EosId, models.IsEos, _ => true);
        using var generator = new Generator(3);
        using IRewardState state = models.Rewards[0].Prefill(prompt.Rewards[0], models.IsEos, new CostCounter());
        using IRewardGradient gradient = state.Gradient(rows, 1, new EmbeddingSmoothing(0, generator));
        Tensor sum = zeros([rows.Positions, TinyCheckpoint.VocabularySize]);
        gradient.AddTo(sum, 0, 1);
        return sum;
    }

    // As transformers does: the template's text, tokenised, read by the model.
    private static double RenderedReward(AlignmentModels models, IReadOnlyList<int> response)
    {
        RewardModel model = ((ModelReward)models.Rewards[0]).Model;
        string text = model.Template!.Render(
            [.. Conversation, new ChatMessage("assistant", model.Tokenizer.Decode(response))], addGenerationPrompt: false);
        return RewardOfIds(models, model.Tokenizer.Encode(text, parseSpecialTokens: true));
    }

    private static double RewardOfIds(AlignmentModels models, IReadOnlyList<int> read)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        RewardModel model = ((ModelReward)models.Rewards[0]).Model;
        long[] ids = [.. read.Select(id => (long)id)];
        Tensor hidden = model.Decoder.Forward(model.Decoder.Embed(tensor(ids).unsqueeze(0)));
        return model.Head.Rewards(hidden[0][-1].unsqueeze(0)).item<float>();
    }

    private AlignmentModels Models(string answer)
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 1);
        return new AlignmentModels(PolicyModel.Load(_folder.File("policy"), Options), Reward(answer));
    }

    private RewardModel Reward(string answer) => RewardOf(Frame.Replace("ANSWER", answer, StringComparison.Ordinal));

    private RewardModel RewardOf(string template)
    {
        TinyCheckpoint.WriteReward(_folder.File("reward"), 2);
        string path = Path.Combine(_folder.File("reward"), "tokenizer_config.json");
        JsonNode config = JsonNode.Parse(File.ReadAllText(path))!;
        config["chat_template"] = template;
        File.WriteAllText(path, config.ToJsonString());
        return RewardModel.Load(_folder.File("reward"), Options);
    }
}
