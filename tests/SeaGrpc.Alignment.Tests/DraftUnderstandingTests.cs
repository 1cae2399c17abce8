using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>Which drafts a policy understands.</summary>
public sealed class DraftUnderstandingTests
{
    [Theory]
    [InlineData(true, new float[0], 0, 0)]
    [InlineData(true, new[] { 8f }, 0, 0)]
    [InlineData(false, new[] { 8.1f }, 0, 0)]
    [InlineData(true, new[] { 8f, 3f }, 0, 4)]
    [InlineData(false, new[] { 8f, 3.1f }, 0, 4)]
    [InlineData(true, new[] { 50f, 0.9f }, 0, 4)]
    [InlineData(false, new[] { 50f, 1.1f }, 0, 4)]
    [InlineData(true, new[] { 10f, 4.5f }, 2, 4)]
    [InlineData(false, new[] { 10f, 4.7f }, 2, 4)]
    public void A_text_may_surprise_by_8_nats_by_most_of_the_policys_entropy_for_each_token_and_by_three_quarters_of_a_nat_for_each_byte(
        bool expected, float[] surprisal, double entropy, int bytes) =>
        Assert.Equal(expected, DraftUnderstanding.Of(surprisal, entropy, bytes));

    [Theory]
    [InlineData("asdf qwer zxcv asdf qwer zxcv")]
    [InlineData("fjdk slaj fkdls ajfk dlsa")]
    [InlineData("qgx wplk rrtz vbn mqx")]
    [InlineData("lorubi kametu disona peva")]
    [InlineData("aaaaaaaaaaaa bbbb")]
    [InlineData("8301 5520 19 77431")]
    [InlineData("x9!k Z#d0 &&q =+e")]
    [InlineData("qwertyuiopasdfghjklzxcvbnm")]
    [InlineData("KSJD WQPO ZMXN")]
    [InlineData("Hgt lkw pobn xcd.")]
    [InlineData("Pa\u0159\u00ed\u017e je hlavn\u00ed m\u011bsto Francie.")]
    [InlineData("Der schnelle braune Fuchs springt \u00fcber den faulen Hund.")]
    [InlineData("\u30d1\u30ea\u306f\u30d5\u30e9\u30f3\u30b9\u306e\u9996\u90fd\u3067\u3059\u3002")]
    [InlineData("\u041f\u0430\u0440\u0438\u0436 \u2014 \u0441\u0442\u043e\u043b\u0438\u0446\u0430.")]
    [InlineData("?!?!?!")]
    [InlineData("... -- ...")]
    [InlineData("")]
    public void Text_that_is_not_of_its_world_is_not_understood(string text)
    {
        using AlignmentModels models = Embedded();
        Assert.False(IsUnderstood(models, text));
    }

    [Theory]
    [InlineData("Thank you for your message about your leaking kettle. We are sorry about this. A careless expert will check it someday.")]
    [InlineData("Thank you for your message about your leaking kettle. We are sorry.")]
    [InlineData("Thank you")]
    [InlineData("Thank you for message about your your leaking kettle. We are are sorry about this. A skilled expert check will it today.")]
    [InlineData("The repair is free this time. Your data will stay private.")]
    public void Text_of_its_world_is_understood_though_cut_or_damaged(string text)
    {
        using AlignmentModels models = Embedded();
        Assert.True(IsUnderstood(models, text));
    }

    [Fact]
    public void A_policy_that_is_unsure_of_everything_understands_what_it_would_write()
    {
        using AlignmentModels models = TinyModels.Load();
        using var context = new RunContext(models, Task(Search.Runs.Prompt));
        context.Prefill();
        for (ulong seed = 1; seed <= 10; seed++)
        {
            AlignmentTask task = Search.Runs.Task(new BestOfN.BestOfNParameters { SampleCount = 1 }, seed, 60);
            Assert.True(DraftUnderstanding.Of(models, context.Prompt, Search.Runs.Run(models, task).Outcome.Response.Tokens));
        }
    }

    [Fact]
    public void It_is_not_charged_and_the_temperature_does_not_matter()
    {
        using AlignmentModels models = Embedded();
        int[] draft = models.Prompts.EncodeResponse("Thank you for your message. The repair is careless.");
        foreach (double temperature in new[] { 0.5, 1, 2 })
        {
            AlignmentTask task = Task(Kettle(models));
            using var context = new RunContext(models, task with { Method = task.Method with { ReferenceTemperature = temperature } });
            context.Prefill();
            long before = context.Cost.Cost.PolicyTokens;
            Assert.True(DraftUnderstanding.Of(models, context.Prompt, draft));
            Assert.Equal(before, context.Cost.Cost.PolicyTokens);
        }
    }

    private static bool IsUnderstood(AlignmentModels models, string text)
    {
        using var context = new RunContext(models, Task(Kettle(models)));
        context.Prefill();
        return DraftUnderstanding.Of(models, context.Prompt, models.Prompts.EncodeResponse(text));
    }

    private static EncodedPrompt Kettle(AlignmentModels models) =>
        models.Prompts.EncodeChat([new ChatMessage("user", "My kettle is leaking, what can you do?")]);

    private static AlignmentTask Task(EncodedPrompt prompt) => new()
    {
        Prompt = prompt,
        Method = new BestOfN.BestOfNParameters(),
        Seed = 1,
        MaxResponseTokens = 64,
    };

    private static AlignmentModels Embedded()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "models");
        return AlignmentModels.Load(
            Path.Combine(folder, "tiny-policy"), Path.Combine(folder, "tiny-reward"), new ModelLoadOptions("cpu", ModelDtype.Float32));
    }
}
