using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using TorchSharp;

namespace SeaGrpc.Modeling.Tests;

/// <summary>Prompts that are read once for all who have them in common.</summary>
public sealed class PromptReadingTests
{
    private static readonly int[] Beginning = [.. Enumerable.Range(0, 300).Select(index => 5 + (index * 7 % 90))];

    [Fact]
    public void Equal_prompts_in_use_are_one_reading_and_are_read_again_when_nobody_uses_them()
    {
        using var models = TinyModels.Load();
        var decoder = models.Policy.Decoder;
        PromptReading first = decoder.Read(Beginning);
        PromptReading second = decoder.Read([.. Beginning]);
        Assert.Same(first, second);
        first.Dispose();
        Assert.Equal(Beginning.Length, second.Cache.Length);
        second.Dispose();
        using PromptReading third = decoder.Read(Beginning);
        Assert.NotSame(first, third);
    }

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(256)]
    [InlineData(300)]
    public void A_prompt_that_begins_like_another_has_the_same_numbers_as_alone(int common)
    {
        using var models = TinyModels.Load();
        var decoder = models.Policy.Decoder;
        int[] prompt = [.. Beginning.Take(common), 9, 8, 7];
        float[] alone = LastOf(decoder, prompt);
        using PromptReading other = decoder.Read(Beginning);
        Assert.Equal(alone, LastOf(decoder, prompt));
    }

    [Fact]
    public void A_prompt_that_is_the_beginning_of_another_is_read_to_its_own_end()
    {
        using var models = TinyModels.Load();
        var decoder = models.Policy.Decoder;
        float[] alone = LastOf(decoder, Beginning[..256]);
        using PromptReading longer = decoder.Read(Beginning);
        Assert.Equal(alone, LastOf(decoder, Beginning[..256]));
    }

    private static float[] LastOf(TransformerDecoder decoder, int[] prompt)
    {
        using PromptReading reading = decoder.Read(prompt);
        return [.. reading.Last.to(torch.ScalarType.Float32).data<float>()];
    }
}
