using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Decoding;

public sealed class GumbelNoiseTests
{
    [Fact]
    public void The_posterior_has_the_chosen_token_as_its_argmax_even_where_it_is_most_unlikely()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        Tensor logits = randn([500, 50], generator: generator).Times(10);
        Tensor chosen = randint(0, 50, [500, 1], generator: generator);

        Tensor start = Posterior(logits, chosen, generator);

        Assert.True(start.argmax(-1).eq(chosen.flatten()).all().item<bool>());
    }

    [Fact]
    public void Over_sampled_choices_the_posterior_is_free_Gumbel_noise()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        Tensor logits = nn.functional.log_softmax(tensor(new[] { 1f, 0f, -2f, 0.5f }), -1).expand(40000, 4);
        Tensor chosen = logits.Plus(GumbelNoise.Sample([40000, 4], generator, CPU)).argmax(-1, keepdim: true);

        Tensor noise = Posterior(logits, chosen, generator) - logits;

        // A standard Gumbel has mean 0.5772 and variance pi^2 / 6, in every column.
        foreach (float mean in noise.mean([0L]).data<float>())
        {
            Assert.InRange(mean, 0.5772f - 0.03f, 0.5772f + 0.03f);
        }

        foreach (float variance in noise.var(0).data<float>())
        {
            Assert.InRange(variance, 1.645f - 0.07f, 1.645f + 0.07f);
        }
    }

    [Fact]
    public void Forbidden_tokens_stay_forbidden()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        Tensor start = Posterior(
            tensor(new[,] { { 0f, float.NegativeInfinity, 1f } }), tensor(new long[,] { { 0 } }), generator);

        Assert.Equal(float.NegativeInfinity, start[0, 1].item<float>());
        Assert.True(float.IsFinite(start[0, 2].item<float>()));
    }

    private static Tensor Posterior(Tensor logits, Tensor chosen, Generator generator) =>
        GumbelNoise.Posterior(logits, chosen, GumbelNoise.Draw(logits.shape[0], logits.shape[1], generator, CPU));
}
